// Finding what a hostile path names, never outside the directory it is meant to be in.

#ifndef QUOIN_SRC_WASM_RESOLVE_H_
#define QUOIN_SRC_WASM_RESOLVE_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "src/os/unique_fd.h"

namespace quoin {

// Whether a path or a part of it is one that WASI and a receipt can spell: UTF-8, without zero
// bytes. What takes a path here fails with EILSEQ on others.
bool can_be_named(std::string_view path);

// openat2 with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS: `path` and every symbolic link on the way
// stay beneath `directory`, whatever others do to the tree meanwhile. O_CLOEXEC, O_NOCTTY and
// O_NONBLOCK are added, the latter so that no FIFO holds us up. No descriptor, and errno, on
// failure; EXDEV means that the path led outside.
UniqueFd open_beneath(int directory, const std::string& path, int flags, mode_t mode = 0);

// Whether the kernel has openat2 (Linux 5.6).
bool kernel_has_openat2();

// A path in two: the directory that holds its last component, opened, and that component, which is
// not empty, not "." or "..", and has no slash. The system calls that end in "at" then follow
// nothing.
struct ParentAndName {
  UniqueFd parent;
  std::string name;
};

// Splits and opens. Slashes at the end are allowed for directories only. No value, and errno, on
// failure.
std::optional<ParentAndName> open_parent(int directory, std::string_view path, bool is_directory);

// Where the open file or directory is, as the kernel has it, or nothing when it has no name any
// more. Needs /proc.
std::optional<std::string> path_of(int fd);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_RESOLVE_H_
