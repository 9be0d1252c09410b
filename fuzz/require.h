// What every target of this folder does with a property that does not hold.

#ifndef QUOIN_FUZZ_REQUIRE_H_
#define QUOIN_FUZZ_REQUIRE_H_

#include <cstdlib>

namespace quoin::fuzz {

// Ends the process, which is how a target tells libFuzzer of an input that breaks a property.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace quoin::fuzz

#endif  // QUOIN_FUZZ_REQUIRE_H_
