#include "src/base/allocations_testing.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<uint64_t>& counter() {
  static std::atomic<uint64_t> count = 0;
  return count;
}

}  // namespace

// [new.delete.single]: the array and nothrow forms call these.
void* operator new(std::size_t size) {
  counter().fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace quoin {

uint64_t allocation_count() { return counter().load(std::memory_order_relaxed); }

}  // namespace quoin
