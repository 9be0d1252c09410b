// What evidence may look like besides what our simulator writes, and what it may not.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "src/verify/evidence_testing.h"
#include "src/x509/pem.h"

namespace quoin {
namespace {

using simulator::BundleParts;
using simulator::QuoteParts;

constexpr std::string_view kLabel = "CERTIFICATE";
constexpr std::string_view kEndLine = "-----END CERTIFICATE-----\n";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  size_t count = 0;
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
    ++count;
  }
  EXPECT_GT(count, 0u) << "no " << from;
}

// Sets a bit of the last digit that says nothing, which makes base64 of the same bytes that nobody
// writes.
void set_unused_bit(std::string& text) {
  const size_t padding = text.find("=\n-----END");
  ASSERT_NE(padding, std::string::npos);
  const size_t last = text.find_last_not_of('=', padding);
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const size_t value = kDigits.find(text[last]);
  ASSERT_EQ(value % 4, 0u);
  text[last] = kDigits[value + 1];
}

// Puts a byte behind the DER of the first certificate.
void append_to_first(std::string& text) {
  auto chain = x509::parse_pem(text, kLabel, 3).value();
  chain.front().push_back(0);
  text.clear();
  for (const Bytes& der : chain) text += x509::to_pem(der, kLabel);
}

// Puts other octets in the place of the length that a DER structure begins with.
void replace_length(Bytes& der, const Bytes& length) {
  const size_t octets = der[1] < 0x80 ? 1u : 1u + (der[1] & 0x7fu);
  der.erase(der.begin() + 1, der.begin() + 1 + static_cast<ptrdiff_t>(octets));
  der.insert(der.begin() + 1, length.begin(), length.end());
}

// The same for the first certificate of a chain.
std::function<void(std::string&)> with_length(const Bytes& length) {
  return [=](std::string& text) {
    auto chain = x509::parse_pem(text, kLabel, 3).value();
    replace_length(chain.front(), length);
    text.clear();
    for (const Bytes& der : chain) text += x509::to_pem(der, kLabel);
  };
}

struct PemForm {
  std::string_view what;
  std::function<void(std::string&)> change;
  bool accepted;
};

// Intel's library passes over text around certificates (CertificateChain::splitChain), and leaves
// base64 to OpenSSL, which does not mind unused bits. Nothing that Intel serves has either, and
// what nobody needs to read cannot be read in two ways: there ours is stricter.
const std::vector<PemForm>& pem_forms() {
  using Text = std::string&;
  static const std::vector<PemForm> table = {
      {"as the simulator writes it", [](Text) {}, true},
      {"a NUL at the end", [](Text t) { t.push_back('\0'); }, true},
      {"lines that end with CR LF", [](Text t) { replace_all(t, "\n", "\r\n"); }, true},
      {"CR LF, and a NUL at the end",
       [](Text t) {
         replace_all(t, "\n", "\r\n");
         t.push_back('\0');
       },
       true},
      {"no line break at the end", [](Text t) { t.pop_back(); }, true},
      {"empty lines between certificates",
       [](Text t) { replace_all(t, kEndLine, std::string(kEndLine) + "\n\n"); }, true},
      {"blanks around certificates", [](Text t) { t = " \t" + t + " "; }, true},

      {"two NULs at the end", [](Text t) { t.append(2, '\0'); }, false},
      {"a NUL between certificates",
       [](Text t) { replace_all(t, kEndLine, std::string(kEndLine) + '\0'); }, false},
      {"text before", [](Text t) { t.insert(0, "Bag Attributes\n"); }, false},
      {"text after", [](Text t) { t += "end\n"; }, false},
      {"text between", [](Text t) { replace_all(t, kEndLine, std::string(kEndLine) + "next\n"); },
       false},
      {"another label", [](Text t) { replace_all(t, "CERTIFICATE", "X509 CERTIFICATE"); }, false},
      {"a label in lower case", [](Text t) { replace_all(t, "CERTIFICATE", "certificate"); },
       false},
      {"a blank in a line", [](Text t) { t.insert(60, " "); }, false},
      {"an empty line in a certificate", [](Text t) { t.insert(t.find('\n'), "\n"); }, false},
      {"unused bits of base64 that are set", set_unused_bit, false},
      {"a byte behind a certificate", append_to_first, false},
      {"no certificate", [](Text t) { t = "\n"; }, false},
      {"a DER length of 2^31", with_length({0x84, 0x80, 0, 0, 0}), false},
      {"a DER length of 2^32 - 1", with_length({0x84, 0xff, 0xff, 0xff, 0xff}), false},
      {"a DER length of 2^63", with_length({0x88, 0x80, 0, 0, 0, 0, 0, 0, 0}), false},
      {"a DER length that is indefinite", with_length({0x80}), false},
  };
  return table;
}

TEST(Encodings, OfThePlatformsCertificates) {
  for (const PemForm& form : pem_forms()) {
    SCOPED_TRACE(form.what);
    Evidence evidence;
    evidence.change_quote = [&](QuoteParts& parts) {
      std::string text(as_text(parts.certification_data));
      form.change(text);
      const ByteView bytes = as_bytes(text);
      parts.certification_data.assign(bytes.begin(), bytes.end());
    };
    const Verdict verdict = verify(evidence);
    EXPECT_EQ(verdict.genuine, form.accepted);
    EXPECT_EQ(reason_of(verdict), form.accepted ? "" : "certification_data");
  }
}

TEST(Encodings, OfTheChainsInCollateral) {
  for (const auto chain :
       {&BundleParts::tcb_info_issuer_chain, &BundleParts::qe_identity_issuer_chain,
        &BundleParts::pck_crl_issuer_chain}) {
    for (const PemForm& form : pem_forms()) {
      SCOPED_TRACE(form.what);
      Evidence evidence;
      evidence.change_bundle = [&](BundleParts& parts) { form.change(parts.*chain); };
      EXPECT_EQ(bundle_error_of(evidence) == std::nullopt, form.accepted);
      if (form.accepted) {
        EXPECT_TRUE(verify(evidence).genuine);
      }
    }
  }
}

TEST(Encodings, QeAuthenticationDataMayHaveAnyLength) {
  struct Row {
    uint16_t version;
    BodyType body_type;
  };
  for (const Row& row : {Row{3, BodyType::sgx_enclave_report}, Row{4, BodyType::td_report_10},
                         Row{5, BodyType::td_report_15}}) {
    for (const unsigned size : {0u, 1u, 31u, 32u, 33u, 65535u}) {
      SCOPED_TRACE(std::to_string(row.version) + ", " + std::to_string(size));
      Evidence evidence;
      evidence.version = row.version;
      evidence.body_type = row.body_type;
      evidence.settings.qe_authentication_data.assign(size, 0xa5);
      const Verdict verdict = verify(evidence);
      EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
    }
  }
}

// Each length says that there is more than there is, by so much that a sum of 32 bits, or a signed
// one, would come out small again.
TEST(Encodings, LengthsOf2To31AndMoreAreNotBelieved) {
  struct Field {
    std::string_view name;
    std::optional<uint32_t> simulator::QuoteLies::* lie;
    uint16_t version;
    BodyType body_type;
  };
  using Lies = simulator::QuoteLies;
  constexpr Field kFields[] = {
      {"signature data", &Lies::signature_data_size, 3, BodyType::sgx_enclave_report},
      {"certification data", &Lies::certification_data_size, 3, BodyType::sgx_enclave_report},
      {"signature data", &Lies::signature_data_size, 4, BodyType::td_report_10},
      {"QE report data", &Lies::outer_certification_data_size, 4, BodyType::td_report_10},
      {"certification data", &Lies::certification_data_size, 4, BodyType::td_report_10},
      {"body", &Lies::body_size, 5, BodyType::sgx_enclave_report},
      {"body", &Lies::body_size, 5, BodyType::td_report_10},
      {"body", &Lies::body_size, 5, BodyType::td_report_15},
      {"body", &Lies::body_size, 5, BodyType::td_report_15_ex},
      {"signature data", &Lies::signature_data_size, 5, BodyType::td_report_15},
  };
  constexpr uint32_t kSizes[] = {0x7fffffff, 0x80000000, 0x80000001, 0x80000000 + 648,
                                 0xffffff00, 0xfffffffc, 0xffffffff};
  for (const Field& field : kFields) {
    for (const uint32_t size : kSizes) {
      SCOPED_TRACE(std::string(field.name) + " of version " + std::to_string(field.version) + ", " +
                   std::to_string(size));
      Evidence evidence;
      evidence.version = field.version;
      evidence.body_type = field.body_type;
      evidence.change_quote = [&](QuoteParts& parts) { parts.lies.*field.lie = size; };
      const auto error = quote_error_of(evidence);
      ASSERT_TRUE(error);
      EXPECT_EQ(*error,
                field.lie == &Lies::body_size ? ErrorCode::malformed : ErrorCode::truncated);
    }
  }
}

TEST(Encodings, CrlLengthsOf2To31AndMoreAreNotBelieved) {
  for (const Bytes& length : {Bytes{0x84, 0x80, 0, 0, 0}, Bytes{0x84, 0xff, 0xff, 0xff, 0xff},
                              Bytes{0x88, 0x80, 0, 0, 0, 0, 0, 0, 0}}) {
    for (const auto crl : {&BundleParts::root_ca_crl, &BundleParts::pck_crl}) {
      Evidence evidence;
      evidence.change_bundle = [&](BundleParts& parts) { replace_length(parts.*crl, length); };
      EXPECT_TRUE(bundle_error_of(evidence));
    }
  }
}

// Numbers that would be right in fewer bits.
TEST(Encodings, NumbersOf2To31AndMoreAreNotWrapped) {
  struct Row {
    std::string BundleParts::* text;
    std::string_view from;
    std::string_view to;
  };
  constexpr Row kRows[] = {
      {&BundleParts::tcb_info, "\"version\":3", "\"version\":2147483651"},
      {&BundleParts::tcb_info, "\"version\":3", "\"version\":4294967299"},
      {&BundleParts::tcb_info, "\"version\":3", "\"version\":18446744073709551619"},
      {&BundleParts::tcb_info, "\"tcbType\":0", "\"tcbType\":4294967296"},
      {&BundleParts::tcb_info, "\"pcesvn\":13", "\"pcesvn\":65549"},
      {&BundleParts::tcb_info, "\"pcesvn\":13", "\"pcesvn\":4294967309"},
      {&BundleParts::tcb_info, "\"svn\":0", "\"svn\":256"},
      {&BundleParts::tcb_info, "\"isvsvn\":5", "\"isvsvn\":65541"},
      {&BundleParts::qe_identity, "\"version\":2", "\"version\":4294967298"},
      {&BundleParts::qe_identity, "\"isvprodid\":2", "\"isvprodid\":65538"},
      {&BundleParts::qe_identity, "\"isvsvn\":6", "\"isvsvn\":2147483654"},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.to);
    Evidence evidence;
    evidence.change_bundle = [&](BundleParts& parts) {
      replace_all(parts.*row.text, row.from, row.to);
    };
    EXPECT_TRUE(bundle_error_of(evidence));
  }
}

}  // namespace
}  // namespace quoin
