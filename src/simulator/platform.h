// A TD platform in software: processor, TDX module, quoting enclave and PKI. Its quotes and
// collateral are real in every byte, and prove nothing: its root is "Quoin Simulator Root CA, NOT
// INTEL", which nobody trusts unless told to.

#ifndef QUOIN_SRC_SIMULATOR_PLATFORM_H_
#define QUOIN_SRC_SIMULATOR_PLATFORM_H_

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/simulator/bundle_writer.h"
#include "src/simulator/derive.h"
#include "src/simulator/pki.h"
#include "src/simulator/quote_writer.h"
#include "src/simulator/settings.h"
#include "src/simulator/td_report.h"

namespace quoin::simulator {

// One platform. The same seed and settings give the same bytes, whenever they are asked for.
// Movable; immutable use is thread-safe.
//
//   Platform platform(std::move(seed), now);
//   const Bytes report = platform.td_report(default_td_state(), report_data);
//   const Result<Bytes> quote = platform.quote(report);
//   const Bytes bundle = platform.collateral_bundle();
class Platform {
 public:
  // An UpToDate platform whose collateral was issued at that time.
  Platform(Seed seed, UtcTime issued);
  // Any platform. `settings` should come from default_settings() with the same seed.
  Platform(Seed seed, PlatformSettings settings);

  const Seed& seed() const { return seed_; }
  const PlatformSettings& settings() const { return settings_; }
  const Pki& certificates() const { return certificates_; }
  // In DER. Depends on the seed alone, unless the settings say otherwise.
  ByteView root_certificate() const { return certificates_.root; }

  // What the platform's provisioning service says for verifying quotes of that kind.
  BundleParts collateral(TeeType tee_type = TeeType::tdx) const;
  // The same as the JSON object that Collateral::parse() reads.
  Bytes collateral_bundle(TeeType tee_type = TeeType::tdx) const;

  // TDG.MR.REPORT: a TDREPORT of 1024 bytes.
  Bytes td_report(const TdState& state, const ByteArray<64>& report_data) const;

  // The quoting enclave: a quote for a TDREPORT of this platform, in the version that Intel's would
  // choose. Fails with refused for a report that this platform did not make, and as
  // parse_td_report() and td_quote_body() do.
  Result<Bytes> quote(ByteView td_report) const;

  // What a quote of that version would say, for quotes that differ from what quote() makes. The
  // body says whether it is about an enclave or a TD. write_quote() makes the bytes.
  QuoteParts quote_parts(const QuoteBody& body, uint16_t version) const;

  // Certification data of types 1 to 5 for this platform. The encrypted PPIDs are bytes that nobody
  // can decrypt. Type 6 has no such data, and gives none.
  Bytes certification_data(CertificationDataType type) const;

 private:
  Seed seed_;
  PlatformSettings settings_;
  Pki certificates_;
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_PLATFORM_H_
