// How much the code under measurement allocates through operator new: ours does, OpenSSL's does
// not.

#ifndef QUOIN_BENCH_ALLOCATIONS_H_
#define QUOIN_BENCH_ALLOCATIONS_H_

#include <cstdint>

namespace quoin::bench {

// By all threads since the program began. The program that asks has operator new replaced.
uint64_t allocation_count();

}  // namespace quoin::bench

#endif  // QUOIN_BENCH_ALLOCATIONS_H_
