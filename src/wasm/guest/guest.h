// The guest runtime's inside: what runs beside the module's code, in the sandbox. It holds no
// secret and enforces nothing on its own behalf: the system call filter and the broker do. It keeps
// the module's mistakes within WebAssembly's rules.

#ifndef QUOIN_SRC_WASM_GUEST_GUEST_H_
#define QUOIN_SRC_WASM_GUEST_GUEST_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"
#include "wasi.h"

// --- main.c ---

// The generated adapter: makes the module's instance and calls its _start.
void quoin_run_module(void);

// Ends the process, telling the broker why. Safe in a signal handler.
_Noreturn void quoin_exit(uint32_t status);
_Noreturn void quoin_trap_with(uint8_t trap);
_Noreturn void quoin_give_up(uint8_t reason);

// What the greeting said. Texts end with a zero byte.
struct quoin_texts {
  uint32_t count;
  char** texts;
  uint32_t total_bytes;  // with the zero bytes
};
extern struct quoin_texts quoin_arguments;
extern struct quoin_texts quoin_environment;
extern uint32_t quoin_max_pages;

// --- memory.c ---

// `size` bytes of linear memory at `address`, or null when they are not all inside it.
void* quoin_memory(uint32_t address, uint64_t size);
// `count` records of `size` bytes each.
void* quoin_memory_array(uint32_t address, uint32_t count, uint32_t size);
// Stores, false when out of bounds.
bool quoin_store_u8(uint32_t address, uint8_t value);
bool quoin_store_u32(uint32_t address, uint32_t value);
bool quoin_store_u64(uint32_t address, uint64_t value);
// Where wasm-rt's memory is: called when it is made.
void quoin_set_memory(uint8_t* data, const void* memory, uint64_t (*size)(const void* memory));

// --- channel.c ---

// A message that is being written. Too much for it ends the process: callers check lengths first.
struct quoin_message {
  uint8_t bytes[2 * QUOIN_MAX_PATH + 256];
  size_t size;
};
void quoin_put_u8(struct quoin_message* message, uint8_t value);
void quoin_put_u16(struct quoin_message* message, uint16_t value);
void quoin_put_u32(struct quoin_message* message, uint32_t value);
void quoin_put_u64(struct quoin_message* message, uint64_t value);
// A text from linear memory; false when out of bounds or too long for a path.
bool quoin_put_path(struct quoin_message* message, uint32_t address, uint32_t length);

// Begins a request.
void quoin_begin(struct quoin_message* message, uint8_t op);

// An answer: payload and a descriptor, or -1. The payload is valid until the next request.
struct quoin_answer {
  uint16_t error;
  const uint8_t* payload;
  size_t size;
  int fd;
};
struct quoin_answer quoin_ask(const struct quoin_message* message);

uint32_t quoin_get_u32(const uint8_t* bytes);
uint64_t quoin_get_u64(const uint8_t* bytes);

// --- fds.c ---

enum quoin_fd_kind {
  QUOIN_FD_FREE = 0,
  QUOIN_FD_STDIN,
  QUOIN_FD_OUTPUT,
  QUOIN_FD_FILE,
  QUOIN_FD_DIRECTORY
};

struct quoin_fd {
  enum quoin_fd_kind kind;
  int linux_fd;  // outputs and files
  uint32_t id;   // files and directories: the broker's name for it
  uint16_t flags;
  uint64_t rights;
  uint64_t inheriting;
  const char* preopen_name;  // null unless preopened
};

// The entry of a WASI descriptor in use, or null.
struct quoin_fd* quoin_fd(uint32_t fd);
// The entry of that number, in use or not; `fd` is one that quoin_free_fd gave.
struct quoin_fd* quoin_fd_slot(int fd);
// The lowest free entry, or -1.
int quoin_free_fd(void);
// Fills in 0, 1 and 2.
void quoin_open_standard_streams(void);
// Adds a preopened directory.
void quoin_add_preopen(uint32_t id, const char* name);

#endif  // QUOIN_SRC_WASM_GUEST_GUEST_H_
