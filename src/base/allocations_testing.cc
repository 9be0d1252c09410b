#include "src/base/allocations_testing.h"

#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>

namespace {

std::atomic<uint64_t>& counter() {
  static std::atomic<uint64_t> count = 0;
  return count;
}

// How many allocations of this thread succeed before one fails; none fails where it is empty.
std::optional<uint64_t>& allocations_left() {
  thread_local std::optional<uint64_t> left;
  return left;
}

// Whether an allocation that is made now is the one that fails.
bool is_to_fail() {
  std::optional<uint64_t>& left = allocations_left();
  if (!left || (*left)-- > 0) return false;
  left.reset();
  return true;
}

}  // namespace

// [new.delete.single]: the array and nothrow forms call these.
void* operator new(std::size_t size) {
  counter().fetch_add(1, std::memory_order_relaxed);
  if (is_to_fail()) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace quoin {

uint64_t allocation_count() { return counter().load(std::memory_order_relaxed); }

bool fail_allocation(uint64_t index, const std::function<void()>& call) {
  allocations_left() = index;
  call();
  const bool failed = !allocations_left();
  allocations_left().reset();
  return failed;
}

}  // namespace quoin
