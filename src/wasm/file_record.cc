#include "src/wasm/file_record.h"

#include <unistd.h>

#include "src/base/try.h"
#include "src/os/unique_fd.h"

namespace quoin {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;

Error changed(const FileName& name) {
  return {ErrorCode::refused, "an input changed while the program ran: " + name.path,
          "run it again, with nobody writing to the directory"};
}

}  // namespace

Result<StreamDigest> hash_file(int fd, Deadline deadline) {
  Sha256 hash;
  StreamDigest digest;
  Bytes piece(kPieceBytes);
  for (;;) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return Error{ErrorCode::timed_out, "hashing files took too long"};
    }
    const ssize_t got = pread(fd, piece.data(), piece.size(), static_cast<off_t>(digest.size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", errno);
    if (got == 0) break;
    hash.update(ByteView(piece).first(static_cast<size_t>(got)));
    digest.size += static_cast<uint64_t>(got);
  }
  digest.sha256 = hash.finish();
  return digest;
}

Result<void> FileRecord::open_to_read(const FileName& name, int fd, const struct stat& about,
                                      Deadline deadline) {
  const FileState state(about);
  // What the run itself wrote is no input.
  if (written_.contains(state.inode)) return {};
  const auto known = known_.find(state);
  const StreamDigest digest = known != known_.end() ? known->second : TRY(hash_file(fd, deadline));
  if (known_.size() < kMaxRecordedFiles) known_.emplace(state, digest);
  const auto [entry, is_new] = inputs_.emplace(name, digest);
  if (inputs_.size() > kMaxRecordedFiles) {
    return Error{ErrorCode::too_large,
                 "the program read more than " + std::to_string(kMaxRecordedFiles) + " files"};
  }
  // Also where the program itself put another file there: the record has one digest for a name.
  if (!is_new && entry->second.sha256 != digest.sha256) return changed(name);
  return {};
}

Result<void> FileRecord::open_to_write(const FileName& name, const struct stat& about) {
  written_.emplace(about.st_dev, about.st_ino);
  return add_output(name);
}

Result<void> FileRecord::close_read(const FileName& name, int fd, const FileState& opened,
                                    Deadline deadline) const {
  struct stat about{};
  if (fstat(fd, &about) != 0) return system_error("fstat", errno);
  const FileState now(about);
  if (written_.contains(now.inode)) return {};
  if (now.size == opened.size && now.modified == opened.modified && now.changed == opened.changed) {
    return {};
  }
  // A new link or another owner changes the times as well: only the content counts.
  const StreamDigest digest = TRY(hash_file(fd, deadline));
  const auto known = inputs_.find(name);
  if (known == inputs_.end() || known->second.sha256 != digest.sha256) return changed(name);
  return {};
}

Result<void> FileRecord::rename(const FileName& from, const FileName& to, bool is_file) {
  if (is_file) {
    outputs_.erase(from);
    return add_output(to);
  }
  // Of a directory, everything in it moves.
  const std::string prefix = from.path + "/";
  std::vector<FileName> moved;
  for (auto entry = outputs_.lower_bound({from.preopen, prefix});
       entry != outputs_.end() && entry->preopen == from.preopen &&
       entry->path.starts_with(prefix);) {
    moved.push_back({to.preopen, to.path + "/" + entry->path.substr(prefix.size())});
    entry = outputs_.erase(entry);
  }
  outputs_.insert(moved.begin(), moved.end());
  return {};
}

Result<void> FileRecord::link(const FileName& name) { return add_output(name); }

Result<void> FileRecord::add_output(const FileName& name) {
  outputs_.insert(name);
  if (outputs_.size() > kMaxRecordedFiles) {
    return Error{ErrorCode::too_large,
                 "the program wrote more than " + std::to_string(kMaxRecordedFiles) + " files"};
  }
  return {};
}

}  // namespace quoin
