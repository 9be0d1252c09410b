// Quotes a second, against what the mathematics alone costs: one P-256 verification of a digest,
// key and context reused. The evidence is a simulated platform's: a version 4 TDX quote, and its
// collateral as JSON, PEM and hex.

#include <benchmark/benchmark.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "quoin/verify.h"
#include "src/simulator/platform.h"

namespace quoin {
namespace {

constexpr UtcTime kNow{std::chrono::seconds(1'750'000'000)};

struct SimulatedEvidence {
  simulator::Platform platform{simulator::Seed(), kNow};
  Bytes quote = platform.quote(platform.td_report(simulator::default_td_state(), {})).value();
  Bytes bundle = platform.collateral_bundle();
  std::vector<TrustRoot> roots = {TrustRoot::parse(platform.root_certificate()).value()};
};

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

// The yardstick: OpenSSL, nothing of ours.
void raw(benchmark::State& state) {
  const std::unique_ptr<EVP_PKEY, Free> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<EVP_PKEY_CTX, Free> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  const std::array<uint8_t, 32> digest{1, 2, 3};
  std::array<uint8_t, 80> signature{};
  size_t size = signature.size();
  if (EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) != 1 ||
      EVP_PKEY_verify_init(context.get()) != 1) {
    std::abort();
  }
  for (auto iteration : state) {
    static_cast<void>(iteration);
    if (EVP_PKEY_verify(context.get(), signature.data(), size, digest.data(), digest.size()) != 1) {
      std::abort();
    }
  }
}

// Nothing known: parse the quote and the collateral, and verify all nine signatures.
void cold(benchmark::State& state) {
  const SimulatedEvidence evidence;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    const auto quote = parse_quote(evidence.quote);
    const auto collateral = Collateral::parse(evidence.bundle);
    if (!verify_quote(*quote, *collateral, kNow, evidence.roots).genuine) std::abort();
  }
}

// The bytes alone, with no mathematics.
void parse(benchmark::State& state) {
  const SimulatedEvidence evidence;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    const auto quote = parse_quote(evidence.quote);
    const auto collateral = Collateral::parse(evidence.bundle);
    if (!quote.ok() || !collateral.ok()) std::abort();
  }
}

BENCHMARK(raw)->Name("verify.raw")->Unit(benchmark::kMicrosecond);
BENCHMARK(cold)->Name("verify.cold")->Unit(benchmark::kMicrosecond);
BENCHMARK(parse)->Name("verify.parse")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace quoin
