// Numbers of WASI preview 1 (wasi_snapshot_preview1.witx), and Linux's errno in them. Read by C and
// by C++.

#ifndef QUOIN_SRC_WASM_GUEST_WASI_H_
#define QUOIN_SRC_WASM_GUEST_WASI_H_

#include <errno.h>
#include <stdint.h>

enum {
  WASI_SUCCESS = 0,
  WASI_2BIG = 1,
  WASI_ACCES = 2,
  WASI_AGAIN = 6,
  WASI_BADF = 8,
  WASI_BUSY = 10,
  WASI_DQUOT = 19,
  WASI_EXIST = 20,
  WASI_FAULT = 21,
  WASI_FBIG = 22,
  WASI_ILSEQ = 25,
  WASI_INTR = 27,
  WASI_INVAL = 28,
  WASI_IO = 29,
  WASI_ISDIR = 31,
  WASI_LOOP = 32,
  WASI_MFILE = 33,
  WASI_MLINK = 34,
  WASI_NAMETOOLONG = 37,
  WASI_NFILE = 41,
  WASI_NOENT = 44,
  WASI_NOMEM = 48,
  WASI_NOSPC = 51,
  WASI_NOSYS = 52,
  WASI_NOTDIR = 54,
  WASI_NOTEMPTY = 55,
  WASI_NOTSOCK = 57,
  WASI_NOTSUP = 58,
  WASI_OVERFLOW = 61,
  WASI_PERM = 63,
  WASI_PIPE = 64,
  WASI_ROFS = 69,
  WASI_SPIPE = 70,
  WASI_TXTBSY = 74,
  WASI_XDEV = 75,
  WASI_NOTCAPABLE = 76
};

enum {
  WASI_FILETYPE_UNKNOWN = 0,
  WASI_FILETYPE_BLOCK_DEVICE = 1,
  WASI_FILETYPE_CHARACTER_DEVICE = 2,
  WASI_FILETYPE_DIRECTORY = 3,
  WASI_FILETYPE_REGULAR_FILE = 4,
  WASI_FILETYPE_SOCKET_STREAM = 6,
  WASI_FILETYPE_SYMBOLIC_LINK = 7
};

enum {
  WASI_FSTFLAGS_ATIM = 1,
  WASI_FSTFLAGS_ATIM_NOW = 2,
  WASI_FSTFLAGS_MTIM = 4,
  WASI_FSTFLAGS_MTIM_NOW = 8
};

// WASI's number for a Linux errno; "io" for one that WASI does not have.
static inline uint16_t wasi_errno(int linux_errno) {
  switch (linux_errno) {
    case 0:
      return WASI_SUCCESS;
    case E2BIG:
      return WASI_2BIG;
    case EACCES:
      return WASI_ACCES;
    case EAGAIN:
      return WASI_AGAIN;
    case EBADF:
      return WASI_BADF;
    case EBUSY:
      return WASI_BUSY;
    case EDQUOT:
      return WASI_DQUOT;
    case EEXIST:
      return WASI_EXIST;
    case EFAULT:
      return WASI_FAULT;
    case EFBIG:
      return WASI_FBIG;
    case EILSEQ:
      return WASI_ILSEQ;
    case EINTR:
      return WASI_INTR;
    case EINVAL:
      return WASI_INVAL;
    case EISDIR:
      return WASI_ISDIR;
    case ELOOP:
      return WASI_LOOP;
    case EMFILE:
      return WASI_MFILE;
    case EMLINK:
      return WASI_MLINK;
    case ENAMETOOLONG:
      return WASI_NAMETOOLONG;
    case ENFILE:
      return WASI_NFILE;
    case ENOENT:
      return WASI_NOENT;
    case ENOMEM:
      return WASI_NOMEM;
    case ENOSPC:
      return WASI_NOSPC;
    case ENOSYS:
      return WASI_NOSYS;
    case ENOTDIR:
      return WASI_NOTDIR;
    case ENOTEMPTY:
      return WASI_NOTEMPTY;
    case EOPNOTSUPP:
      return WASI_NOTSUP;
    case EOVERFLOW:
      return WASI_OVERFLOW;
    case EPERM:
      return WASI_PERM;
    case EPIPE:
      return WASI_PIPE;
    case EROFS:
      return WASI_ROFS;
    case ESPIPE:
      return WASI_SPIPE;
    case ETXTBSY:
      return WASI_TXTBSY;
    case EXDEV:
      return WASI_XDEV;
    default:
      return WASI_IO;
  }
}

#endif  // QUOIN_SRC_WASM_GUEST_WASI_H_
