#include "bench/evidence.h"

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "quoin/collateral.h"
#include "src/base/testing_files.h"
#include "src/simulator/platform.h"
#include "src/x509/pem.h"

namespace quoin::bench {
namespace {

constexpr UtcTime kNow{std::chrono::seconds(1'750'000'000)};

// A version 4 TDX quote; the time is inside the window in which everything of it holds.
constexpr std::string_view kRealSet = "sets/f1c8503301--2025-08-05-e17-dee9.json";
constexpr std::string_view kRealQuote = "quotes/v4-tdx-b0c06f000000-f1c8503301.dat";
constexpr UtcTime kRealNow{std::chrono::seconds(1'756'043'035)};

Evidence real_evidence() {
  return {.name = std::string(kRealSet),
          .quote = testing_files::read(testing_files::vectors() / kRealQuote),
          .bundle = testing_files::read(testing_files::vectors() / kRealSet),
          .now = kRealNow,
          .trust_roots = {TrustRoot::intel()}};
}

Evidence simulated_evidence() {
  const simulator::Platform platform(simulator::Seed(), kNow);
  return {.name = "a simulated platform",
          .quote = platform.quote(platform.td_report(simulator::default_td_state(), {})).value(),
          .bundle = platform.collateral_bundle(),
          .now = kNow,
          .trust_roots = {TrustRoot::parse(platform.root_certificate()).value()}};
}

bool verifies(const Evidence& evidence) {
  const auto quote = parse_quote(evidence.quote);
  const auto collateral = Collateral::parse(evidence.bundle);
  return quote.ok() && collateral.ok() &&
         verify_quote(*quote, *collateral, evidence.now, evidence.trust_roots).genuine;
}

// The quote of the platform with that number: only what is its own is made anew.
Bytes numbered_quote(const simulator::Platform& first, size_t number) {
  const std::string suffix = " " + std::to_string(number);
  simulator::CertificateSettings pck = first.settings().pki.pck;
  pck.key += suffix;
  for (size_t i = 0; i < 8; ++i) {
    pck.sgx_extension->ppid[i] = static_cast<uint8_t>(number >> 8 * i);
  }
  const simulator::TdState state = simulator::default_td_state();
  const auto report = parse_td_report(first.td_report(state, {}));
  simulator::QuoteParts parts = first.quote_parts(simulator::td_quote_body(*report).value(), 4);
  const std::string chain =
      x509::to_pem(simulator::write_certificate(first.seed(), pck), "CERTIFICATE") +
      simulator::pem_chain(first.certificates(), {simulator::CertificateRole::platform_ca,
                                                  simulator::CertificateRole::root});
  parts.certification_data.assign(chain.begin(), chain.end());
  parts.attestation_key += suffix;
  parts.signed_by = parts.attestation_key;
  parts.qe_report_signed_by = pck.key;
  return simulator::write_quote(first.seed(), parts);
}

}  // namespace

Evidence load_evidence() {
  const bool has_vectors = !testing_files::read(testing_files::vectors() / kRealSet).empty();
  Evidence evidence = has_vectors ? real_evidence() : simulated_evidence();
  if (!verifies(evidence)) {
    std::fprintf(stderr, "bench: %s does not verify\n", evidence.name.c_str());
    std::abort();
  }
  return evidence;
}

Fleet make_fleet(size_t platforms) {
  const simulator::Platform first(simulator::Seed(), kNow);
  Fleet fleet;
  fleet.bundle = first.collateral_bundle();
  fleet.now = kNow;
  fleet.trust_roots = {TrustRoot::parse(first.root_certificate()).value()};
  fleet.quotes.resize(platforms);
  const size_t threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::jthread> workers;
  for (size_t t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      for (size_t i = t; i < platforms; i += threads) fleet.quotes[i] = numbered_quote(first, i);
    });
  }
  workers.clear();
  return fleet;
}

}  // namespace quoin::bench
