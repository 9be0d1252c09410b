// What the guest and the broker say to each other, over a SOCK_SEQPACKET socket: one message a
// packet, integers little-endian, read by C and by C++.
//
// The broker speaks first (the greeting); from then on the guest asks and the broker answers each
// request once, in order, except where it says "no answer". An answer begins with a u16, WASI's
// errno; what follows stands only behind errno 0. A text is a u16, its length, and that many bytes.
//
//   greeting   u32 most pages of memory
//              u16 count, then for each argument u32 length and bytes
//              u16 count, then for each variable u32 length and bytes "NAME=value"
//              u8 count, then for each preopened directory u32 id and text name

#ifndef QUOIN_SRC_WASM_GUEST_PROTOCOL_H_
#define QUOIN_SRC_WASM_GUEST_PROTOCOL_H_

enum {
  QUOIN_BROKER_FD = 3,
  // The longest message in either direction.
  QUOIN_MAX_MESSAGE = 160 * 1024,
  // The longest piece of standard input or of a directory in one answer.
  QUOIN_MAX_PIECE = 64 * 1024,
  QUOIN_MAX_PATH = 4096,
  // Descriptors that a guest can have, WASI's and Linux's alike.
  QUOIN_MAX_FDS = 256
};

enum {
  QUOIN_OP_EXIT = 1,        // u32 status                                            no answer
  QUOIN_OP_TRAP = 2,        // u8 trap                                               no answer
  QUOIN_OP_GIVE_UP = 3,     // u8 reason                                             no answer
  QUOIN_OP_READ_STDIN = 4,  // u32 most bytes -> bytes (none: the end)
  QUOIN_OP_WAIT_STDIN = 5,  // u64 nanoseconds (all ones: for ever) -> u8 ready
  QUOIN_OP_OPEN = 6,        // u32 dir, text path, u8 QUOIN_OPEN_* -> u32 id, u8 filetype; a file's
                            // descriptor comes with the answer
  QUOIN_OP_CLOSE = 7,       // u32 id
  QUOIN_OP_STAT = 8,        // u32 id -> filestat (WASI's, 64 bytes)
  QUOIN_OP_PATH_STAT = 9,   // u32 dir, text path, u8 follow -> filestat
  QUOIN_OP_SET_TIMES = 10,  // u32 id, u64 atim, u64 mtim, u16 fstflags
  QUOIN_OP_PATH_SET_TIMES = 11,  // u32 dir, text path, u8 follow, u64, u64, u16 as above
  QUOIN_OP_MKDIR = 12,           // u32 dir, text path
  QUOIN_OP_RMDIR = 13,           // u32 dir, text path
  QUOIN_OP_UNLINK = 14,          // u32 dir, text path
  QUOIN_OP_RENAME = 15,          // u32 dir, text path, u32 dir, text path
  QUOIN_OP_SYMLINK = 16,         // text target, u32 dir, text path
  QUOIN_OP_LINK = 17,            // u32 dir, text path, u8 follow, u32 dir, text path
  QUOIN_OP_READLINK = 18,        // u32 dir, text path -> bytes
  QUOIN_OP_READDIR = 19,         // u32 id, u64 cookie, u32 most bytes -> dirents (WASI's), the last
                                 // one cut off where the room ends
  QUOIN_OP_SYNC = 20             // u32 id
};

enum {
  QUOIN_OPEN_CREATE = 1,  // the first four are WASI's oflags
  QUOIN_OPEN_DIRECTORY = 2,
  QUOIN_OPEN_EXCLUSIVE = 4,
  QUOIN_OPEN_TRUNCATE = 8,
  QUOIN_OPEN_FOLLOW = 16,
  QUOIN_OPEN_READ = 32,
  QUOIN_OPEN_WRITE = 64
};

enum {
  QUOIN_TRAP_OUT_OF_BOUNDS = 1,
  QUOIN_TRAP_INTEGER_OVERFLOW = 2,
  QUOIN_TRAP_DIVISION_BY_ZERO = 3,
  QUOIN_TRAP_INVALID_CONVERSION = 4,
  QUOIN_TRAP_UNREACHABLE = 5,
  QUOIN_TRAP_INDIRECT_CALL = 6,
  QUOIN_TRAP_UNCAUGHT_EXCEPTION = 7,
  QUOIN_TRAP_STACK_EXHAUSTED = 8,
  QUOIN_TRAP_OTHER = 9
};

enum {
  QUOIN_GIVE_UP_MEMORY = 1,  // the module asks for more than it may have before it starts
  QUOIN_GIVE_UP_SETUP = 2    // something that always works did not
};

#endif  // QUOIN_SRC_WASM_GUEST_PROTOCOL_H_
