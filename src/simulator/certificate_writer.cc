#include "src/simulator/certificate_writer.h"

#include <algorithm>

#include "src/crypto/sha2.h"
#include "src/simulator/der_writer.h"
#include "src/simulator/pck_extension.h"
#include "src/simulator/signing_key.h"

namespace quoin::simulator {
namespace {

// The octets of an uncompressed point (SEC 1, 2.3.3): 04 || X || Y.
Bytes uncompressed(const P256Point& point) {
  const ByteArray<1> form = {4};
  return joined({form, point});
}

Bytes der_attribute(uint32_t type, std::string_view value) {
  const Bytes attribute =
      der_sequence({der_object_identifier({2, 5, 4, type}), der_utf8_string(value)});
  return der_element(der::Tag::set, attribute);
}

Bytes der_public_key(const P256Point& point) {
  const Bytes algorithm = der_sequence({der_object_identifier({1, 2, 840, 10045, 2, 1}),
                                        der_object_identifier({1, 2, 840, 10045, 3, 1, 7})});
  return der_sequence({algorithm, der_bit_string(uncompressed(point))});
}

// An extension of arc 2.5.29 (RFC 5280, 4.2.1).
Bytes der_standard_extension(uint32_t number, bool critical, ByteView value) {
  return der_extension(der_object_identifier({2, 5, 29, number}), critical, value);
}

// CRLDistributionPoints with one fullName, a uniformResourceIdentifier (RFC 5280, 4.2.1.13).
Bytes der_crl_distribution_points(std::string_view uri) {
  const Bytes general_name = der_element(der::context_primitive(6), as_bytes(uri));
  const Bytes full_name = der_element(der::context_constructed(0), general_name);
  const Bytes name = der_element(der::context_constructed(0), full_name);
  return der_standard_extension(31, false, der_sequence({der_sequence({name})}));
}

Bytes der_basic_constraints(const x509::BasicConstraints& constraints) {
  Bytes fields;
  if (constraints.ca) fields = der_boolean(true);
  if (constraints.path_length) {
    fields = joined({fields, der_integer(*constraints.path_length)});
  }
  return der_standard_extension(19, true, der_sequence({fields}));
}

Bytes der_extensions(const Seed& seed, const CertificateSettings& settings) {
  Bytes out;
  if (settings.authority_key) {
    out = joined({out, der_authority_key_identifier(seed, *settings.authority_key)});
  }
  if (!settings.crl_distribution_point.empty()) {
    out = joined({out, der_crl_distribution_points(settings.crl_distribution_point)});
  }
  if (settings.subject_key_identifier) {
    const Bytes identifier = der_octet_string(key_identifier(seed, settings.key));
    out = joined({out, der_standard_extension(14, false, identifier)});
  }
  if (settings.key_usage) {
    out = joined({out, der_standard_extension(15, true, der_named_bits(*settings.key_usage))});
  }
  if (settings.basic_constraints) {
    out = joined({out, der_basic_constraints(*settings.basic_constraints)});
  }
  if (settings.sgx_extension) {
    out = joined({out, der_sgx_extension(*settings.sgx_extension)});
  }
  return joined({out, settings.more_extensions});
}

}  // namespace

Bytes der_name(const DistinguishedName& name) {
  const Bytes common_name = der_attribute(3, name.common_name);
  if (name.organization.empty()) return der_sequence({common_name});
  return der_sequence({common_name, der_attribute(10, name.organization)});
}

ByteArray<20> key_identifier(const Seed& seed, std::string_view key_label) {
  const Sha256Digest digest =
      sha256(uncompressed(SigningKey::derive(seed, key_label).public_key()));
  ByteArray<20> out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

Bytes der_authority_key_identifier(const Seed& seed, std::string_view key_label) {
  const Bytes identifier = der_element(der::context_primitive(0), key_identifier(seed, key_label));
  return der_standard_extension(35, false, der_sequence({identifier}));
}

Bytes der_signed(const Seed& seed, std::string_view key_label, ByteView tbs) {
  const P256Signature signature = SigningKey::derive(seed, key_label).sign(tbs);
  return der_sequence(
      {tbs, der_ecdsa_with_sha256(), der_bit_string(der_ecdsa_signature(signature))});
}

Bytes write_certificate(const Seed& seed, const CertificateSettings& settings) {
  const Bytes version = der_element(der::context_constructed(0), der_integer(2));
  const Bytes serial =
      settings.serial.empty() ? derive_serial(seed, settings.key) : settings.serial;
  const Bytes validity =
      der_sequence({der_time(settings.not_before), der_time(settings.not_after)});
  const Bytes public_key = der_public_key(SigningKey::derive(seed, settings.key).public_key());
  const Bytes extension_list = der_extensions(seed, settings);
  Bytes extensions;
  if (!extension_list.empty()) {
    extensions = der_element(der::context_constructed(3), der_sequence({extension_list}));
  }
  const Bytes tbs = der_sequence({version, der_element(der::Tag::integer, serial),
                                  der_ecdsa_with_sha256(), der_name(settings.issuer), validity,
                                  der_name(settings.subject), public_key, extensions});
  return der_signed(seed, settings.signed_by, tbs);
}

}  // namespace quoin::simulator
