// Where a quote generation service listens.

#ifndef QUOIN_SRC_TD_QGS_ADDRESS_H_
#define QUOIN_SRC_TD_QGS_ADDRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "quoin/result.h"

namespace quoin::td {

// The context id that a guest has for its host (VMADDR_CID_HOST).
inline constexpr uint32_t kVsockHost = 2;
// qgs.conf's port.
inline constexpr uint32_t kQgsPort = 4050;

struct VsockAddress {
  uint32_t cid = kVsockHost;
  uint32_t port = kQgsPort;
};

// A numeric address: who resolves names for a TD is somebody else. "localhost" is 127.0.0.1.
struct TcpAddress {
  std::string host;
  uint16_t port = kQgsPort;
};

struct UnixAddress {
  std::string path;
};

using QgsAddress = std::variant<VsockAddress, TcpAddress, UnixAddress>;

// Reads "vsock:CID:PORT", "tcp:HOST:PORT" (an IPv6 address in square brackets) or "unix:PATH"; "//"
// may stand behind the first colon, and CID, PORT and ":" may be left out of vsock. Fails with
// invalid_argument, and with unsupported for "http://" and "https://": QGS does not speak HTTP.
Result<QgsAddress> parse_qgs_address(std::string_view text);

// The same address as a text that parse_qgs_address() reads.
std::string to_string(const QgsAddress& address);

// The vsock port in the text of Intel's /etc/tdx-attest.conf: the first line "port = NUMBER", as
// libtdx_attest reads it. Lines that begin with "#" are comments, other lines mean nothing. None
// where there is no such line. Fails with malformed for a number that is no port (1 to 65535).
Result<std::optional<uint32_t>> parse_attest_conf(std::string_view text);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_QGS_ADDRESS_H_
