// Holds our readers against OpenSSL's: what we accept, OpenSSL accepts, and says the same of it. On
// certificates and CRLs that openssl made, on Intel's where the shared vectors are, and on all of
// them with one byte changed. There is no exception. The other direction does not hold: OpenSSL
// accepts more.

#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/crypto/openssl_pointer.h"
#include "src/crypto/p256.h"
#include "src/x509/certificate.h"
#include "src/x509/chain.h"
#include "src/x509/crl.h"
#include "src/x509/der_test_builder.h"
#include "src/x509/sgx_extension.h"

namespace quoin::x509 {
namespace {

using x509_test::read_file;
using x509_test::testdata;

using OwnedCertificate = OpenSslPointer<X509, X509_free>;
using OwnedCrl = OpenSslPointer<X509_CRL, X509_CRL_free>;

// What an i2d function of OpenSSL writes.
template <typename T, typename Encode>
Bytes encode(T* object, Encode i2d) {
  Bytes bytes(static_cast<size_t>(std::max(i2d(object, nullptr), 0)));
  uint8_t* out = bytes.data();
  i2d(object, &out);
  return bytes;
}

Bytes contents(const ASN1_STRING* text) {
  const uint8_t* data = ASN1_STRING_get0_data(text);
  return Bytes(data, data + ASN1_STRING_length(text));
}

// The contents octets of an INTEGER of less than 128 of them.
Bytes integer_contents(const ASN1_INTEGER* integer) {
  const Bytes encoded = encode(integer, i2d_ASN1_INTEGER);
  return Bytes(encoded.begin() + 2, encoded.end());
}

std::optional<UtcTime> to_utc(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  return UtcTime(std::chrono::seconds(timegm(&fields)));
}

Bytes raw_signature(const ASN1_BIT_STRING* value) {
  const uint8_t* data = value->data;
  const OpenSslPointer<ECDSA_SIG, ECDSA_SIG_free> signature(
      d2i_ECDSA_SIG(nullptr, &data, value->length));
  Bytes raw(64);
  if (signature == nullptr) return {};
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + 32, 32);
  return raw;
}

std::string common_name(const X509_NAME* name) {
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) return "";
  const Bytes text = contents(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  return std::string(as_text(text));
}

// The names of the fields in which the two readings differ.
class Differences {
 public:
  void check(std::string_view field, bool same) {
    if (!same) fields_ += (fields_.empty() ? "" : ", ") + std::string(field);
  }
  void check_name(std::string_view field, const Name& ours, const X509_NAME* theirs) {
    check(field, equal(ours.encoded, encode(theirs, i2d_X509_NAME)) &&
                     ours.common_name == common_name(theirs));
  }
  const std::string& text() const { return fields_; }

 private:
  std::string fields_;
};

void compare_extensions(const Certificate& ours, const X509* theirs, Differences& differences) {
  const OpenSslPointer<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> constraints(
      static_cast<BASIC_CONSTRAINTS*>(
          X509_get_ext_d2i(theirs, NID_basic_constraints, nullptr, nullptr)));
  differences.check("basicConstraints",
                    ours.basic_constraints.has_value() == (constraints != nullptr));
  if (ours.basic_constraints.has_value() && constraints != nullptr) {
    differences.check("cA", ours.basic_constraints->ca == (constraints->ca != 0));
    const auto& path_length = ours.basic_constraints->path_length;
    differences.check("pathLenConstraint",
                      path_length.has_value() == (constraints->pathlen != nullptr) &&
                          (!path_length.has_value() ||
                           ASN1_INTEGER_get(constraints->pathlen) == long{*path_length}));
  }

  const OpenSslPointer<ASN1_BIT_STRING, ASN1_BIT_STRING_free> usage(
      static_cast<ASN1_BIT_STRING*>(X509_get_ext_d2i(theirs, NID_key_usage, nullptr, nullptr)));
  differences.check("keyUsage", ours.key_usage.has_value() == (usage != nullptr));
  if (ours.key_usage.has_value() && usage != nullptr) {
    for (int bit = 0; bit < 16; ++bit) {
      differences.check("keyUsage",
                        (*ours.key_usage >> bit & 1) == ASN1_BIT_STRING_get_bit(usage.get(), bit));
    }
  }

  const OpenSslPointer<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> subject_key(
      static_cast<ASN1_OCTET_STRING*>(
          X509_get_ext_d2i(theirs, NID_subject_key_identifier, nullptr, nullptr)));
  differences.check("subjectKeyIdentifier",
                    equal(ours.subject_key_identifier,
                          subject_key == nullptr ? Bytes() : contents(subject_key.get())));

  const OpenSslPointer<AUTHORITY_KEYID, AUTHORITY_KEYID_free> authority_key(
      static_cast<AUTHORITY_KEYID*>(
          X509_get_ext_d2i(theirs, NID_authority_key_identifier, nullptr, nullptr)));
  differences.check("authorityKeyIdentifier",
                    equal(ours.authority_key_identifier,
                          authority_key == nullptr || authority_key->keyid == nullptr
                              ? Bytes()
                              : contents(authority_key->keyid)));

  const OpenSslPointer<ASN1_OBJECT, ASN1_OBJECT_free> sgx(OBJ_txt2obj("1.2.840.113741.1.13.1", 1));
  const int index = X509_get_ext_by_OBJ(theirs, sgx.get(), -1);
  differences.check(
      "SGX extension",
      equal(ours.sgx_extension,
            index < 0 ? Bytes() : contents(X509_EXTENSION_get_data(X509_get_ext(theirs, index)))));
}

// Nothing, or how OpenSSL's reading of `der`, which is `ours`, differs.
std::string compare(ByteView der, const Certificate& ours) {
  const uint8_t* data = der.data();
  const OwnedCertificate theirs(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
  if (theirs == nullptr || data != der.data() + der.size()) return "OpenSSL refuses it";
  Differences differences;
  differences.check("tbsCertificate", equal(ours.tbs, encode(theirs.get(), i2d_re_X509_tbs)));
  differences.check("version", X509_get_version(theirs.get()) == X509_VERSION_3);
  differences.check("serialNumber",
                    equal(ours.serial, integer_contents(X509_get0_serialNumber(theirs.get()))));
  differences.check_name("issuer", ours.issuer, X509_get_issuer_name(theirs.get()));
  differences.check_name("subject", ours.subject, X509_get_subject_name(theirs.get()));
  differences.check("notBefore", to_utc(X509_get0_notBefore(theirs.get())) == ours.not_before);
  differences.check("notAfter", to_utc(X509_get0_notAfter(theirs.get())) == ours.not_after);
  const Bytes point = contents(X509_get0_pubkey_bitstr(theirs.get()));
  differences.check("subjectPublicKey",
                    point.size() == 65 && equal(ByteView(point).subspan(1), ours.public_key));
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(&signature, &algorithm, theirs.get());
  differences.check("signatureAlgorithm",
                    OBJ_obj2nid(algorithm->algorithm) == NID_ecdsa_with_SHA256);
  differences.check("signatureValue", equal(ours.signature, raw_signature(signature)));
  compare_extensions(ours, theirs.get(), differences);
  return differences.text();
}

std::string compare(ByteView der, const Crl& ours) {
  const uint8_t* data = der.data();
  const OwnedCrl theirs(d2i_X509_CRL(nullptr, &data, static_cast<long>(der.size())));
  if (theirs == nullptr || data != der.data() + der.size()) return "OpenSSL refuses it";
  Differences differences;
  differences.check("version", X509_CRL_get_version(theirs.get()) == X509_CRL_VERSION_2);
  differences.check_name("issuer", ours.issuer, X509_CRL_get_issuer(theirs.get()));
  differences.check("thisUpdate",
                    to_utc(X509_CRL_get0_lastUpdate(theirs.get())) == ours.this_update);
  differences.check("nextUpdate",
                    to_utc(X509_CRL_get0_nextUpdate(theirs.get())) == ours.next_update);
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(theirs.get(), &signature, &algorithm);
  differences.check("signatureAlgorithm",
                    OBJ_obj2nid(algorithm->algorithm) == NID_ecdsa_with_SHA256);
  differences.check("signatureValue", equal(ours.signature, raw_signature(signature)));

  const STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(theirs.get());
  std::vector<Bytes> serials;
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
    serials.push_back(
        integer_contents(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, i))));
  }
  std::ranges::sort(serials);
  differences.check("revokedCertificates", std::ranges::equal(ours.revoked, serials, equal));
  differences.check("is_revoked", std::ranges::all_of(serials, [&](const Bytes& serial) {
                      return ours.is_revoked(serial);
                    }));

  const OpenSslPointer<ASN1_INTEGER, ASN1_INTEGER_free> number(static_cast<ASN1_INTEGER*>(
      X509_CRL_get_ext_d2i(theirs.get(), NID_crl_number, nullptr, nullptr)));
  differences.check("cRLNumber", ours.crl_number.has_value() == (number != nullptr) &&
                                     (number == nullptr ||
                                      equal(*ours.crl_number, integer_contents(number.get()))));
  const OpenSslPointer<AUTHORITY_KEYID, AUTHORITY_KEYID_free> authority_key(
      static_cast<AUTHORITY_KEYID*>(
          X509_CRL_get_ext_d2i(theirs.get(), NID_authority_key_identifier, nullptr, nullptr)));
  differences.check("authorityKeyIdentifier",
                    equal(ours.authority_key_identifier,
                          authority_key == nullptr || authority_key->keyid == nullptr
                              ? Bytes()
                              : contents(authority_key->keyid)));
  differences.check("tbsCertList", equal(ours.tbs, encode(theirs.get(), i2d_re_X509_CRL_tbs)));
  return differences.text();
}

// Parses `der` with each byte replaced by `change` of it and the number of the round, `rounds`
// times, and compares what is accepted. Some must be accepted and some refused, or the test would
// say nothing.
template <typename Parse>
void compare_changed(Bytes der, unsigned rounds,
                     const std::function<uint8_t(uint8_t, unsigned)>& change, Parse parse) {
  size_t accepted = 0;
  size_t refused = 0;
  for (size_t i = 0; i < der.size(); ++i) {
    const uint8_t original = der[i];
    for (unsigned round = 0; round < rounds; ++round) {
      der[i] = change(original, round);
      const auto ours = parse(der);
      ++(ours.ok() ? accepted : refused);
      if (!ours.ok()) continue;
      const std::string difference = compare(der, *ours);
      EXPECT_EQ(difference, "") << "byte " << i << " is " << unsigned{der[i]} << ", was "
                                << unsigned{original};
    }
    der[i] = original;
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_GT(refused, 0u);
}

uint8_t other_value(uint8_t byte, unsigned round) { return static_cast<uint8_t>(byte + 1 + round); }
constexpr unsigned kOtherValues = 255;
uint8_t flip_bit(uint8_t byte, unsigned round) { return static_cast<uint8_t>(byte ^ 1u << round); }
constexpr unsigned kBits = 8;

TEST(OpensslTest, agrees_on_testdata) {
  const Bytes pem = testdata("chain.pem");
  const auto chain = Chain::parse_pem(as_text(pem));
  ASSERT_TRUE(chain.ok()) << chain.error().what;
  for (const Certificate& certificate : chain->certificates()) {
    EXPECT_EQ(compare(certificate.encoded, certificate), "");
  }
  for (const std::string_view file : {"root_crl.der", "platform_crl.der"}) {
    const Bytes der = testdata(file);
    const auto crl = parse_crl(der);
    ASSERT_TRUE(crl.ok()) << file << ": " << crl.error().what;
    EXPECT_EQ(compare(der, *crl), "") << file;
  }
}

TEST(OpensslTest, agrees_on_every_changed_byte_of_testdata) {
  const Bytes pem = testdata("chain.pem");
  const auto chain = Chain::parse_pem(as_text(pem));
  ASSERT_TRUE(chain.ok()) << chain.error().what;
  const std::vector<Certificate>& certificates = chain->certificates();
  const auto copy = [](ByteView view) { return Bytes(view.begin(), view.end()); };
  compare_changed(copy(certificates[0].encoded), kBits, flip_bit, parse_certificate);
  compare_changed(copy(certificates[1].encoded), kBits, flip_bit, parse_certificate);
  compare_changed(testdata("platform_crl.der"), kOtherValues, other_value, parse_crl);
}

TEST(OpensslTest, agrees_on_every_changed_byte_of_an_sgx_extension) {
  const Bytes pem = testdata("chain.pem");
  const auto chain = Chain::parse_pem(as_text(pem));
  ASSERT_TRUE(chain.ok()) << chain.error().what;
  const ByteView view = chain->certificates()[0].sgx_extension;
  Bytes der(view.begin(), view.end());
  // OpenSSL knows no such extension: it can only say that the outer value is well-formed.
  for (size_t i = 0; i < der.size(); ++i) {
    for (unsigned round = 0; round < kOtherValues; ++round) {
      const uint8_t original = der[i];
      der[i] = other_value(original, round);
      if (parse_sgx_extension(der).ok()) {
        const uint8_t* data = der.data();
        const OpenSslPointer<ASN1_TYPE, ASN1_TYPE_free> theirs(
            d2i_ASN1_TYPE(nullptr, &data, static_cast<long>(der.size())));
        EXPECT_TRUE(theirs != nullptr && data == der.data() + der.size()) << i;
      }
      der[i] = original;
    }
  }
}

// The certificates and CRLs of the shared vectors: real quotes and Intel's collateral.
struct Vectors {
  std::set<std::string> pems;
  std::set<Bytes> certificates;
  std::set<Bytes> crls;
  std::map<std::string, P256PublicKey> keys;  // by the subject's common name

  void add_chain(const std::string& pem, const std::filesystem::path& path) {
    if (!pems.insert(pem).second) return;
    const auto chain = Chain::parse_pem(pem);
    ASSERT_TRUE(chain.ok()) << path << ": " << chain.error().what;
    for (const Certificate& certificate : chain->certificates()) {
      const auto key = P256PublicKey::from_point(certificate.public_key);
      if (key.ok()) keys.emplace(certificate.subject.common_name, *key);
      certificates.emplace(certificate.encoded.begin(), certificate.encoded.end());
    }
  }

  void add_set(const std::filesystem::path& path) {
    const Bytes text = read_file(path.string());
    const auto document = JsonDocument::parse(text);
    ASSERT_TRUE(document.ok()) << path << document.error().what;
    const auto members = document->root().members();
    ASSERT_TRUE(members.ok()) << path;
    for (const auto& member : *members) {
      if (member.name.ends_with("chain")) add_chain(member.value.string().value(), path);
      if (!member.name.ends_with("crl")) continue;
      crls.insert(from_hex(member.value.string().value()).value());
    }
  }

  // A quote's chain is at its end.
  void add_quote(const std::filesystem::path& path) {
    const Bytes quote = read_file(path.string());
    const std::string_view text = as_text(quote);
    const size_t begin = text.find("-----BEGIN CERTIFICATE-----");
    if (begin != std::string_view::npos) add_chain(std::string(text.substr(begin)), path);
  }

  // Whether the named issuer's key made the signature.
  bool is_signed(const Name& issuer, ByteView tbs, const P256Signature& signature) const {
    const auto key = keys.find(std::string(issuer.common_name));
    return key != keys.end() && key->second.verify(tbs, signature);
  }
};

class VectorsTest : public ::testing::Test {
 protected:
  static std::filesystem::path folder() {
    const char* named = std::getenv("QUOIN_VECTORS");
    return named != nullptr ? named : QUOIN_SOURCE_DIR "/../shared/vectors";
  }

  static const Vectors& vectors() {
    static const Vectors all = [] {
      Vectors read;
      for (const auto& file : std::filesystem::directory_iterator(folder() / "sets")) {
        read.add_set(file.path());
      }
      for (const auto& file : std::filesystem::directory_iterator(folder() / "quotes")) {
        read.add_quote(file.path());
      }
      return read;
    }();
    return all;
  }

  void SetUp() override {
    if (!std::filesystem::is_directory(folder() / "sets")) {
      GTEST_SKIP() << "no shared vectors (QUOIN_VECTORS names their folder)";
    }
  }
};

TEST_F(VectorsTest, agrees_on_every_certificate) {
  size_t sgx_extensions = 0;
  size_t forged = 0;
  for (const Bytes& der : vectors().certificates) {
    const auto certificate = parse_certificate(der);
    ASSERT_TRUE(certificate.ok()) << certificate.error().what << ": " << to_hex(der);
    EXPECT_EQ(compare(der, *certificate), "") << to_hex(der);
    if (!vectors().is_signed(certificate->issuer, certificate->tbs, certificate->signature)) {
      ++forged;
    }
    EXPECT_TRUE(certificate->subject.common_name.starts_with("Intel SGX "));
    EXPECT_TRUE(certificate->basic_constraints.has_value());
    EXPECT_TRUE(certificate->key_usage.has_value());
    if (certificate->sgx_extension.empty()) continue;
    ++sgx_extensions;
    const auto extension = parse_sgx_extension(certificate->sgx_extension);
    ASSERT_TRUE(extension.ok()) << extension.error().what << ": " << to_hex(der);
    const bool platform = certificate->issuer.common_name == "Intel SGX PCK Platform CA";
    EXPECT_EQ(extension->platform_instance_id.has_value(), platform);
    EXPECT_EQ(extension->configuration.has_value(), platform);
  }
  EXPECT_GT(sgx_extensions, 20u);
  // One quote comes from a negative test of Open Enclave's: its root's key is not on the curve.
  EXPECT_LE(forged, 1u);
}

TEST_F(VectorsTest, agrees_on_every_crl) {
  EXPECT_GT(vectors().crls.size(), 10u);
  for (const Bytes& der : vectors().crls) {
    const auto crl = parse_crl(der);
    ASSERT_TRUE(crl.ok()) << crl.error().what << ": " << to_hex(der);
    EXPECT_EQ(compare(der, *crl), "") << to_hex(der);
    EXPECT_TRUE(vectors().is_signed(crl->issuer, crl->tbs, crl->signature)) << to_hex(der);
  }
}

TEST_F(VectorsTest, agrees_on_some_with_a_byte_changed) {
  std::map<std::string, Bytes> by_name;  // one of each subject
  for (const Bytes& der : vectors().certificates) {
    by_name[std::string(parse_certificate(der).value().subject.common_name)] = der;
  }
  EXPECT_EQ(by_name.size(), 5u);
  for (const auto& [name, der] : by_name) {
    SCOPED_TRACE(name);
    compare_changed(der, 1, flip_bit, parse_certificate);
  }
  const auto by_size = [](const Bytes& a, const Bytes& b) { return a.size() < b.size(); };
  const std::set<Bytes>& crls = vectors().crls;
  compare_changed(*std::ranges::min_element(crls, by_size), 1, flip_bit, parse_crl);
  compare_changed(*std::ranges::max_element(crls, by_size), 1, flip_bit, parse_crl);
}

}  // namespace
}  // namespace quoin::x509
