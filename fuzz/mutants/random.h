// Random choices that are the same on every machine.

#ifndef QUOIN_FUZZ_MUTANTS_RANDOM_H_
#define QUOIN_FUZZ_MUTANTS_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace quoin::mutants {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): for
// choices in tests, never for secrets.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // From 0 to `count` - 1; `count` is not 0. The bias of the remainder does not matter here.
  size_t below(size_t count) { return static_cast<size_t>(next() % count); }

  bool percent(unsigned chance) { return below(100) < chance; }

  uint8_t byte() { return static_cast<uint8_t>(next()); }

  // An element of something that is not empty.
  template <typename Range>
  auto& pick(Range& range) {
    return range[below(std::size(range))];
  }

 private:
  uint64_t state_;
};

}  // namespace quoin::mutants

#endif  // QUOIN_FUZZ_MUTANTS_RANDOM_H_
