// Reading what the command line names, and writing what it asks for.

#ifndef QUOIN_SRC_CLI_FILES_H_
#define QUOIN_SRC_CLI_FILES_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/secret.h"
#include "src/os/unique_fd.h"

namespace quoin::cli {

// The largest file of evidence: what parse_receipt() reads at most.
inline constexpr size_t kMaxInputBytes = size_t{16} << 20;

// Reads files and, once, standard input. Not thread-safe.
class Inputs {
 public:
  // `stdin_fd` is borrowed.
  explicit Inputs(int stdin_fd) : stdin_fd_(stdin_fd) {}

  // The contents of the file, or of standard input for "-". Fails with not_found, permission, io,
  // too_large (over `max_bytes`, however long it would go on), or invalid_argument (a directory,
  // standard input a second time).
  Result<Bytes> read(std::string_view path, size_t max_bytes = kMaxInputBytes);

  // The same for a secret: no copy of it is left behind.
  Result<SecretBytes> read_secret(std::string_view path, size_t max_bytes);

 private:
  struct Opened {
    UniqueFd file;  // none where it is standard input
    int fd;
    std::string name;
  };
  Result<Opened> open(std::string_view path);

  int stdin_fd_;
  bool stdin_read_ = false;
};

// A file that is read from its beginning to its end, or standard input. Not thread-safe.
class InputStream {
 public:
  // The file, or `stdin_fd`, which is borrowed, for "-". Fails with permission, io, or
  // invalid_argument (there is no such file, or it is a directory).
  static Result<InputStream> open(std::string_view path, int stdin_fd);

  InputStream(InputStream&& other) noexcept;
  InputStream& operator=(InputStream&&) = delete;
  ~InputStream();

  // The next bytes: 1 to as many as `out` has, and 0 at the end. Fails with io.
  Result<size_t> read(std::span<uint8_t> out) const;

  // How large it is, of a regular file.
  std::optional<uint64_t> size() const;

 private:
  InputStream(int fd, bool is_owned, std::string name);

  int fd_;
  bool is_owned_;
  std::string name_;  // for messages
};

// A file that is being written: nobody sees it under its name until commit(). What is not committed
// is taken away again. Not thread-safe.
class PendingFile {
 public:
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  // Appends. Fails with io or permission.
  Result<void> write(ByteView bytes) const;

  // Puts it under its name, whole and on the disk; once. Fails as write_file() does.
  Result<void> commit();

 private:
  friend class OutputFile;
  PendingFile(int directory, std::string path, std::string name, std::string temporary,
              mode_t mode);

  int directory_;  // its own
  int fd_ = -1;
  std::string path_;  // as it was given, for messages
  std::string name_;
  std::string temporary_;  // empty when there is nothing to take away
  mode_t mode_;
};

// A file to be written later, in the directory that its path leads to now: whoever exchanges
// directories for links meanwhile, as a guest may in its own, redirects nothing. Not thread-safe.
class OutputFile {
 public:
  // Opens the directory, and fails as write_file() does when by the looks of it the file could not
  // be written. Nothing is written yet.
  static Result<OutputFile> open(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  // Begins to write the file, which will have that mode: 0600, say. Fails as write_file() does.
  Result<PendingFile> begin(mode_t mode) const;

  // As write_file() does.
  Result<void> write(ByteView contents) const;

 private:
  OutputFile(int directory, std::string path, std::string name);

  Result<void> check() const;

  int directory_;
  std::string path_;  // as it was given, for messages
  std::string name_;
};

// Makes or replaces the file, mode 0644, all or nothing: whoever opens it finds the old contents or
// the new. Fails with io, permission, not_found, or invalid_argument when something is there that
// is not a regular file.
Result<void> write_file(const std::string& path, ByteView contents);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_FILES_H_
