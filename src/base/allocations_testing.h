// How often operator new is called, for tests and benchmarks: by our code, and not by OpenSSL's.

#ifndef QUOIN_SRC_BASE_ALLOCATIONS_TESTING_H_
#define QUOIN_SRC_BASE_ALLOCATIONS_TESTING_H_

#include <cstdint>

namespace quoin {

// By all threads since the program began. A program that links allocations_testing.cc has operator
// new replaced.
uint64_t allocation_count();

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_ALLOCATIONS_TESTING_H_
