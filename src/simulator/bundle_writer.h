// A bundle of collateral: what Collateral::parse() reads, and other verifiers too.

#ifndef QUOIN_SRC_SIMULATOR_BUNDLE_WRITER_H_
#define QUOIN_SRC_SIMULATOR_BUNDLE_WRITER_H_

#include <string>

#include "quoin/bytes.h"
#include "src/crypto/p256.h"

namespace quoin::simulator {

// The parts, each of which a test may replace. Signatures are over the exact bytes of the texts.
struct BundleParts {
  std::string pck_crl_issuer_chain;   // PEM
  Bytes root_ca_crl;                  // DER
  Bytes pck_crl;                      // DER
  std::string tcb_info_issuer_chain;  // PEM
  std::string tcb_info;               // JSON
  P256Signature tcb_info_signature{};
  std::string qe_identity_issuer_chain;  // PEM
  std::string qe_identity;               // JSON
  P256Signature qe_identity_signature{};
};

// The JSON object: the parts under their names as strings, CRLs and signatures in hex.
Bytes write_bundle(const BundleParts& parts);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_BUNDLE_WRITER_H_
