// Calls of operator new, for tests and benchmarks: how many there are, and one that fails. Those of
// our code, and not OpenSSL's. A program that links allocations_testing.cc has operator new
// replaced.

#ifndef QUOIN_SRC_BASE_ALLOCATIONS_TESTING_H_
#define QUOIN_SRC_BASE_ALLOCATIONS_TESTING_H_

#include <cstdint>
#include <functional>

namespace quoin {

// By all threads since the program began.
uint64_t allocation_count();

// Calls `call`, in which one allocation of this thread fails: the one that `index` others precede.
// All others succeed. False where there was no such allocation. `call` must not throw.
bool fail_allocation(uint64_t index, const std::function<void()>& call);

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_ALLOCATIONS_TESTING_H_
