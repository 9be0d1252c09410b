// How often operator new is called, and what happens where it fails, for tests and benchmarks: by
// our code, and not by OpenSSL's.

#ifndef QUOIN_SRC_BASE_ALLOCATIONS_TESTING_H_
#define QUOIN_SRC_BASE_ALLOCATIONS_TESTING_H_

#include <cstdint>

namespace quoin {

// By all threads since the program began. A program that links allocations_testing.cc has operator
// new replaced.
uint64_t allocation_count();

// Has one allocation of this thread fail: the one behind `succeeding` more.
void fail_allocation_after(uint64_t succeeding);
// Whether it has come to that. If not, none fails any more.
bool allocation_has_failed();

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_ALLOCATIONS_TESTING_H_
