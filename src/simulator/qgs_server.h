// A quote generation service (QGS) on a socket, as Intel's runs on the host of TDs.

#ifndef QUOIN_SRC_SIMULATOR_QGS_SERVER_H_
#define QUOIN_SRC_SIMULATOR_QGS_SERVER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/simulator/faults.h"
#include "src/simulator/private_files.h"
#include "src/td/td.h"

namespace quoin::simulator {

// The message that answers a message (src/td/qgs_message.h), without lengths in front of them. Of
// TDREPORTs of the platform of `td` it makes quotes; everything else gets an error code. What
// `faults` say goes wrong besides. Thread-safe.
Bytes answer_qgs(td::Td& td, Faults& faults, ByteView message);

// A socket that listens. Movable.
class QgsServer {
 public:
  // At that path, where nothing is yet, for this user alone (mode 0600). The socket goes away with
  // the object. Fails with invalid_argument (a path that is too long, or taken) or io.
  static Result<QgsServer> listen_unix(const std::string& path);
  // On 127.0.0.1, at that port, or at any that is free when it is 0. Fails with io.
  static Result<QgsServer> listen_tcp(uint16_t port);

  ~QgsServer();
  QgsServer(QgsServer&& other) noexcept;
  QgsServer& operator=(QgsServer&&) = delete;

  // Where it listens: "unix:PATH" or "tcp:127.0.0.1:PORT".
  const std::string& address() const { return address_; }

  // Answers until `stop`, a file descriptor that nobody reads, can be read. Several connections at
  // once, each with any number of messages; one that says nothing for 30 seconds is closed, and one
  // that says what is no message is closed at once. Starts threads, which have ended when it
  // returns.
  void serve(td::Td& td, Faults& faults, int stop) const;

 private:
  QgsServer(File socket, std::string address, std::string path)
      : socket_(std::move(socket)), address_(std::move(address)), path_(std::move(path)) {}

  File socket_;
  std::string address_;
  std::string path_;  // of a Unix socket; else empty
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_QGS_SERVER_H_
