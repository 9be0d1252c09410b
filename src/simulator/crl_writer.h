// Certificate revocation lists (RFC 5280, section 5.1), the other direction of src/x509/crl.h.

#ifndef QUOIN_SRC_SIMULATOR_CRL_WRITER_H_
#define QUOIN_SRC_SIMULATOR_CRL_WRITER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/time.h"
#include "src/simulator/certificate_writer.h"
#include "src/simulator/derive.h"

namespace quoin::simulator {

struct RevokedCertificate {
  Bytes serial;  // the INTEGER's contents octets
  UtcTime date{};
  std::optional<uint8_t> reason = 1;  // 5.3.1: keyCompromise
};

// What a CRL says. Keys are named by the labels that SigningKey::derive() takes.
struct CrlSettings {
  std::string signed_by;
  DistinguishedName issuer;
  UtcTime this_update{};
  std::optional<UtcTime> next_update;
  std::vector<RevokedCertificate> revoked;
  // The extensions; what is not set is left out.
  std::optional<uint32_t> crl_number = 1;
  std::optional<std::string> authority_key;
  Bytes more_extensions;  // encoded Extensions, which stand behind the others
};

// The CRL in DER.
Bytes write_crl(const Seed& seed, const CrlSettings& settings);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_CRL_WRITER_H_
