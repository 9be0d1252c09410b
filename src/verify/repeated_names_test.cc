// Collateral in which a name stands twice in one object. Intel's library takes the first member and
// says nothing: so its status is ours, and a check says why the verdict is not genuine.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "src/base/hex.h"
#include "src/simulator/signing_key.h"
#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

using simulator::BundleParts;
using simulator::SigningKey;

// One of the two signed texts, and its rule.
struct Text {
  std::string_view rule;
  std::string_view response;
  std::string BundleParts::* text;
  P256Signature BundleParts::* signature;
};

constexpr Text kTexts[] = {
    {"tcb_info_unique_keys", "tcbInfo", &BundleParts::tcb_info, &BundleParts::tcb_info_signature},
    {"qe_identity_unique_keys", "enclaveIdentity", &BundleParts::qe_identity,
     &BundleParts::qe_identity_signature},
};

// Evidence with a change of one text, which is then signed anew.
Evidence with_text(const Text& which, std::function<void(std::string&)> change) {
  Evidence evidence;
  evidence.change_bundle = [=](BundleParts& parts) {
    change(parts.*which.text);
    parts.*which.signature = SigningKey::derive(evidence_seed(), simulator::kTcbSigningKey)
                                 .sign(as_bytes(parts.*which.text));
  };
  return evidence;
}

const Check& check_of(const Verdict& verdict, std::string_view id) {
  static const Check kNone;
  const auto found = std::ranges::find(verdict.checks, id, &Check::id);
  if (found != verdict.checks.end()) return *found;
  ADD_FAILURE() << "no check " << id;
  return kNone;
}

// With two statuses in every level that has one of UpToDate.
Verdict verdict_of_statuses(const Text& which, std::string_view first, std::string_view second) {
  constexpr std::string_view kMember = "\"tcbStatus\":\"UpToDate\"";
  const std::string members =
      "\"tcbStatus\":\"" + std::string(first) + "\",\"tcbStatus\":\"" + std::string(second) + "\"";
  return verify(with_text(which, [&](std::string& text) {
    size_t at = text.find(kMember);
    ASSERT_NE(at, std::string::npos);
    for (; at != std::string::npos; at = text.find(kMember, at + members.size())) {
      text.replace(at, kMember.size(), members);
    }
  }));
}

TEST(RepeatedNames, TheFirstStatusIsTheOneThatIntelGives) {
  for (const Text& which : kTexts) {
    SCOPED_TRACE(which.rule);
    const Verdict revoked = verdict_of_statuses(which, "Revoked", "UpToDate");
    EXPECT_FALSE(revoked.genuine);
    EXPECT_EQ(revoked.tcb_status, TcbStatus::revoked);
    EXPECT_EQ(refusals_of(revoked), std::vector{which.rule});

    const Verdict up_to_date = verdict_of_statuses(which, "UpToDate", "Revoked");
    EXPECT_FALSE(up_to_date.genuine);
    EXPECT_EQ(up_to_date.tcb_status, TcbStatus::up_to_date);
    EXPECT_EQ(refusals_of(up_to_date), std::vector{which.rule});
    EXPECT_EQ(check_of(up_to_date, which.rule).seen, "\"tcbStatus\" stands twice");
  }
}

TEST(RepeatedNames, WhereThereAreNoneTheCheckSaysSo) {
  const Verdict verdict = verify({});
  for (const Text& which : kTexts) {
    EXPECT_TRUE(check_of(verdict, which.rule).passed);
    EXPECT_EQ(check_of(verdict, which.rule).seen, "each stands once");
  }
}

// A text whose signature does not hold is refused for that first.
TEST(RepeatedNames, TheSignatureGoesBefore) {
  for (const Text& which : kTexts) {
    Evidence evidence;
    evidence.change_bundle = [&](BundleParts& parts) {
      (parts.*which.text).insert(1, "\"x\":1,\"x\":1,");
    };
    const Verdict verdict = verify(evidence);
    const auto refusals = refusals_of(verdict);
    ASSERT_EQ(refusals.size(), 2u);
    EXPECT_TRUE(refusals[0].ends_with("_signature")) << refusals[0];
    EXPECT_EQ(refusals[1], which.rule);
    EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
  }
}

TEST(RepeatedNames, WhoeverChoseTheNameDoesNotChooseWhatIsPrinted) {
  const std::string longest(64, 'n');
  const struct {
    std::string name;  // as it stands in the text
    std::string seen;
  } kNames[] = {
      {"", "\"\" stands twice"},
      {" ~", "\" ~\" stands twice"},
      {"\\u001b[2J\\u0000\\n\x7f", "\"?[2J???\" stands twice"},
      {"\xc3\xa9", "\"??\" stands twice"},
      {longest, "\"" + longest + "\" stands twice"},
      {longest + "n", "\"" + longest + "...\" stands twice"},
      {std::string(100'000, 'n'), "\"" + longest + "...\" stands twice"},
  };
  for (const auto& [name, seen] : kNames) {
    const std::string member = "\"" + name + "\":1,";
    for (const Text& which : kTexts) {
      const Verdict verdict =
          verify(with_text(which, [&](std::string& text) { text.insert(1, member + member); }));
      EXPECT_EQ(reason_of(verdict), which.rule);
      EXPECT_EQ(check_of(verdict, which.rule).seen, seen);
    }
  }
}

// The service's response in the bundle, of which only the inner object is signed.
TEST(RepeatedNames, AroundWhatIsSignedAreRefusedToo) {
  const Bytes quote_bytes = quote_of({});
  const auto quote = parse_quote(quote_bytes);
  ASSERT_TRUE(quote.ok());
  for (const Text& which : kTexts) {
    const std::string signature =
        ",\"signature\":\"" + to_hex(bundle_of({}).*which.signature) + "\"";
    for (const bool twice : {false, true}) {
      BundleParts parts = bundle_of({});
      parts.*which.text = "{\"" + std::string(which.response) + "\":" + parts.*which.text +
                          signature + (twice ? ",\"signature\":\"\"}" : "}");
      std::string bundle(as_text(simulator::write_bundle(parts)));
      const std::string member =
          which.text == &BundleParts::tcb_info ? "tcb_info_signature" : "qe_identity_signature";
      bundle.replace(bundle.find("\"" + member + "\""), member.size() + 2, "\"unused\"");

      const auto collateral = Collateral::parse(as_bytes(bundle));
      ASSERT_TRUE(collateral.ok()) << collateral.error().what;
      const Verdict verdict = verify_quote(*quote, *collateral, kNow, trust_roots_of({}));
      EXPECT_EQ(verdict.genuine, !twice);
      EXPECT_EQ(reason_of(verdict), twice ? which.rule : "");
      EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
    }
  }
}

}  // namespace
}  // namespace quoin
