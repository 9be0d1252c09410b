// WASI's fd_* functions. Files are read and written here, directly; what needs a name or changes a
// directory goes to the broker.

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "guest.h"
#include "wasi_functions.h"

enum {
  RIGHT_FD_READ = 1 << 1,
  RIGHT_FD_SEEK = 1 << 2,
  RIGHT_FD_TELL = 1 << 5,
  RIGHT_FD_WRITE = 1 << 6,
  RIGHT_POLL = 1 << 27,
  FDFLAG_APPEND = 1,
  MAX_IOVS = 1024
};

static const uint64_t kAllRights = (UINT64_C(1) << 30) - 1;

static struct quoin_fd fds[QUOIN_MAX_FDS];

struct quoin_fd* quoin_fd(uint32_t fd) {
  return fd < QUOIN_MAX_FDS && fds[fd].kind != QUOIN_FD_FREE ? &fds[fd] : NULL;
}

struct quoin_fd* quoin_fd_slot(int fd) { return &fds[fd]; }

int quoin_free_fd(void) {
  for (int fd = 0; fd < QUOIN_MAX_FDS; ++fd) {
    if (fds[fd].kind == QUOIN_FD_FREE) return fd;
  }
  return -1;
}

void quoin_open_standard_streams(void) {
  fds[0] = (struct quoin_fd){.kind = QUOIN_FD_STDIN, .rights = RIGHT_FD_READ | RIGHT_POLL};
  for (int fd = 1; fd <= 2; ++fd) {
    fds[fd] = (struct quoin_fd){
        .kind = QUOIN_FD_OUTPUT, .linux_fd = fd, .rights = RIGHT_FD_WRITE | RIGHT_POLL};
  }
}

void quoin_add_preopen(uint32_t id, const char* name) {
  const int fd = quoin_free_fd();
  if (fd < 0) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  // fd_read and the like are a file's: without them a program cannot take this for a stream.
  const uint64_t directory = kAllRights & ~(uint64_t)(RIGHT_FD_SEEK | RIGHT_FD_TELL);
  fds[fd] = (struct quoin_fd){.kind = QUOIN_FD_DIRECTORY,
                              .id = id,
                              .rights = directory,
                              .inheriting = kAllRights,
                              .preopen_name = name};
}

static uint16_t result_of(int64_t result) { return result < 0 ? wasi_errno(errno) : WASI_SUCCESS; }

// The entry if it is a file; else why it is not.
static uint16_t file_of(uint32_t fd, struct quoin_fd** entry) {
  *entry = quoin_fd(fd);
  if (*entry == NULL) return WASI_BADF;
  if ((*entry)->kind == QUOIN_FD_DIRECTORY) return WASI_ISDIR;
  return (*entry)->kind == QUOIN_FD_FILE ? WASI_SUCCESS : WASI_SPIPE;
}

// Translates `count` iovecs (u32 address, u32 length). All of them are checked before any is used.
static uint16_t read_iovs(uint32_t address, uint32_t count, struct iovec* parts) {
  if (count > MAX_IOVS) return WASI_INVAL;
  const uint8_t* iovs = quoin_memory_array(address, count, 8);
  if (iovs == NULL) return WASI_FAULT;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t size = quoin_get_u32(iovs + 8 * i + 4);
    parts[i].iov_base = quoin_memory(quoin_get_u32(iovs + 8 * i), size);
    parts[i].iov_len = size;
    if (parts[i].iov_base == NULL) return WASI_FAULT;
  }
  return WASI_SUCCESS;
}

static uint16_t read_stdin(const struct iovec* parts, uint32_t count, size_t* read) {
  for (uint32_t i = 0; i < count; ++i) {
    if (parts[i].iov_len == 0) continue;
    struct quoin_message message;
    quoin_begin(&message, QUOIN_OP_READ_STDIN);
    const size_t wanted = parts[i].iov_len < QUOIN_MAX_PIECE ? parts[i].iov_len : QUOIN_MAX_PIECE;
    quoin_put_u32(&message, (uint32_t)wanted);
    const struct quoin_answer answer = quoin_ask(&message);
    if (answer.error != 0) return answer.error;
    if (answer.size > wanted) quoin_give_up(QUOIN_GIVE_UP_SETUP);
    memcpy(parts[i].iov_base, answer.payload, answer.size);
    *read = answer.size;
    return WASI_SUCCESS;
  }
  return WASI_SUCCESS;
}

uint32_t quoin_wasi_fd_read(uint32_t fd, uint32_t iovs, uint32_t count, uint32_t result) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  if (entry->kind == QUOIN_FD_DIRECTORY) return WASI_ISDIR;
  if ((entry->rights & RIGHT_FD_READ) == 0) return WASI_BADF;
  struct iovec parts[MAX_IOVS];
  uint16_t error = read_iovs(iovs, count, parts);
  if (error != 0) return error;
  size_t size = 0;
  if (entry->kind == QUOIN_FD_STDIN) {
    error = read_stdin(parts, count, &size);
  } else {
    const ssize_t read = readv(entry->linux_fd, parts, (int)count);
    error = result_of(read);
    size = (size_t)read;
  }
  if (error != 0) return error;
  return quoin_store_u32(result, (uint32_t)size) ? WASI_SUCCESS : WASI_FAULT;
}

uint32_t quoin_wasi_fd_write(uint32_t fd, uint32_t iovs, uint32_t count, uint32_t result) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  if (entry->kind == QUOIN_FD_DIRECTORY) return WASI_ISDIR;
  if ((entry->rights & RIGHT_FD_WRITE) == 0) return WASI_BADF;
  struct iovec parts[MAX_IOVS];
  const uint16_t error = read_iovs(iovs, count, parts);
  if (error != 0) return error;
  if ((entry->flags & FDFLAG_APPEND) != 0 && entry->kind == QUOIN_FD_FILE &&
      lseek(entry->linux_fd, 0, SEEK_END) < 0) {
    return wasi_errno(errno);
  }
  const ssize_t size = writev(entry->linux_fd, parts, (int)count);
  if (size < 0) return wasi_errno(errno);
  return quoin_store_u32(result, (uint32_t)size) ? WASI_SUCCESS : WASI_FAULT;
}

uint32_t quoin_wasi_fd_pread(uint32_t fd, uint32_t iovs, uint32_t count, uint64_t offset,
                             uint32_t result) {
  struct quoin_fd* entry;
  uint16_t error = file_of(fd, &entry);
  if (error != 0) return error;
  struct iovec parts[MAX_IOVS];
  error = read_iovs(iovs, count, parts);
  if (error != 0) return error;
  const ssize_t size = preadv(entry->linux_fd, parts, (int)count, (off_t)offset);
  if (size < 0) return wasi_errno(errno);
  return quoin_store_u32(result, (uint32_t)size) ? WASI_SUCCESS : WASI_FAULT;
}

uint32_t quoin_wasi_fd_pwrite(uint32_t fd, uint32_t iovs, uint32_t count, uint64_t offset,
                              uint32_t result) {
  struct quoin_fd* entry;
  uint16_t error = file_of(fd, &entry);
  if (error != 0) return error;
  struct iovec parts[MAX_IOVS];
  error = read_iovs(iovs, count, parts);
  if (error != 0) return error;
  const ssize_t size = pwritev(entry->linux_fd, parts, (int)count, (off_t)offset);
  if (size < 0) return wasi_errno(errno);
  return quoin_store_u32(result, (uint32_t)size) ? WASI_SUCCESS : WASI_FAULT;
}

uint32_t quoin_wasi_fd_seek(uint32_t fd, uint64_t offset, uint32_t whence, uint32_t result) {
  struct quoin_fd* entry;
  const uint16_t error = file_of(fd, &entry);
  if (error != 0) return error;
  const int origins[] = {SEEK_SET, SEEK_CUR, SEEK_END};
  if (whence > 2) return WASI_INVAL;
  const off_t position = lseek(entry->linux_fd, (off_t)offset, origins[whence]);
  if (position < 0) return wasi_errno(errno);
  return quoin_store_u64(result, (uint64_t)position) ? WASI_SUCCESS : WASI_FAULT;
}

uint32_t quoin_wasi_fd_tell(uint32_t fd, uint32_t result) {
  return quoin_wasi_fd_seek(fd, 0, 1, result);
}

// Asks the broker for something about an entry that it knows.
static uint16_t ask_about(const struct quoin_fd* entry, uint8_t op) {
  struct quoin_message message;
  quoin_begin(&message, op);
  quoin_put_u32(&message, entry->id);
  return quoin_ask(&message).error;
}

uint32_t quoin_wasi_fd_close(uint32_t fd) {
  struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  uint16_t error = WASI_SUCCESS;
  if (entry->kind == QUOIN_FD_FILE) {
    // What was written must be there before the broker looks.
    error = result_of(close(entry->linux_fd));
  }
  if (entry->kind == QUOIN_FD_FILE || entry->kind == QUOIN_FD_DIRECTORY) {
    const uint16_t brokers = ask_about(entry, QUOIN_OP_CLOSE);
    if (error == WASI_SUCCESS) error = brokers;
  }
  *entry = (struct quoin_fd){.kind = QUOIN_FD_FREE};
  return error;
}

uint32_t quoin_wasi_fd_renumber(uint32_t from, uint32_t to) {
  struct quoin_fd* source = quoin_fd(from);
  if (source == NULL || quoin_fd(to) == NULL) return WASI_BADF;
  if (from == to) return WASI_SUCCESS;
  const uint32_t error = quoin_wasi_fd_close(to);
  fds[to] = *source;
  *source = (struct quoin_fd){.kind = QUOIN_FD_FREE};
  return error;
}

uint32_t quoin_wasi_fd_sync(uint32_t fd) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  if (entry->kind == QUOIN_FD_FILE) return result_of(fsync(entry->linux_fd));
  return entry->kind == QUOIN_FD_DIRECTORY ? ask_about(entry, QUOIN_OP_SYNC) : WASI_INVAL;
}

uint32_t quoin_wasi_fd_datasync(uint32_t fd) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  if (entry->kind != QUOIN_FD_FILE) return quoin_wasi_fd_sync(fd);
  return result_of(fdatasync(entry->linux_fd));
}

uint32_t quoin_wasi_fd_advise(uint32_t fd, uint64_t offset, uint64_t size, uint32_t advice) {
  struct quoin_fd* entry;
  const uint16_t error = file_of(fd, &entry);
  (void)offset;
  (void)size;
  // Advice may be ignored; what is not advice may not.
  return error != 0 ? error : advice <= 5 ? WASI_SUCCESS : WASI_INVAL;
}

uint32_t quoin_wasi_fd_allocate(uint32_t fd, uint64_t offset, uint64_t size) {
  struct quoin_fd* entry;
  const uint16_t error = file_of(fd, &entry);
  if (error != 0) return error;
  return result_of(fallocate(entry->linux_fd, 0, (off_t)offset, (off_t)size));
}

static uint8_t filetype_of(const struct quoin_fd* entry) {
  switch (entry->kind) {
    case QUOIN_FD_FILE:
      return WASI_FILETYPE_REGULAR_FILE;
    case QUOIN_FD_DIRECTORY:
      return WASI_FILETYPE_DIRECTORY;
    default:
      return WASI_FILETYPE_UNKNOWN;
  }
}

uint32_t quoin_wasi_fd_fdstat_get(uint32_t fd, uint32_t result) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  uint8_t* place = quoin_memory(result, 24);
  if (place == NULL) return WASI_FAULT;
  memset(place, 0, 24);
  place[0] = filetype_of(entry);
  memcpy(place + 2, &entry->flags, sizeof entry->flags);
  memcpy(place + 8, &entry->rights, sizeof entry->rights);
  memcpy(place + 16, &entry->inheriting, sizeof entry->inheriting);
  return WASI_SUCCESS;
}

uint32_t quoin_wasi_fd_fdstat_set_flags(uint32_t fd, uint32_t flags) {
  struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  // Nothing here ever blocks on a file, and synchronous writing is fd_sync's.
  if ((flags & ~(uint32_t)FDFLAG_APPEND) != 0) return WASI_NOTSUP;
  entry->flags = (uint16_t)flags;
  return WASI_SUCCESS;
}

uint32_t quoin_wasi_fd_fdstat_set_rights(uint32_t fd, uint64_t rights, uint64_t inheriting) {
  struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  if ((rights & ~entry->rights) != 0 || (inheriting & ~entry->inheriting) != 0) {
    return WASI_NOTCAPABLE;
  }
  entry->rights = rights;
  entry->inheriting = inheriting;
  return WASI_SUCCESS;
}

uint32_t quoin_wasi_fd_filestat_get(uint32_t fd, uint32_t result) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  uint8_t* place = quoin_memory(result, 64);
  if (place == NULL) return WASI_FAULT;
  memset(place, 0, 64);
  place[16] = filetype_of(entry);
  if (entry->kind != QUOIN_FD_FILE && entry->kind != QUOIN_FD_DIRECTORY) return WASI_SUCCESS;
  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_STAT);
  quoin_put_u32(&message, entry->id);
  const struct quoin_answer answer = quoin_ask(&message);
  if (answer.error != 0) return answer.error;
  if (answer.size != 64) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  memcpy(place, answer.payload, 64);
  return WASI_SUCCESS;
}

uint32_t quoin_wasi_fd_filestat_set_size(uint32_t fd, uint64_t size) {
  struct quoin_fd* entry;
  const uint16_t error = file_of(fd, &entry);
  return error != 0 ? error : result_of(ftruncate(entry->linux_fd, (off_t)size));
}

uint32_t quoin_wasi_fd_filestat_set_times(uint32_t fd, uint64_t atim, uint64_t mtim,
                                          uint32_t flags) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  if (entry->kind != QUOIN_FD_FILE && entry->kind != QUOIN_FD_DIRECTORY) return WASI_INVAL;
  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_SET_TIMES);
  quoin_put_u32(&message, entry->id);
  quoin_put_u64(&message, atim);
  quoin_put_u64(&message, mtim);
  quoin_put_u16(&message, (uint16_t)flags);
  return quoin_ask(&message).error;
}

uint32_t quoin_wasi_fd_prestat_get(uint32_t fd, uint32_t result) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL || entry->preopen_name == NULL) return WASI_BADF;
  const bool stored = quoin_store_u32(result, 0) && result <= UINT32_MAX - 4 &&
                      quoin_store_u32(result + 4, (uint32_t)strlen(entry->preopen_name));
  return stored ? WASI_SUCCESS : WASI_FAULT;
}

uint32_t quoin_wasi_fd_prestat_dir_name(uint32_t fd, uint32_t path, uint32_t size) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL || entry->preopen_name == NULL) return WASI_BADF;
  const size_t length = strlen(entry->preopen_name);
  if (size < length) return WASI_NAMETOOLONG;
  void* place = quoin_memory(path, length);
  if (place == NULL) return WASI_FAULT;
  memcpy(place, entry->preopen_name, length);
  return WASI_SUCCESS;
}
