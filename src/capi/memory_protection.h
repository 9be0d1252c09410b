// Protection of a process's own memory by the kernel, and an honest answer about how far it went.

#ifndef QUOIN_SRC_CAPI_MEMORY_PROTECTION_H_
#define QUOIN_SRC_CAPI_MEMORY_PROTECTION_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "quoin/result.h"

namespace quoin::capi {

// Measures, as bits. The values are those of TDX_MEMORY_* in tdx_security.h.
inline constexpr uint32_t kMemoryLocked = 0x01;      // mlock(2): never written to swap
inline constexpr uint32_t kMemoryNoDump = 0x02;      // MADV_DONTDUMP: not in core dumps
inline constexpr uint32_t kMemoryNoFork = 0x04;      // MADV_DONTFORK: a child does not have it
inline constexpr uint32_t kMemoryWipeOnFork = 0x08;  // MADV_WIPEONFORK: a child has zeros there
inline constexpr uint32_t kMemoryGuarded = 0x10;     // pages without access before and behind
inline constexpr uint32_t kMemorySecret = 0x20;      // memfd_secret(2): not in the kernel's own map

// What a child has of it.
inline constexpr uint32_t kMemoryForkMeasures = kMemoryNoFork | kMemoryWipeOnFork;
// What memory that is there already can be given. The others need memory of ours.
inline constexpr uint32_t kMemoryRegionMeasures =
    kMemoryLocked | kMemoryNoDump | kMemoryForkMeasures;

// What was done to a region.
struct Protection {
  uint32_t done = 0;    // bits of the measures that hold now
  Result<void> result;  // why the first of the others does not; ok when all that was asked holds
};

// Takes the measures `wanted`, bits of kMemoryRegionMeasures, for the pages that `region` touches.
// A measure works on whole pages: locking and keeping out of dumps also covers what else is on the
// first and the last; the two about fork() would take memory from a child that is not in `region`,
// so they are refused with invalid_argument unless it is whole pages. Those two exclude each
// other. A measure that fails (out of locked memory, say) does not stop the others, and nothing is
// undone. An empty region, and one that runs over the end of the address space, is
// invalid_argument.
Protection protect(std::span<uint8_t> region, uint32_t wanted);

// Takes back the measures `unwanted` for the pages that lie wholly in `region`: a page that it
// shares with other memory keeps what it has. The bytes stay as they are. The same regions are
// invalid_argument.
Result<void> unprotect(std::span<uint8_t> region, uint32_t unwanted);

// Memory of its own pages, zero at first: behind it stands a page without access, which what runs
// over its end hits at once (its end is at a page's end where `size` is a multiple of 16), and one
// before its pages. Wiped and given back at the end; in a child that does not have it, nothing is
// done: whether a child has it must stay as allocate() made it. Not copied. Not thread-safe.
class GuardedMemory {
 public:
  // `size` bytes, 1 to 1 GiB, with the measures `wanted`, which may also name kMemorySecret; guards
  // are always there, and secret memory is never a child's: it would be shared. Fails with
  // invalid_argument, and with io when there is no memory at all. As with protect(), a measure that
  // the kernel does not take does not fail this: protection() says.
  static Result<GuardedMemory> allocate(size_t size, uint32_t wanted);

  GuardedMemory(GuardedMemory&& other) noexcept;
  GuardedMemory& operator=(GuardedMemory&& other) noexcept;
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;
  ~GuardedMemory();

  std::span<uint8_t> bytes() const { return bytes_; }
  // Its pages, the guards among them.
  std::span<const uint8_t> pages() const { return pages_; }
  const Protection& protection() const { return protection_; }

 private:
  GuardedMemory() = default;
  void release();

  std::span<uint8_t> pages_;  // with both guards
  std::span<uint8_t> bytes_;
  Protection protection_;
  pid_t owner_ = 0;
};

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_MEMORY_PROTECTION_H_
