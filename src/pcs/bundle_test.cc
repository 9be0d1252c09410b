#include "src/pcs/bundle.h"

#include <gtest/gtest.h>

#include <optional>

#include "src/base/base64.h"
#include "src/base/hex.h"
#include "src/collateral/parts.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"
#include "src/x509/pem.h"

namespace quoin::pcs {
namespace {

using simulator::kIssued;

simulator::Platform platform() { return simulator::Platform(simulator::test_seed(1), kIssued); }

std::string answer_of(std::string_view name, std::string_view object,
                      const P256Signature& signature) {
  return "{\"" + std::string(name) + "\":" + std::string(object) + ",\"signature\":\"" +
         to_hex(signature) + "\"}";
}

BundleParts sample() {
  const simulator::BundleParts made = platform().collateral();
  BundleParts parts;
  parts.tcb_info = {.answer = answer_of("tcbInfo", made.tcb_info, made.tcb_info_signature),
                    .issuer_chain = made.tcb_info_issuer_chain};
  parts.qe_identity = {
      .answer = answer_of("enclaveIdentity", made.qe_identity, made.qe_identity_signature),
      .issuer_chain = made.qe_identity_issuer_chain};
  parts.pck_crl = made.pck_crl;
  parts.pck_crl_issuer_chain = made.pck_crl_issuer_chain;
  parts.root_ca_crl = made.root_ca_crl;
  parts.source = "here";
  parts.fetched_at = kIssued;
  return parts;
}

TEST(WriteBundle, RefusesWhatIsNoCollateral) {
  const std::pair<std::string_view, void (*)(BundleParts&)> cases[] = {
      {"no JSON", [](BundleParts& p) { p.tcb_info.answer = "<html>"; }},
      {"an array", [](BundleParts& p) { p.tcb_info.answer = "[]"; }},
      {"no object", [](BundleParts& p) { p.tcb_info.answer = R"({"signature":"00"})"; }},
      {"a text for an object", [](BundleParts& p) { p.tcb_info.answer = R"({"tcbInfo":"{}"})"; }},
      {"no signature", [](BundleParts& p) { p.qe_identity.answer = R"({"enclaveIdentity":{}})"; }},
      {"swapped", [](BundleParts& p) { std::swap(p.tcb_info, p.qe_identity); }},
      {"something behind it", [](BundleParts& p) { p.tcb_info.answer += "{}"; }},
      {"no chain", [](BundleParts& p) { p.tcb_info.issuer_chain = ""; }},
      {"a chain that is no UTF-8", [](BundleParts& p) { p.tcb_info.issuer_chain += "\xff"; }},
      {"no CRL", [](BundleParts& p) { p.pck_crl.clear(); }},
      {"half a CRL", [](BundleParts& p) { p.root_ca_crl.pop_back(); }},
  };
  for (const auto& [what, change] : cases) {
    BundleParts parts = sample();
    change(parts);
    EXPECT_FALSE(write_bundle(parts).ok()) << what;
  }
}

TEST(WriteBundle, LeavesBlanksInWhatIsSignedAlone) {
  BundleParts parts = sample();
  const size_t at = parts.tcb_info.answer.find(':') + 2;
  parts.tcb_info.answer.insert(at, "\t \"note\\u0041\" :\"\\\"\\\\ \\u00e9\xc3\xa9\",\r\n");
  const auto bundle = write_bundle(parts);
  ASSERT_TRUE(bundle.ok()) << bundle.error().what;
  EXPECT_TRUE(Collateral::parse(*bundle).ok());
  EXPECT_NE(as_text(*bundle).find(R"(\u0009 \"note\\u0041\" :)"), std::string_view::npos);
}

// Nothing that verification refuses is put in order on the way.
TEST(WriteBundle, LeavesAnAnswerThatHasANameTwiceAsItCame) {
  BundleParts parts = sample();
  parts.tcb_info.answer.insert(1, "\n\"note\":1,\"note\":2,");
  const auto bundle = write_bundle(parts);
  ASSERT_TRUE(bundle.ok()) << bundle.error().what;
  const Collateral collateral = Collateral::parse(*bundle).value();
  EXPECT_EQ(collateral.tcb_info().repeated_name, "note");
  EXPECT_EQ(collateral.qe_identity().repeated_name, std::nullopt);
  EXPECT_EQ(as_text(collateral.parts().tcb_info_signed.signed_bytes),
            platform().collateral().tcb_info);
}

TEST(ReadProvenance, RefusesABundleWithout) {
  EXPECT_EQ(read_provenance(platform().collateral_bundle()).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_provenance(as_bytes(R"({"source":"a","fetched_at":"yesterday"})")).error().code,
            ErrorCode::malformed);
  EXPECT_EQ(
      read_provenance(as_bytes(R"({"source":1,"fetched_at":"2026-01-01T00:00:00Z"})")).error().code,
      ErrorCode::malformed);
  EXPECT_FALSE(read_provenance(as_bytes("[]")).ok());
  const Provenance provenance = read_provenance(write_bundle(sample()).value()).value();
  EXPECT_EQ(provenance.source, "here");
  EXPECT_EQ(provenance.fetched_at, kIssued);
}

TEST(DecodeCrl, RefusesOtherTexts) {
  for (const std::string text : {"", " ", "<html>", "3", "308", "zz", "{}", "MIIB!", "AAAA", "1122",
                                 "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                                 "-----BEGIN X509 CRL-----\n"}) {
    EXPECT_FALSE(decode_crl(as_bytes(text)).ok()) << text;
  }
}

TEST(DecodeCrl, ReadsEveryForm) {
  const Bytes crl = platform().collateral().pck_crl;
  EXPECT_EQ(decode_crl(crl).value(), crl);
  for (const std::string& text : {to_hex(crl), to_base64(crl), x509::to_pem(crl, "X509 CRL")}) {
    EXPECT_EQ(decode_crl(as_bytes(text)).value(), crl);
    EXPECT_EQ(decode_crl(as_bytes(" " + text + "\r\n")).value(), crl);
  }
}

}  // namespace
}  // namespace quoin::pcs
