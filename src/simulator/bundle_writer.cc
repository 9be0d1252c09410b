#include "src/simulator/bundle_writer.h"

#include "src/base/hex.h"
#include "src/simulator/json_writer.h"

namespace quoin::simulator {

Bytes write_bundle(const BundleParts& parts) {
  const std::string json =
      json_object({{"pck_crl_issuer_chain", json_string(parts.pck_crl_issuer_chain)},
                   {"root_ca_crl", json_string(to_hex(parts.root_ca_crl))},
                   {"pck_crl", json_string(to_hex(parts.pck_crl))},
                   {"tcb_info_issuer_chain", json_string(parts.tcb_info_issuer_chain)},
                   {"tcb_info", json_string(parts.tcb_info)},
                   {"tcb_info_signature", json_string(to_hex(parts.tcb_info_signature))},
                   {"qe_identity_issuer_chain", json_string(parts.qe_identity_issuer_chain)},
                   {"qe_identity", json_string(parts.qe_identity)},
                   {"qe_identity_signature", json_string(to_hex(parts.qe_identity_signature))}});
  return Bytes(json.begin(), json.end());
}

}  // namespace quoin::simulator
