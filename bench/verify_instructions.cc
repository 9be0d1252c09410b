// Runs one way of verifying a few times, for a tool that counts instructions inside measured():
//   valgrind --tool=callgrind --toggle-collect='quoin::bench::measured*' verify_instructions WAY
// Prints how many times it ran.

#include <cstdio>
#include <string_view>

#include "bench/evidence.h"
#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/verifier.h"

namespace quoin::bench {

constexpr int kRuns = 10;

// What is counted: everything from bytes to verdict. Without a Verifier nothing is known.
[[gnu::noinline]] bool measured(const Evidence& evidence, Verifier* verifier,
                                const PreparedCollateral& prepared) {
  const auto quote = parse_quote(evidence.quote);
  if (verifier != nullptr) return verifier->verify(*quote, prepared, evidence.now).genuine;
  const auto collateral = Collateral::parse(evidence.bundle);
  return verify_quote(*quote, *collateral, evidence.now, evidence.trust_roots).genuine;
}

int run(std::string_view way) {
  const Evidence evidence = load_evidence();
  const PreparedCollateral prepared(Collateral::parse(evidence.bundle).value());
  const bool is_cold = way == "verify.cold";
  if (!is_cold && way != "verify.new_platform" && way != "verify.known_platform") return 2;
  Verifier verifier(evidence.trust_roots, way == "verify.known_platform" ? 1 : 0);
  const auto quote = parse_quote(evidence.quote);
  if (!verifier.verify(*quote, prepared, evidence.now).genuine) return 1;
  for (int i = 0; i < kRuns; ++i) {
    if (!measured(evidence, is_cold ? nullptr : &verifier, prepared)) return 1;
  }
  std::printf("%d\n", kRuns);
  return 0;
}

}  // namespace quoin::bench

int main(int argc, char** argv) {
  if (argc == 2) return quoin::bench::run(argv[1]);
  std::fprintf(stderr, "usage: verify_instructions verify.(cold|new_platform|known_platform)\n");
  return 2;
}
