// The guest runtime's C sources (src/wasm/guest/), carried in the library.

#ifndef QUOIN_SRC_WASM_GUEST_SOURCES_H_
#define QUOIN_SRC_WASM_GUEST_SOURCES_H_

#include <span>
#include <string_view>

namespace quoin {

struct GuestSource {
  std::string_view name;  // "main.c"
  std::string_view text;
};

// All files, sorted by name.
std::span<const GuestSource> guest_sources();

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_GUEST_SOURCES_H_
