#include "src/simulator/crl_writer.h"

#include "src/simulator/der_writer.h"

namespace quoin::simulator {
namespace {

// One element of revokedCertificates.
Bytes der_entry(const RevokedCertificate& revoked) {
  const Bytes serial = der_element(der::Tag::integer, revoked.serial);
  if (!revoked.reason) return der_sequence({serial, der_time(revoked.date)});
  const ByteArray<1> reason = {*revoked.reason};
  const Bytes extension = der_extension(der_object_identifier({2, 5, 29, 21}), false,
                                        der_element(der::Tag::enumerated, reason));
  return der_sequence({serial, der_time(revoked.date), der_sequence({extension})});
}

// revokedCertificates, which is absent where there are none (RFC 5280, 5.1.2.6).
Bytes der_revoked(const std::vector<RevokedCertificate>& revoked) {
  if (revoked.empty()) return {};
  Bytes entries;
  for (const RevokedCertificate& certificate : revoked) {
    entries = joined({entries, der_entry(certificate)});
  }
  return der_sequence({entries});
}

Bytes der_crl_extensions(const Seed& seed, const CrlSettings& settings) {
  Bytes out;
  if (settings.crl_number) {
    out = der_extension(der_object_identifier({2, 5, 29, 20}), false,
                        der_integer(*settings.crl_number));
  }
  if (settings.authority_key) {
    out = joined({out, der_authority_key_identifier(seed, *settings.authority_key)});
  }
  out = joined({out, settings.more_extensions});
  if (out.empty()) return {};
  return der_element(der::context_constructed(0), der_sequence({out}));
}

}  // namespace

Bytes write_crl(const Seed& seed, const CrlSettings& settings) {
  Bytes next_update;
  if (settings.next_update) next_update = der_time(*settings.next_update);
  const Bytes tbs =
      der_sequence({der_integer(1), der_ecdsa_with_sha256(), der_name(settings.issuer),
                    der_time(settings.this_update), next_update, der_revoked(settings.revoked),
                    der_crl_extensions(seed, settings)});
  return der_signed(seed, settings.signed_by, tbs);
}

}  // namespace quoin::simulator
