// What can be wrong with evidence, each in one place, and the rule that refuses it.

#ifndef QUOIN_SRC_VERIFY_FAULTS_TESTING_H_
#define QUOIN_SRC_VERIFY_FAULTS_TESTING_H_

#include <functional>
#include <string_view>
#include <vector>

#include "src/verify/evidence_testing.h"

namespace quoin {

using Make = std::function<void(Evidence&)>;

struct Fault {
  std::string_view reason;  // the id of the check
  std::string_view what;
  Make make;
  // What else does not pass, because it looks at the same: behind the reason, in order.
  std::vector<std::string_view> also = {};
};

// A change of one part of the evidence.
Make in_settings(std::function<void(simulator::PlatformSettings&)> change);
Make in_pki(std::function<void(simulator::PkiSettings&)> change);
Make in_quote(std::function<void(simulator::QuoteParts&)> change);
Make in_bundle(std::function<void(simulator::BundleParts&)> change);

// Faults of certificates, CRLs, and what is signed; and of what it says.
std::vector<Fault> certificate_faults();
std::vector<Fault> revocation_faults();
std::vector<Fault> tcb_info_signature_faults();
std::vector<Fault> qe_identity_signature_faults();
std::vector<Fault> platform_faults();
std::vector<Fault> quoting_enclave_faults();

// All of them, in the order of the rules.
const std::vector<Fault>& faults();

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_FAULTS_TESTING_H_
