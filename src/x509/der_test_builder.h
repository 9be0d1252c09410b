// Makes DER for tests: well-formed by default, and odd where a test asks for it.

#ifndef QUOIN_SRC_X509_DER_TEST_BUILDER_H_
#define QUOIN_SRC_X509_DER_TEST_BUILDER_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/base/hex.h"

namespace quoin::x509_test {

// Hexadecimal digits, which may have blanks between them, as bytes.
inline Bytes hex(std::string_view text) {
  std::string digits(text);
  std::erase(digits, ' ');
  return from_hex(digits).value();
}

inline Bytes join(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// One element, with a minimal length of up to three octets.
inline Bytes element(uint8_t tag, const Bytes& contents) {
  const size_t size = contents.size();
  Bytes header = {tag};
  if (size >= 0x10000) {
    header.insert(header.end(), {0x83, static_cast<uint8_t>(size >> 16),
                                 static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)});
  } else if (size >= 0x100) {
    header.insert(header.end(),
                  {0x82, static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)});
  } else if (size >= 0x80) {
    header.insert(header.end(), {0x81, static_cast<uint8_t>(size)});
  } else {
    header.push_back(static_cast<uint8_t>(size));
  }
  return join({header, contents});
}

inline Bytes text(uint8_t tag, std::string_view characters) {
  return element(tag, Bytes(characters.begin(), characters.end()));
}

inline Bytes sequence(const std::vector<Bytes>& parts) { return element(0x30, join(parts)); }
inline Bytes octet_string(const Bytes& contents) { return element(0x04, contents); }
inline Bytes bit_string(const Bytes& octets) { return element(0x03, join({{0x00}, octets})); }
inline Bytes oid(std::string_view contents) { return element(0x06, hex(contents)); }

// An RDN of one attribute.
inline Bytes rdn(std::string_view type, const Bytes& value) {
  return element(0x31, sequence({oid(type), value}));
}

inline Bytes common_name(std::string_view name) { return rdn("550403", text(0x0c, name)); }

inline Bytes extension(std::string_view id, const Bytes& value) {
  return sequence({oid(id), octet_string(value)});
}

inline Bytes critical_extension(std::string_view id, const Bytes& value) {
  return sequence({oid(id), hex("0101ff"), octet_string(value)});
}

inline Bytes ecdsa_with_sha256() { return sequence({oid("2a8648ce3d040302")}); }

// SEQUENCE { tbs, algorithm, BIT STRING { ECDSA-Sig-Value } }
inline Bytes signed_by_nobody(const Bytes& tbs, const Bytes& algorithm) {
  return sequence({tbs, algorithm, bit_string(sequence({hex("020101"), hex("020102")}))});
}

// A certificate in parts, each an encoding with tag and length, to be changed by a test.
struct CertificateParts {
  Bytes version = element(0xa0, hex("020102"));
  Bytes serial = hex("020105");
  Bytes algorithm = ecdsa_with_sha256();
  Bytes issuer = sequence({common_name("Issuer")});
  Bytes validity = sequence({text(0x17, "250102030405Z"), text(0x18, "20510102030405Z")});
  Bytes subject = sequence({common_name("Subject")});
  Bytes key = sequence({sequence({oid("2a8648ce3d0201"), oid("2a8648ce3d030107")}),
                        bit_string(join({{0x04}, Bytes(32, 0xaa), Bytes(32, 0xbb)}))});
  Bytes unique_ids;
  std::vector<Bytes> extensions = {extension("551d0e", octet_string(hex("0102")))};
  Bytes behind_extensions;
  Bytes outer_algorithm = ecdsa_with_sha256();

  Bytes encode() const {
    return signed_by_nobody(
        sequence({version, serial, algorithm, issuer, validity, subject, key, unique_ids,
                  element(0xa3, sequence(extensions)), behind_extensions}),
        outer_algorithm);
  }
};

// An entry of a CRL.
inline Bytes entry(const Bytes& serial, const Bytes& extensions = {}) {
  return sequence({serial, text(0x17, "250102030405Z"), extensions});
}

// A CRL in parts.
struct CrlParts {
  Bytes version = hex("020101");
  Bytes algorithm = ecdsa_with_sha256();
  Bytes issuer = sequence({common_name("Issuer")});
  Bytes this_update = text(0x17, "250102030405Z");
  Bytes next_update = text(0x17, "250202030405Z");
  Bytes revoked = sequence({entry(hex("020107")), entry(hex("020103"))});
  std::vector<Bytes> extensions = {extension("551d14", hex("020109"))};
  Bytes behind_extensions;
  Bytes outer_algorithm = ecdsa_with_sha256();

  Bytes encode() const {
    return signed_by_nobody(sequence({version, algorithm, issuer, this_update, next_update, revoked,
                                      element(0xa0, sequence(extensions)), behind_extensions}),
                            outer_algorithm);
  }
};

// Whether `result` is an error of that code whose text contains `what`.
template <typename T>
::testing::AssertionResult fails_with(const Result<T>& result, ErrorCode code,
                                      std::string_view what) {
  if (result.ok()) return ::testing::AssertionFailure() << "it was accepted";
  if (result.error().code == code && result.error().what.find(what) != std::string::npos) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure()
         << to_string(result.error().code) << ": " << result.error().what << "; wanted "
         << to_string(code) << ": " << what;
}

inline Bytes read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

// A file of testdata/x509.
inline Bytes testdata(std::string_view name) {
  Bytes bytes = read_file(std::string(QUOIN_SOURCE_DIR "/testdata/x509/").append(name));
  EXPECT_FALSE(bytes.empty()) << name;
  return bytes;
}

}  // namespace quoin::x509_test

#endif  // QUOIN_SRC_X509_DER_TEST_BUILDER_H_
