// What can be changed in a simulated platform, its collateral and its quotes. Each change is small,
// so that a few of them leave the evidence near the line between accepted and refused.

#ifndef QUOIN_FUZZ_MUTANTS_MUTATIONS_H_
#define QUOIN_FUZZ_MUTANTS_MUTATIONS_H_

#include <span>
#include <string>
#include <string_view>

#include "fuzz/mutants/random.h"
#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/time.h"
#include "src/simulator/bundle_writer.h"
#include "src/simulator/quote_writer.h"
#include "src/simulator/settings.h"

namespace quoin::mutants {

// When evidence is looked at unless a time near one of its dates is.
inline constexpr UtcTime kNow{std::chrono::seconds(1'750'000'000)};

// A platform that is being changed, and the TEE that its quotes are from.
struct Subject {
  simulator::PlatformSettings settings;
  bool tdx = true;

  TcbInfo& tcb_info() { return tdx ? settings.tdx_tcb_info : settings.sgx_tcb_info; }
  QeIdentity& qe_identity() { return tdx ? settings.td_qe_identity : settings.qe_identity; }
};

// A change of a T, by name.
template <typename T>
struct Mutation {
  std::string_view name;
  void (*apply)(T&, Random&);
};

// Changes of TCB info, identities and the platform's SVNs that make another platform, most often a
// genuine one.
std::span<const Mutation<Subject>> shapes();
// Changes of what the collateral says that break a rule, most often.
std::span<const Mutation<Subject>> collateral_faults();
// The same of certificates, chains and CRLs.
std::span<const Mutation<Subject>> pki_faults();
// Changes of a quote before it is signed: SVNs, which are no faults, and faults.
std::span<const Mutation<simulator::QuoteParts>> quote_shapes();
std::span<const Mutation<simulator::QuoteParts>> quote_faults();
// Changes of a JSON text before it is signed.
std::span<const Mutation<std::string>> text_mutations();
// Changes of what has been signed.
std::span<const Mutation<simulator::BundleParts>> bundle_mutations();
std::span<const Mutation<Bytes>> bundle_file_mutations();
std::span<const Mutation<Bytes>> quote_file_mutations();

// A number that differs by one, and stays in its range.
template <typename Number>
void nudge(Number& number, Random& random) {
  const bool up = random.percent(50);
  if (up && number != static_cast<Number>(-1)) {
    ++number;
  } else if (!up && number != 0) {
    --number;
  }
}

// Flips one bit of something that is not empty.
void flip(std::span<uint8_t> bytes, Random& random);
// The other signature that the same key makes of the same digest with the same nonce: s becomes n -
// s, where n is the group's order. As right as the first.
void negate(std::span<uint8_t> s);
// A time within some weeks of kNow.
UtcTime near_now(Random& random);

}  // namespace quoin::mutants

#endif  // QUOIN_FUZZ_MUTANTS_MUTATIONS_H_
