// Reading what the command line names, and writing what it asks for.

#ifndef QUOIN_SRC_CLI_FILES_H_
#define QUOIN_SRC_CLI_FILES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"

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

 private:
  int stdin_fd_;
  bool stdin_read_ = false;
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

  // As write_file() does.
  Result<void> write(ByteView contents) const;

 private:
  OutputFile(int directory, std::string path, std::string name);

  Result<void> check() const;
  Result<void> write_and_rename(const std::string& temporary, ByteView contents) const;

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
