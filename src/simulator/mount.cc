#include "src/simulator/mount.h"

#include <fcntl.h>
#include <fuse.h>
#include <fuse_lowlevel.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "src/base/try.h"

namespace quoin::simulator {
namespace {

// Quotes wait for each other, and nothing else should wait for them.
constexpr unsigned kMaxThreads = 64;
constexpr std::chrono::milliseconds kSlice{5};
constexpr const char* kOptions = "default_permissions,fsname=quoin-simulated-td,subtype=quoin";

// An open file, and its lock.
struct OpenFile {
  std::mutex mutex;
  std::unique_ptr<KernelFile> file;
};

// What is mounted, and which of its files are open: each has a number, which the kernel hands back.
struct Server {
  explicit Server(GuestTree& served) : tree(served) {}

  GuestTree& tree;
  std::mutex mutex;
  std::map<uint64_t, std::shared_ptr<OpenFile>> open_files;
  uint64_t next_handle = 1;
};

Server& server() { return *static_cast<Server*>(fuse_get_context()->private_data); }

std::shared_ptr<OpenFile> open_file(const fuse_file_info& info) {
  Server& served = server();
  const std::lock_guard lock(served.mutex);
  const auto found = served.open_files.find(info.fh);
  return found == served.open_files.end() ? nullptr : found->second;
}

// What FUSE wants of an operation: 0, or the negative number of the error.
template <typename T>
int status_of(const KernelResult<T>& result) {
  return result ? 0 : -result.error().number;
}

void* on_init(fuse_conn_info* /*connection*/, fuse_config* config) {
  // That whoever waits is interrupted, libfuse says unasked up to 3.16; asked, it would send a
  // signal then that it does not take itself.
  if (fuse_version() >= FUSE_MAKE_VERSION(3, 17)) config->intr = 1;
  // What is true of a report entry can change at any time.
  config->attr_timeout = 0;
  config->entry_timeout = 0;
  config->negative_timeout = 0;
  return fuse_get_context()->private_data;
}

int on_getattr(const char* path, struct stat* status, fuse_file_info* /*info*/) {
  const KernelResult<NodeStatus> node = server().tree.status(path);
  if (!node) return status_of(node);
  status->st_mode = node->mode | (node->directory ? S_IFDIR : S_IFREG);
  status->st_nlink = node->directory ? 2 : 1;
  status->st_size = static_cast<off_t>(node->size);
  status->st_uid = geteuid();
  status->st_gid = getegid();
  return 0;
}

int on_readdir(const char* path, void* buffer, fuse_fill_dir_t fill, off_t /*offset*/,
               fuse_file_info* /*info*/, fuse_readdir_flags /*flags*/) {
  const KernelResult<std::vector<std::string>> names = server().tree.list(path);
  if (!names) return status_of(names);
  constexpr auto kNothing = static_cast<fuse_fill_dir_flags>(0);
  fill(buffer, ".", nullptr, 0, kNothing);
  fill(buffer, "..", nullptr, 0, kNothing);
  for (const std::string& name : *names) fill(buffer, name.c_str(), nullptr, 0, kNothing);
  return 0;
}

int on_mkdir(const char* path, mode_t /*mode*/) {
  return status_of(server().tree.make_directory(path));
}

int on_rmdir(const char* path) { return status_of(server().tree.remove_directory(path)); }

int on_open(const char* path, fuse_file_info* info) {
  const int mode = info->flags & O_ACCMODE;
  Server& served = server();
  KernelResult<std::unique_ptr<KernelFile>> file =
      served.tree.open(path, mode != O_WRONLY, mode != O_RDONLY);
  if (!file) return status_of(file);
  auto opened = std::make_shared<OpenFile>();
  opened->file = *std::move(file);
  const std::lock_guard lock(served.mutex);
  info->fh = served.next_handle++;
  served.open_files.emplace(info->fh, std::move(opened));
  // Each system call comes to us, with the size and the offset that it has.
  info->direct_io = 1;
  return 0;
}

int on_read(const char* /*path*/, char* buffer, size_t size, off_t offset, fuse_file_info* info) {
  const std::shared_ptr<OpenFile> opened = open_file(*info);
  if (!opened) return -EBADF;
  const std::lock_guard lock(opened->mutex);
  const KernelResult<Bytes> bytes = opened->file->read(size, static_cast<uint64_t>(offset));
  if (!bytes) return status_of(bytes);
  std::ranges::copy(as_text(*bytes), buffer);
  return static_cast<int>(bytes->size());
}

int on_write(const char* /*path*/, const char* buffer, size_t size, off_t offset,
             fuse_file_info* info) {
  const std::shared_ptr<OpenFile> opened = open_file(*info);
  if (!opened) return -EBADF;
  const std::lock_guard lock(opened->mutex);
  const KernelResult<size_t> written =
      opened->file->write(as_bytes({buffer, size}), static_cast<uint64_t>(offset));
  if (!written) return status_of(written);
  return static_cast<int>(*written);
}

// close(2) waits for this; for a file's release it does not.
int on_flush(const char* /*path*/, fuse_file_info* info) {
  if (const std::shared_ptr<OpenFile> opened = open_file(*info)) {
    const std::lock_guard lock(opened->mutex);
    opened->file->close();
  }
  return 0;
}

int on_release(const char* /*path*/, fuse_file_info* info) {
  Server& served = server();
  const std::lock_guard lock(served.mutex);
  served.open_files.erase(info->fh);
  return 0;
}

int on_ioctl(const char* /*path*/, unsigned request, void* /*argument*/, fuse_file_info* info,
             unsigned flags, void* data) {
  if ((flags & FUSE_IOCTL_DIR) != 0) return -ENOTTY;
  const std::shared_ptr<OpenFile> opened = open_file(*info);
  if (!opened) return -EBADF;
  // _IOC_SIZE: FUSE brings and takes back that many bytes.
  const size_t size = data == nullptr ? 0 : request >> 16 & 0x3fff;
  const std::lock_guard lock(opened->mutex);
  return status_of(opened->file->ioctl(request, {static_cast<uint8_t*>(data), size}));
}

// "> file" of a shell: sysfs and configfs do not mind.
int on_truncate(const char* path, off_t /*size*/, fuse_file_info* /*info*/) {
  const KernelResult<NodeStatus> node = server().tree.status(path);
  if (!node) return status_of(node);
  return (node->mode & 0222) == 0 ? -EACCES : 0;
}

int on_mknod(const char* /*path*/, mode_t /*mode*/, dev_t /*device*/) { return -EACCES; }
int on_unlink(const char* /*path*/) { return -EPERM; }

fuse_operations operations() {
  fuse_operations all{};
  all.init = on_init;
  all.getattr = on_getattr;
  all.readdir = on_readdir;
  all.mkdir = on_mkdir;
  all.rmdir = on_rmdir;
  all.open = on_open;
  all.read = on_read;
  all.write = on_write;
  all.flush = on_flush;
  all.release = on_release;
  all.ioctl = on_ioctl;
  all.truncate = on_truncate;
  all.mknod = on_mknod;
  all.unlink = on_unlink;
  return all;
}

Error mount_error(ErrorCode code, std::string what, std::string hint = {}) {
  return {code, "mount: " + std::move(what), std::move(hint)};
}

Result<void> check_directory(const std::string& directory) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(directory, error);
  if (!std::filesystem::exists(status)) {
    return mount_error(ErrorCode::not_found,
                       directory + ": " + (error ? error.message() : "not there"));
  }
  if (!std::filesystem::is_directory(status)) {
    return mount_error(ErrorCode::invalid_argument, directory + " is not a directory");
  }
  const bool empty = std::filesystem::is_empty(directory, error);
  if (error) return mount_error(ErrorCode::io, directory + ": " + error.message());
  if (!empty) {
    return mount_error(ErrorCode::invalid_argument, directory + " is not empty",
                       "what is in it could not be reached; wanted an empty directory");
  }
  return {};
}

// What libfuse takes options from.
class FuseArguments {
 public:
  FuseArguments() {
    // Of memory that there is not, fuse_new() complains.
    for (const char* word : {"quoin", "-o", kOptions}) fuse_opt_add_arg(&arguments_, word);
  }
  ~FuseArguments() { fuse_opt_free_args(&arguments_); }
  FuseArguments(const FuseArguments&) = delete;
  FuseArguments& operator=(const FuseArguments&) = delete;

  fuse_args* get() { return &arguments_; }

 private:
  fuse_args arguments_{};
};

struct FuseDeleter {
  void operator()(fuse* handle) const { fuse_destroy(handle); }
  void operator()(fuse_loop_config* config) const { fuse_loop_cfg_destroy(config); }
};

Error no_fuse(const std::string& directory) {
  return mount_error(ErrorCode::io, "FUSE does not mount at " + directory,
                     "needs /dev/fuse, and root or the program fusermount3 (Debian: fuse3)");
}

}  // namespace

KernelTime mount_time() {
  return {.now = [] { return std::chrono::steady_clock::now(); },
          .wait =
              [](std::chrono::milliseconds time) {
                const auto end = std::chrono::steady_clock::now() + time;
                fuse_session* session = fuse_get_session(fuse_get_context()->fuse);
                while (std::chrono::steady_clock::now() < end) {
                  if (fuse_interrupted() != 0 || fuse_session_exited(session) != 0) return false;
                  std::this_thread::sleep_for(kSlice);
                }
                return true;
              }};
}

Result<void> serve_mount(GuestTree& tree, const std::string& directory,
                         const std::function<void()>& mounted) {
  TRY(check_directory(directory));
  Server served(tree);
  const fuse_operations all = operations();
  FuseArguments arguments;
  const std::unique_ptr<fuse, FuseDeleter> handle(
      fuse_new(arguments.get(), &all, sizeof(all), &served));
  const std::unique_ptr<fuse_loop_config, FuseDeleter> config(fuse_loop_cfg_create());
  if (!handle || !config) return no_fuse(directory);
  fuse_loop_cfg_set_max_threads(config.get(), kMaxThreads);
  // Before the mount, so that a signal never leaves one behind.
  fuse_session* session = fuse_get_session(handle.get());
  if (fuse_set_signal_handlers(session) != 0) {
    return mount_error(ErrorCode::io, "cannot take signals");
  }
  if (fuse_mount(handle.get(), directory.c_str()) != 0) {
    fuse_remove_signal_handlers(session);
    return no_fuse(directory);
  }
  mounted();
  // The number of the signal that ended it, or 0 when somebody unmounted it.
  const int ended = fuse_loop_mt(handle.get(), config.get());
  fuse_unmount(handle.get());
  fuse_remove_signal_handlers(session);
  if (ended < 0) return mount_error(ErrorCode::io, "FUSE does not serve");
  return {};
}

}  // namespace quoin::simulator
