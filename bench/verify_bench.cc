// Quotes a second, against what the mathematics alone costs: one P-256 verification of a digest,
// key and context reused.

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "bench/evidence.h"
#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/verifier.h"
#include "src/base/allocations_testing.h"
#include "src/crypto/openssl_pointer.h"

namespace quoin::bench {
namespace {

const Evidence& evidence() {
  static const Evidence loaded = load_evidence();
  return loaded;
}

PreparedCollateral prepare(ByteView bundle) {
  return PreparedCollateral(Collateral::parse(bundle).value());
}

void require(bool genuine) {
  if (!genuine) std::abort();
}

// Says what was verified, and how often operator new was called for each.
void report(benchmark::State& state, uint64_t allocations_before) {
  state.SetLabel(evidence().name + ", quote " + std::to_string(evidence().quote.size()) +
                 " bytes, collateral " + std::to_string(evidence().bundle.size()) + " bytes");
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocation_count() - allocations_before),
                         benchmark::Counter::kAvgIterations);
}

// The yardstick: OpenSSL, nothing of ours.
void raw(benchmark::State& state) {
  const OpenSslPointer<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
  const OpenSslPointer<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new(key.get(), nullptr));
  const std::array<uint8_t, 32> digest{1, 2, 3};
  std::array<uint8_t, 80> signature{};
  size_t size = signature.size();
  require(EVP_PKEY_sign_init(context.get()) == 1 &&
          EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) ==
              1 &&
          EVP_PKEY_verify_init(context.get()) == 1);
  for (auto iteration : state) {
    static_cast<void>(iteration);
    require(EVP_PKEY_verify(context.get(), signature.data(), size, digest.data(), digest.size()) ==
            1);
  }
}

// Nothing known: parse the quote and the collateral, and verify all nine signatures.
void cold(benchmark::State& state) {
  const Evidence& given = evidence();
  const uint64_t before = allocation_count();
  for (auto iteration : state) {
    static_cast<void>(iteration);
    const auto quote = parse_quote(given.quote);
    const auto collateral = Collateral::parse(given.bundle);
    require(verify_quote(*quote, *collateral, given.now, given.trust_roots).genuine);
  }
  report(state, before);
}

// The bytes alone, with no mathematics.
void parse(benchmark::State& state) {
  const Evidence& given = evidence();
  const uint64_t before = allocation_count();
  for (auto iteration : state) {
    static_cast<void>(iteration);
    const auto quote = parse_quote(given.quote);
    const auto collateral = Collateral::parse(given.bundle);
    require(quote.ok() && collateral.ok());
  }
  report(state, before);
}

// The collateral is known; `verifier` may know the platform.
void verify_with(Verifier& verifier, benchmark::State& state) {
  const Evidence& given = evidence();
  const PreparedCollateral collateral = prepare(given.bundle);
  require(verifier.verify(*parse_quote(given.quote), collateral, given.now).genuine);
  const uint64_t before = allocation_count();
  for (auto iteration : state) {
    static_cast<void>(iteration);
    const auto quote = parse_quote(given.quote);
    require(verifier.verify(*quote, collateral, given.now).genuine);
  }
  report(state, before);
}

// The platform is not known, and will not be: PCK certificate, QE report, quote.
void new_platform(benchmark::State& state) {
  Verifier verifier(evidence().trust_roots, 0);
  verify_with(verifier, state);
}

// The platform is known: the quote's own signature.
void known_platform(benchmark::State& state) {
  Verifier verifier(evidence().trust_roots);
  verify_with(verifier, state);
}

// Platforms that a Verifier has come to know, and what each of them takes of the heap.
struct KnownFleet {
  explicit KnownFleet(size_t platforms)
      : fleet(make_fleet(platforms)),
        collateral(prepare(fleet.bundle)),
        verifier(fleet.trust_roots, 2 * platforms) {
    const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (const Bytes& quote : fleet.quotes) {
      require(verifier.verify(*parse_quote(quote), collateral, fleet.now).genuine);
    }
    require(verifier.platform_count() == platforms);
    bytes_each = static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd - before) /
                 static_cast<double>(platforms);
  }

  Fleet fleet;
  PreparedCollateral collateral;
  Verifier verifier;
  double bytes_each = 0;
};

// Made once for all repetitions: the larger one takes a minute.
KnownFleet& known_fleet(size_t platforms) {
  static std::map<size_t, std::unique_ptr<KnownFleet>> fleets;
  auto& fleet = fleets[platforms];
  if (!fleet) fleet = std::make_unique<KnownFleet>(platforms);
  return *fleet;
}

// Many platforms are known, and quotes come from all of them in turn: no cache of the processor
// holds what the next one needs.
void known_platforms(benchmark::State& state) {
  const auto platforms = static_cast<size_t>(state.range(0));
  KnownFleet& known = known_fleet(platforms);
  const uint64_t before = allocation_count();
  size_t next = 0;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    const auto quote = parse_quote(known.fleet.quotes[next]);
    require(known.verifier.verify(*quote, known.collateral, known.fleet.now).genuine);
    // Far apart, and every one once in a round: the step is a prime.
    next = (next + 7919) % platforms;
  }
  state.counters["allocations"] = benchmark::Counter(
      static_cast<double>(allocation_count() - before), benchmark::Counter::kAvgIterations);
  state.counters["bytes_per_platform"] = known.bytes_each;
}

// 1,000 quotes of 1,000 known platforms in one call, on so many threads; in wall time.
void batch(benchmark::State& state) {
  KnownFleet& known = known_fleet(1000);
  std::vector<Quote> quotes;
  for (const Bytes& bytes : known.fleet.quotes) quotes.push_back(parse_quote(bytes).value());
  std::vector<VerificationJob> jobs;
  for (const Quote& quote : quotes) jobs.push_back({&quote, &known.collateral});
  std::vector<Verdict> verdicts(jobs.size());
  for (auto iteration : state) {
    static_cast<void>(iteration);
    known.verifier.verify_batch(jobs, known.fleet.now, verdicts,
                                static_cast<unsigned>(state.range(0)));
    for (const Verdict& verdict : verdicts) require(verdict.genuine);
  }
  state.counters["items"] = static_cast<double>(jobs.size());
}

BENCHMARK(raw)->Name("verify.raw")->Unit(benchmark::kMicrosecond);
BENCHMARK(cold)->Name("verify.cold")->Unit(benchmark::kMicrosecond);
BENCHMARK(parse)->Name("verify.parse")->Unit(benchmark::kMicrosecond);
BENCHMARK(new_platform)->Name("verify.new_platform")->Unit(benchmark::kMicrosecond);
BENCHMARK(known_platform)->Name("verify.known_platform")->Unit(benchmark::kMicrosecond);
BENCHMARK(known_platforms)
    ->Name("verify.known_platforms")
    ->Unit(benchmark::kMicrosecond)
    ->Arg(1'000)
    ->Arg(100'000);
BENCHMARK(batch)
    ->Name("verify.batch")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->DenseRange(1, std::max(1u, std::thread::hardware_concurrency()));

}  // namespace
}  // namespace quoin::bench
