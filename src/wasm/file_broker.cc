#include "src/wasm/file_broker.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>

#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/wasm/guest/protocol.h"
#include "src/wasm/guest/wasi.h"

namespace quoin {
namespace {

// A path that led outside is one that the guest may not have, not one on another file system.
uint16_t resolve_error(int error) {
  return error == EXDEV ? uint16_t{WASI_NOTCAPABLE} : wasi_errno(error);
}

Answer failed(uint16_t error) { return {.error = error, .payload = {}}; }
Answer failed_to_resolve() { return failed(resolve_error(errno)); }

// The answer of a system call that gives 0 or -1.
Answer answer_of(int result) { return failed(result == 0 ? 0 : wasi_errno(errno)); }

uint8_t filetype(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return WASI_FILETYPE_REGULAR_FILE;
    case S_IFDIR:
      return WASI_FILETYPE_DIRECTORY;
    case S_IFLNK:
      return WASI_FILETYPE_SYMBOLIC_LINK;
    case S_IFCHR:
      return WASI_FILETYPE_CHARACTER_DEVICE;
    case S_IFBLK:
      return WASI_FILETYPE_BLOCK_DEVICE;
    case S_IFSOCK:
      return WASI_FILETYPE_SOCKET_STREAM;
    default:
      return WASI_FILETYPE_UNKNOWN;
  }
}

uint64_t nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

// WASI's filestat: device, inode, type, links, size, times.
Answer filestat_of(int fd) {
  struct stat about{};
  if (fstat(fd, &about) != 0) return failed(wasi_errno(errno));
  Writer writer;
  writer.u64le(about.st_dev).u64le(about.st_ino);
  writer.u8(filetype(about.st_mode)).bytes(ByteArray<7>{});
  writer.u64le(about.st_nlink).u64le(static_cast<uint64_t>(about.st_size));
  writer.u64le(nanoseconds(about.st_atim)).u64le(nanoseconds(about.st_mtim));
  writer.u64le(nanoseconds(about.st_ctim));
  return {.payload = writer.take()};
}

// Linux's times for WASI's; nothing when the flags contradict each other.
std::optional<std::array<timespec, 2>> linux_times(const NewTimes& times) {
  const auto one = [&](uint64_t value, int set, int now) -> timespec {
    if ((times.flags & now) != 0) return {0, UTIME_NOW};
    if ((times.flags & set) == 0) return {0, UTIME_OMIT};
    return {static_cast<time_t>(value / 1'000'000'000), static_cast<long>(value % 1'000'000'000)};
  };
  constexpr int kBothAccessed = WASI_FSTFLAGS_ATIM | WASI_FSTFLAGS_ATIM_NOW;
  constexpr int kBothModified = WASI_FSTFLAGS_MTIM | WASI_FSTFLAGS_MTIM_NOW;
  if ((times.flags & kBothAccessed) == kBothAccessed ||
      (times.flags & kBothModified) == kBothModified) {
    return std::nullopt;
  }
  return std::array<timespec, 2>{one(times.accessed, WASI_FSTFLAGS_ATIM, WASI_FSTFLAGS_ATIM_NOW),
                                 one(times.modified, WASI_FSTFLAGS_MTIM, WASI_FSTFLAGS_MTIM_NOW)};
}

uint8_t filetype_of_entry(unsigned char type) {
  return type == DT_UNKNOWN ? uint8_t{WASI_FILETYPE_UNKNOWN}
                            : filetype(static_cast<mode_t>(DTTOIF(type)));
}

}  // namespace

Result<FileBroker> FileBroker::open(std::span<const Preopen> preopens) {
  FileBroker broker;
  if (!preopens.empty() && !kernel_has_openat2()) {
    return Error{ErrorCode::unsupported,
                 "this kernel has no openat2, without which no directory can be shared safely"};
  }
  for (const Preopen& preopen : preopens) {
    Entry entry;
    entry.fd = TRY(owned(::open(preopen.host_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                         preopen.host_path));
    entry.preopen = broker.roots_.size();
    entry.is_directory = true;
    // A guest may close its own; ours is for the end.
    UniqueFd root = TRY(owned(fcntl(entry.fd.get(), F_DUPFD_CLOEXEC, 0), preopen.host_path));
    auto host_path = path_of(entry.fd.get());
    if (!host_path.has_value()) {
      return Error{ErrorCode::unsupported, preopen.host_path + ": cannot be found through /proc"};
    }
    broker.roots_.push_back(
        {std::move(root), preopen.guest_path, std::move(*host_path), preopen.read_only});
    broker.entries_.emplace(broker.next_id_++, std::move(entry));
  }
  return broker;
}

Result<Answer> FileBroker::handle(const FileRequest& request, Deadline deadline) {
  return std::visit([&](const auto& one) { return operation(one, deadline); }, request);
}

FileBroker::Entry* FileBroker::find(uint32_t id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

FileBroker::Entry* FileBroker::find_directory(uint32_t id, uint16_t& error) {
  Entry* entry = find(id);
  error = entry == nullptr ? WASI_BADF : entry->is_directory ? WASI_SUCCESS : WASI_NOTDIR;
  return error == WASI_SUCCESS ? entry : nullptr;
}

FileBroker::Entry* FileBroker::find_writable(uint32_t id, uint16_t& error) {
  Entry* entry = find_directory(id, error);
  if (entry != nullptr && roots_[entry->preopen].read_only) {
    error = WASI_ROFS;
    return nullptr;
  }
  return entry;
}

std::optional<FileName> FileBroker::name_of(size_t preopen, int fd) const {
  const auto path = path_of(fd);
  const std::string& root = roots_[preopen].host_path;
  if (!path.has_value() || !path->starts_with(root)) return std::nullopt;
  if (!can_be_named(std::string_view(*path).substr(root.size()))) return std::nullopt;
  if (*path == root) return FileName{preopen, ""};
  if (root == "/") return FileName{preopen, path->substr(1)};
  if ((*path)[root.size()] != '/') return std::nullopt;
  return FileName{preopen, path->substr(root.size() + 1)};
}

std::optional<FileName> FileBroker::name_of(size_t preopen, const ParentAndName& place) const {
  auto name = name_of(preopen, place.parent.get());
  if (name.has_value()) name->path += (name->path.empty() ? "" : "/") + place.name;
  return name;
}

UniqueFd FileBroker::open_target(const Entry& directory, const OpenRequest& request,
                                 bool& created) const {
  const auto asks = [&](int flag) { return (request.flags & flag) != 0; };
  int flags = asks(QUOIN_OPEN_FOLLOW) ? 0 : O_NOFOLLOW;
  created = false;
  if (asks(QUOIN_OPEN_DIRECTORY)) {
    return open_beneath(directory.fd.get(), request.place.path, flags | O_RDONLY | O_DIRECTORY);
  }
  flags |= !asks(QUOIN_OPEN_WRITE) ? O_RDONLY : asks(QUOIN_OPEN_READ) ? O_RDWR : O_WRONLY;
  if (asks(QUOIN_OPEN_TRUNCATE)) flags |= O_TRUNC;
  // To know whether we made it, we either find it or make it: each can lose against somebody else.
  constexpr int kTries = 8;
  for (int tries = 0; tries < kTries; ++tries) {
    if (!asks(QUOIN_OPEN_EXCLUSIVE) || !asks(QUOIN_OPEN_CREATE)) {
      UniqueFd found = open_beneath(directory.fd.get(), request.place.path, flags);
      if (found.valid() || errno != ENOENT || !asks(QUOIN_OPEN_CREATE)) return found;
    }
    UniqueFd made =
        open_beneath(directory.fd.get(), request.place.path, flags | O_CREAT | O_EXCL, 0644);
    created = made.valid();
    if (created || errno != EEXIST || asks(QUOIN_OPEN_EXCLUSIVE)) return made;
  }
  return UniqueFd();
}

Result<void> FileBroker::record_open(Entry& entry, const OpenRequest& request,
                                     const struct stat& about, bool created, Deadline deadline) {
  const auto asks = [&](int flag) { return (request.flags & flag) != 0; };
  const bool writes = asks(QUOIN_OPEN_WRITE) || asks(QUOIN_OPEN_TRUNCATE) || created;
  const bool reads = asks(QUOIN_OPEN_READ) || !asks(QUOIN_OPEN_WRITE);
  if (reads && !created && !asks(QUOIN_OPEN_TRUNCATE)) {
    TRY(record_.open_to_read(entry.name, entry.fd.get(), about, deadline));
    if (!writes) entry.state = FileState(about);
  }
  if (writes) TRY(record_.open_to_write(entry.name, about));
  return {};
}

Result<Answer> FileBroker::operation(const OpenRequest& request, Deadline deadline) {
  uint16_t error = 0;
  const Entry* directory = find_directory(request.place.directory, error);
  if (directory == nullptr) return failed(error);
  if (entries_.size() >= QUOIN_MAX_FDS) return failed(WASI_NFILE);
  constexpr int kChanges = QUOIN_OPEN_WRITE | QUOIN_OPEN_CREATE | QUOIN_OPEN_TRUNCATE;
  const bool is_directory = (request.flags & QUOIN_OPEN_DIRECTORY) != 0;
  if (is_directory && (request.flags & (QUOIN_OPEN_CREATE | QUOIN_OPEN_TRUNCATE)) != 0) {
    return failed(WASI_INVAL);
  }
  if (!is_directory && (request.flags & kChanges) != 0 && roots_[directory->preopen].read_only) {
    return failed(WASI_ROFS);
  }
  Entry entry;
  bool created = false;
  entry.fd = open_target(*directory, request, created);
  if (!entry.fd.valid()) return failed_to_resolve();
  entry.preopen = directory->preopen;
  struct stat about{};
  if (fstat(entry.fd.get(), &about) != 0) return failed(wasi_errno(errno));
  entry.is_directory = S_ISDIR(about.st_mode);
  if (!entry.is_directory && !S_ISREG(about.st_mode)) return failed(WASI_NOTCAPABLE);

  Answer answer;
  if (!entry.is_directory) {
    auto name = name_of(entry.preopen, entry.fd.get());
    if (!name.has_value() && (created || (request.flags & QUOIN_OPEN_TRUNCATE) != 0)) {
      return Error{ErrorCode::refused, "the program changed a file whose name cannot be told"};
    }
    if (!name.has_value()) return failed(WASI_NOENT);
    entry.name = std::move(*name);
    TRY(record_open(entry, request, about, created, deadline));
    answer.fd = entry.fd.get();
  }
  Writer writer;
  writer.u32le(next_id_).u8(filetype(about.st_mode));
  answer.payload = writer.take();
  entries_.emplace(next_id_++, std::move(entry));
  return answer;
}

Result<Answer> FileBroker::operation(const CloseRequest& request, Deadline deadline) {
  const auto found = entries_.find(request.id);
  if (found == entries_.end()) return failed(WASI_BADF);
  const Entry& entry = found->second;
  if (entry.state.has_value()) {
    TRY(record_.close_read(entry.name, entry.fd.get(), *entry.state, deadline));
  }
  entries_.erase(found);
  return Answer{};
}

Result<Answer> FileBroker::operation(const StatRequest& request, Deadline) {
  const Entry* entry = find(request.id);
  return entry == nullptr ? failed(WASI_BADF) : filestat_of(entry->fd.get());
}

Result<Answer> FileBroker::operation(const SyncRequest& request, Deadline) {
  const Entry* entry = find(request.id);
  if (entry == nullptr) return failed(WASI_BADF);
  return answer_of(fsync(entry->fd.get()));
}

Result<Answer> FileBroker::operation(const SetTimesRequest& request, Deadline) {
  const Entry* entry = find(request.id);
  if (entry == nullptr) return failed(WASI_BADF);
  if (roots_[entry->preopen].read_only) return failed(WASI_ROFS);
  const auto times = linux_times(request.times);
  if (!times.has_value()) return failed(WASI_INVAL);
  return answer_of(futimens(entry->fd.get(), times->data()));
}

Result<Answer> FileBroker::operation(const ReadDirectoryRequest& request, Deadline) {
  uint16_t error = 0;
  const Entry* directory = find_directory(request.id, error);
  if (directory == nullptr) return failed(error);
  if (request.cookie > INT64_MAX) return failed(WASI_INVAL);
  const int fd = directory->fd.get();
  if (lseek(fd, static_cast<off_t>(request.cookie), SEEK_SET) < 0) {
    return failed(wasi_errno(errno));
  }
  Writer writer;
  alignas(dirent64) std::array<char, size_t{32} * 1024> buffer;
  while (writer.size() < request.max_bytes) {
    const ssize_t got = getdents64(fd, buffer.data(), buffer.size());
    if (got < 0) return failed(wasi_errno(errno));
    if (got == 0) break;
    for (size_t at = 0; at < static_cast<size_t>(got);) {
      // Copied out field by field: the kernel's records are not ours to cast to.
      dirent64 head{};
      constexpr size_t kHeadBytes = offsetof(dirent64, d_name);
      std::memcpy(&head, buffer.data() + at, kHeadBytes);
      const std::string_view name(buffer.data() + at + kHeadBytes);
      // What lies above the directory is none of the guest's business.
      const uint64_t inode = name == ".." ? 0 : head.d_ino;
      writer.u64le(static_cast<uint64_t>(head.d_off)).u64le(inode);
      writer.u32le(static_cast<uint32_t>(name.size())).u8(filetype_of_entry(head.d_type));
      writer.bytes(ByteArray<3>{}).bytes(as_bytes(name));
      at += head.d_reclen;
    }
  }
  Answer answer{.payload = writer.take()};
  answer.payload.resize(std::min<size_t>(answer.payload.size(), request.max_bytes));
  return answer;
}

Result<Answer> FileBroker::operation(const PathStatRequest& request, Deadline) {
  uint16_t error = 0;
  const Entry* directory = find_directory(request.place.directory, error);
  if (directory == nullptr) return failed(error);
  const UniqueFd target = open_beneath(directory->fd.get(), request.place.path,
                                       O_PATH | (request.follow ? 0 : O_NOFOLLOW));
  return target.valid() ? filestat_of(target.get()) : failed_to_resolve();
}

Result<Answer> FileBroker::operation(const PathSetTimesRequest& request, Deadline) {
  uint16_t error = 0;
  const Entry* directory = find_writable(request.place.directory, error);
  if (directory == nullptr) return failed(error);
  const auto times = linux_times(request.times);
  if (!times.has_value()) return failed(WASI_INVAL);
  const UniqueFd target = open_beneath(directory->fd.get(), request.place.path,
                                       O_PATH | (request.follow ? 0 : O_NOFOLLOW));
  if (!target.valid()) return failed_to_resolve();
  return answer_of(utimensat(target.get(), "", times->data(), AT_EMPTY_PATH));
}

Result<Answer> FileBroker::operation(const MakeDirectoryRequest& request, Deadline) {
  uint16_t error = 0;
  const Entry* directory = find_writable(request.place.directory, error);
  if (directory == nullptr) return failed(error);
  const auto place = open_parent(directory->fd.get(), request.place.path, true);
  if (!place.has_value()) return failed_to_resolve();
  return answer_of(mkdirat(place->parent.get(), place->name.c_str(), 0755));
}

Result<Answer> FileBroker::operation(const RemoveDirectoryRequest& request, Deadline) {
  uint16_t error = 0;
  const Entry* directory = find_writable(request.place.directory, error);
  if (directory == nullptr) return failed(error);
  const auto place = open_parent(directory->fd.get(), request.place.path, true);
  if (!place.has_value()) return failed_to_resolve();
  return answer_of(unlinkat(place->parent.get(), place->name.c_str(), AT_REMOVEDIR));
}

Result<Answer> FileBroker::operation(const UnlinkRequest& request, Deadline) {
  uint16_t error = 0;
  const Entry* directory = find_writable(request.place.directory, error);
  if (directory == nullptr) return failed(error);
  const auto place = open_parent(directory->fd.get(), request.place.path, false);
  if (!place.has_value()) return failed_to_resolve();
  return answer_of(unlinkat(place->parent.get(), place->name.c_str(), 0));
}

Result<Answer> FileBroker::operation(const RenameRequest& request, Deadline) {
  uint16_t error = 0;
  const Entry* from_directory = find_writable(request.from.directory, error);
  if (from_directory == nullptr) return failed(error);
  const Entry* to_directory = find_writable(request.to.directory, error);
  if (to_directory == nullptr) return failed(error);
  const auto from = open_parent(from_directory->fd.get(), request.from.path, true);
  if (!from.has_value()) return failed_to_resolve();
  const auto to = open_parent(to_directory->fd.get(), request.to.path, true);
  if (!to.has_value()) return failed_to_resolve();
  const auto old_name = name_of(from_directory->preopen, *from);
  const auto new_name = name_of(to_directory->preopen, *to);
  if (!old_name.has_value() || !new_name.has_value()) return failed(WASI_NOENT);
  if (renameat(from->parent.get(), from->name.c_str(), to->parent.get(), to->name.c_str()) != 0) {
    return failed(wasi_errno(errno));
  }
  struct stat about{};
  const bool known = fstatat(to->parent.get(), to->name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
  TRY(record_.rename(*old_name, *new_name, known && S_ISREG(about.st_mode)));
  return Answer{};
}

Result<Answer> FileBroker::operation(const SymlinkRequest& request, Deadline) {
  uint16_t error = 0;
  const Entry* directory = find_writable(request.place.directory, error);
  if (directory == nullptr) return failed(error);
  if (request.target.find('\0') != std::string::npos) return failed(WASI_ILSEQ);
  // One that could only be meant for somebody who is not confined.
  if (request.target.starts_with('/')) return failed(WASI_NOTCAPABLE);
  const auto place = open_parent(directory->fd.get(), request.place.path, false);
  if (!place.has_value()) return failed_to_resolve();
  return answer_of(symlinkat(request.target.c_str(), place->parent.get(), place->name.c_str()));
}

Result<Answer> FileBroker::operation(const LinkRequest& request, Deadline) {
  uint16_t error = 0;
  // Through a second name in a writable directory the file could be written to, so that the first
  // must be in one too.
  const Entry* from_directory = find_writable(request.from.directory, error);
  if (from_directory == nullptr) return failed(error);
  const Entry* to_directory = find_writable(request.to.directory, error);
  if (to_directory == nullptr) return failed(error);
  if (request.follow) return failed(WASI_NOTSUP);
  const auto from = open_parent(from_directory->fd.get(), request.from.path, false);
  if (!from.has_value()) return failed_to_resolve();
  const auto to = open_parent(to_directory->fd.get(), request.to.path, false);
  if (!to.has_value()) return failed_to_resolve();
  const auto new_name = name_of(to_directory->preopen, *to);
  if (!new_name.has_value()) return failed(WASI_NOENT);
  if (linkat(from->parent.get(), from->name.c_str(), to->parent.get(), to->name.c_str(), 0) != 0) {
    return failed(wasi_errno(errno));
  }
  TRY(record_.link(*new_name));
  return Answer{};
}

Result<Answer> FileBroker::operation(const ReadLinkRequest& request, Deadline) {
  uint16_t error = 0;
  const Entry* directory = find_directory(request.place.directory, error);
  if (directory == nullptr) return failed(error);
  const auto place = open_parent(directory->fd.get(), request.place.path, false);
  if (!place.has_value()) return failed_to_resolve();
  std::array<char, PATH_MAX> buffer;
  const ssize_t size =
      readlinkat(place->parent.get(), place->name.c_str(), buffer.data(), buffer.size());
  if (size < 0) return failed(wasi_errno(errno));
  const ByteView text = as_bytes({buffer.data(), static_cast<size_t>(size)});
  return Answer{.payload = {text.begin(), text.end()}};
}

Result<void> FileBroker::finish(RunRecord& record, Deadline deadline) {
  for (const auto& [id, entry] : entries_) {
    if (!entry.state.has_value()) continue;
    TRY(record_.close_read(entry.name, entry.fd.get(), *entry.state, deadline));
  }
  const auto guest_path = [&](const FileName& name) {
    return roots_[name.preopen].guest_path + "/" + name.path;
  };
  for (const auto& [name, digest] : record_.inputs()) {
    record.inputs.push_back({guest_path(name), digest.sha256, digest.size});
  }
  for (const FileName& name : record_.outputs()) {
    // Names here have no symbolic links in them; one that has by now was put there by others.
    const UniqueFd& root = roots_[name.preopen].fd;
    const UniqueFd file = open_beneath(root.get(), name.path, O_RDONLY | O_NOFOLLOW);
    struct stat about{};
    const bool is_gone =
        !file.valid() && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EXDEV);
    if (!file.valid() && !is_gone) {
      return system_error("reading the output " + guest_path(name), errno);
    }
    if (is_gone || fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) continue;
    const StreamDigest digest = TRY(hash_file(file.get(), deadline));
    record.outputs.push_back({guest_path(name), digest.sha256, digest.size});
  }
  const auto by_path = [](const FileDigest& a, const FileDigest& b) {
    return a.guest_path < b.guest_path;
  };
  std::ranges::sort(record.inputs, by_path);
  std::ranges::sort(record.outputs, by_path);
  return {};
}

}  // namespace quoin
