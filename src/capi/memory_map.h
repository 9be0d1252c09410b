// What kind of memory a region of this process is.

#ifndef QUOIN_SRC_CAPI_MEMORY_MAP_H_
#define QUOIN_SRC_CAPI_MEMORY_MAP_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quoin::capi {

// Whether all of the region is private anonymous memory, by the text of /proc/PID/maps: what a TD's
// kernel only ever takes from encrypted pages. What is mapped from a file, a device or the kernel
// itself ("[vvar]" holds a page that the host writes) is not. False for what cannot be read, and
// for an empty region.
bool is_own_anonymous_memory(std::string_view maps, uintptr_t begin, size_t size);

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_MEMORY_MAP_H_
