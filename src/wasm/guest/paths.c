// WASI's path_* functions and fd_readdir: requests to the broker.

#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "wasi_functions.h"

enum {
  LOOKUP_FOLLOW = 1,
  OFLAGS_ALL = 15,
  RIGHT_FD_READ = 1 << 1,
  RIGHT_READDIR = 1 << 14,
  // fd_datasync, fd_write, fd_allocate, fd_filestat_set_size
  RIGHTS_WRITE = 1 << 0 | 1 << 6 | 1 << 8 | 1 << 22,
  DIRENT_BYTES = 24
};

// Adds a directory and a path beneath it to the message; else says why not.
static uint16_t put_place(struct quoin_message* message, uint32_t fd, uint32_t path,
                          uint32_t length) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  if (entry->kind != QUOIN_FD_DIRECTORY) return WASI_NOTDIR;
  if (length >= QUOIN_MAX_PATH) return WASI_NAMETOOLONG;
  quoin_put_u32(message, entry->id);
  return quoin_put_path(message, path, length) ? WASI_SUCCESS : WASI_FAULT;
}

// A request that is nothing but a place.
static uint16_t ask_place(uint8_t op, uint32_t fd, uint32_t path, uint32_t length) {
  struct quoin_message message;
  quoin_begin(&message, op);
  const uint16_t error = put_place(&message, fd, path, length);
  return error != 0 ? error : quoin_ask(&message).error;
}

uint32_t quoin_wasi_path_open(uint32_t fd, uint32_t lookup, uint32_t path, uint32_t length,
                              uint32_t oflags, uint64_t rights, uint64_t inheriting,
                              uint32_t fdflags, uint32_t result) {
  // Of the flags, append is done here; the others ask for a synchrony that fd_sync gives.
  if ((oflags & ~(uint32_t)OFLAGS_ALL) != 0 || fdflags > 31) return WASI_INVAL;
  if (quoin_memory(result, 4) == NULL) return WASI_FAULT;
  const int free_fd = quoin_free_fd();
  if (free_fd < 0) return WASI_MFILE;
  uint8_t flags = (uint8_t)oflags;
  if ((lookup & LOOKUP_FOLLOW) != 0) flags |= QUOIN_OPEN_FOLLOW;
  if ((rights & RIGHTS_WRITE) != 0) flags |= QUOIN_OPEN_WRITE;
  if ((rights & (RIGHT_FD_READ | RIGHT_READDIR)) != 0) flags |= QUOIN_OPEN_READ;

  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_OPEN);
  const uint16_t error = put_place(&message, fd, path, length);
  if (error != 0) return error;
  quoin_put_u8(&message, flags);
  const struct quoin_answer answer = quoin_ask(&message);
  if (answer.error != 0) return answer.error;
  if (answer.size != 5) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  const bool is_directory = answer.payload[4] == WASI_FILETYPE_DIRECTORY;
  if (!is_directory && answer.fd < 0) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  *quoin_fd_slot(free_fd) =
      (struct quoin_fd){.kind = is_directory ? QUOIN_FD_DIRECTORY : QUOIN_FD_FILE,
                        .linux_fd = answer.fd,
                        .id = quoin_get_u32(answer.payload),
                        .flags = (uint16_t)(fdflags & 1),
                        .rights = rights,
                        .inheriting = inheriting};
  quoin_store_u32(result, (uint32_t)free_fd);
  return WASI_SUCCESS;
}

uint32_t quoin_wasi_path_filestat_get(uint32_t fd, uint32_t lookup, uint32_t path, uint32_t length,
                                      uint32_t result) {
  uint8_t* place = quoin_memory(result, 64);
  if (place == NULL) return WASI_FAULT;
  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_PATH_STAT);
  const uint16_t error = put_place(&message, fd, path, length);
  if (error != 0) return error;
  quoin_put_u8(&message, (lookup & LOOKUP_FOLLOW) != 0);
  const struct quoin_answer answer = quoin_ask(&message);
  if (answer.error != 0) return answer.error;
  if (answer.size != 64) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  memcpy(place, answer.payload, 64);
  return WASI_SUCCESS;
}

uint32_t quoin_wasi_path_filestat_set_times(uint32_t fd, uint32_t lookup, uint32_t path,
                                            uint32_t length, uint64_t atim, uint64_t mtim,
                                            uint32_t flags) {
  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_PATH_SET_TIMES);
  const uint16_t error = put_place(&message, fd, path, length);
  if (error != 0) return error;
  quoin_put_u8(&message, (lookup & LOOKUP_FOLLOW) != 0);
  quoin_put_u64(&message, atim);
  quoin_put_u64(&message, mtim);
  quoin_put_u16(&message, (uint16_t)flags);
  return quoin_ask(&message).error;
}

uint32_t quoin_wasi_path_create_directory(uint32_t fd, uint32_t path, uint32_t length) {
  return ask_place(QUOIN_OP_MKDIR, fd, path, length);
}

uint32_t quoin_wasi_path_remove_directory(uint32_t fd, uint32_t path, uint32_t length) {
  return ask_place(QUOIN_OP_RMDIR, fd, path, length);
}

uint32_t quoin_wasi_path_unlink_file(uint32_t fd, uint32_t path, uint32_t length) {
  return ask_place(QUOIN_OP_UNLINK, fd, path, length);
}

uint32_t quoin_wasi_path_rename(uint32_t fd, uint32_t path, uint32_t length, uint32_t new_fd,
                                uint32_t new_path, uint32_t new_length) {
  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_RENAME);
  uint16_t error = put_place(&message, fd, path, length);
  if (error == 0) error = put_place(&message, new_fd, new_path, new_length);
  return error != 0 ? error : quoin_ask(&message).error;
}

uint32_t quoin_wasi_path_link(uint32_t fd, uint32_t lookup, uint32_t path, uint32_t length,
                              uint32_t new_fd, uint32_t new_path, uint32_t new_length) {
  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_LINK);
  uint16_t error = put_place(&message, fd, path, length);
  quoin_put_u8(&message, (lookup & LOOKUP_FOLLOW) != 0);
  if (error == 0) error = put_place(&message, new_fd, new_path, new_length);
  return error != 0 ? error : quoin_ask(&message).error;
}

uint32_t quoin_wasi_path_symlink(uint32_t target, uint32_t target_length, uint32_t fd,
                                 uint32_t path, uint32_t length) {
  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_SYMLINK);
  if (target_length >= QUOIN_MAX_PATH) return WASI_NAMETOOLONG;
  if (!quoin_put_path(&message, target, target_length)) return WASI_FAULT;
  const uint16_t error = put_place(&message, fd, path, length);
  return error != 0 ? error : quoin_ask(&message).error;
}

uint32_t quoin_wasi_path_readlink(uint32_t fd, uint32_t path, uint32_t length, uint32_t buffer,
                                  uint32_t size, uint32_t result) {
  uint8_t* place = quoin_memory(buffer, size);
  if (place == NULL || quoin_memory(result, 4) == NULL) return WASI_FAULT;
  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_READLINK);
  const uint16_t error = put_place(&message, fd, path, length);
  if (error != 0) return error;
  const struct quoin_answer answer = quoin_ask(&message);
  if (answer.error != 0) return answer.error;
  const size_t used = answer.size < size ? answer.size : size;
  memcpy(place, answer.payload, used);
  quoin_store_u32(result, (uint32_t)used);
  return WASI_SUCCESS;
}

// How many of the `size` bytes are whole entries; `cookie` becomes the last one's.
static size_t whole_entries(const uint8_t* bytes, size_t size, uint64_t* cookie) {
  size_t whole = 0;
  while (size - whole >= DIRENT_BYTES) {
    const size_t entry = DIRENT_BYTES + (size_t)quoin_get_u32(bytes + whole + 16);
    if (entry > size - whole) break;
    *cookie = quoin_get_u64(bytes + whole);
    whole += entry;
  }
  return whole;
}

uint32_t quoin_wasi_fd_readdir(uint32_t fd, uint32_t buffer, uint32_t size, uint64_t cookie,
                               uint32_t result) {
  const struct quoin_fd* entry = quoin_fd(fd);
  if (entry == NULL) return WASI_BADF;
  if (entry->kind != QUOIN_FD_DIRECTORY) return WASI_NOTDIR;
  uint8_t* place = quoin_memory(buffer, size);
  if (place == NULL || quoin_memory(result, 4) == NULL) return WASI_FAULT;

  // A caller takes a buffer that is not full for the directory's end, so that one must be filled
  // over several answers, and to its last byte, unless the directory ends.
  uint32_t used = 0;
  while (used < size) {
    const uint32_t room = size - used < QUOIN_MAX_PIECE ? size - used : QUOIN_MAX_PIECE;
    struct quoin_message message;
    quoin_begin(&message, QUOIN_OP_READDIR);
    quoin_put_u32(&message, entry->id);
    quoin_put_u64(&message, cookie);
    quoin_put_u32(&message, room);
    const struct quoin_answer answer = quoin_ask(&message);
    if (answer.error != 0) return answer.error;
    if (answer.size > room) quoin_give_up(QUOIN_GIVE_UP_SETUP);
    memcpy(place + used, answer.payload, answer.size);
    if (answer.size < room || room == size - used) {
      used += (uint32_t)answer.size;
      break;
    }
    used += (uint32_t)whole_entries(answer.payload, answer.size, &cookie);
  }
  quoin_store_u32(result, used);
  return WASI_SUCCESS;
}
