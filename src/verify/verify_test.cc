// Every rule refuses the evidence that breaks it, and nothing else does.

#include "quoin/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "src/simulator/platform.h"
#include "src/verify/rules.h"

namespace quoin {
namespace {

using simulator::CertificateRole;
using simulator::Platform;
using simulator::PlatformSettings;
using simulator::QuoteParts;
using simulator::Seed;

constexpr UtcTime kNow{std::chrono::seconds(1'750'000'000)};
constexpr auto kDay = std::chrono::days(1);

Seed test_seed() { return Seed(); }

// What goes into a verification, each part to be changed by a test.
struct Evidence {
  PlatformSettings settings = simulator::default_settings(test_seed(), kNow - kDay);
  // Applied to the quote and the bundle before they are written.
  std::function<void(QuoteParts&)> change_quote = [](QuoteParts&) {};
  std::function<void(simulator::BundleParts&)> change_bundle = [](simulator::BundleParts&) {};
  TdReport15Ex body = [] {
    TdReport15Ex report;
    report.td_attributes = {0, 0, 0, 0x10, 0, 0, 0, 0};
    return report;
  }();
  uint16_t version = 4;
  bool is_tdx = true;
  UtcTime now = kNow;
  bool trust_simulator = true;
};

Verdict verify(const Evidence& evidence) {
  const Platform platform(test_seed(), evidence.settings);
  simulator::QuoteBody body = EnclaveReport{};
  if (evidence.is_tdx) {
    TdReport15Ex report = evidence.body;
    report.tee_tcb_svn = evidence.settings.tee_tcb_info.tee_tcb_svn;
    report.tee_tcb_svn2 = evidence.settings.tee_tcb_info.tee_tcb_svn2;
    if (evidence.version == 4) {
      body = static_cast<const TdReport10&>(report);
    } else {
      body = report;
    }
  }
  QuoteParts parts = platform.quote_parts(body, evidence.version);
  evidence.change_quote(parts);
  const Bytes quote_bytes = simulator::write_quote(test_seed(), parts);
  const auto quote = parse_quote(quote_bytes);
  if (!quote.ok()) {
    ADD_FAILURE() << quote.error().what;
    return {};
  }

  simulator::BundleParts bundle =
      platform.collateral(evidence.is_tdx ? TeeType::tdx : TeeType::sgx);
  evidence.change_bundle(bundle);
  const auto collateral = Collateral::parse(simulator::write_bundle(bundle));
  if (!collateral.ok()) {
    ADD_FAILURE() << collateral.error().what;
    return {};
  }

  // The root of the platform as it would be without the test's change.
  const Platform honest(test_seed(), kNow);
  std::vector<TrustRoot> roots = {TrustRoot::intel()};
  if (evidence.trust_simulator) {
    roots.push_back(TrustRoot::parse(honest.root_certificate()).value());
  }
  return verify_quote(*quote, *collateral, evidence.now, roots);
}

std::string reason_of(const Verdict& verdict) {
  return verdict.reason() == nullptr ? "" : std::string(verdict.reason()->id);
}

TEST(VerifyQuote, UpToDateQuotesOfEveryVersionAreGenuine) {
  for (const uint16_t version : {uint16_t{4}, uint16_t{5}}) {
    Evidence evidence;
    evidence.version = version;
    const Verdict verdict = verify(evidence);
    EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
    EXPECT_TRUE(verdict.simulated);
    EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
    EXPECT_EQ(reason_of(verdict), "");
    EXPECT_TRUE(verdict.platform);
  }
  for (const uint16_t version : {uint16_t{3}, uint16_t{4}, uint16_t{5}}) {
    Evidence evidence;
    evidence.version = version;
    evidence.is_tdx = false;
    const Verdict verdict = verify(evidence);
    EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
    EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
  }
}

TEST(VerifyQuote, ChecksOfAGenuineQuoteAreEveryRuleInOrder) {
  const Verdict verdict = verify({});
  std::vector<std::string_view> seen;
  for (const Check& check : verdict.checks) seen.push_back(check.id);
  std::set<std::string_view> wanted;
  for (const Rule& rule : rules::kAll) wanted.insert(rule.id);
  EXPECT_EQ(std::set(seen.begin(), seen.end()), wanted);
  EXPECT_EQ(seen.size(), wanted.size()) << "a rule was looked at twice";
}

TEST(VerifyQuote, ChainsMayStandInAnyOrder) {
  Evidence evidence;
  auto& chain = evidence.settings.pck_chain;
  std::ranges::sort(chain);
  do {
    std::ranges::reverse(evidence.settings.tcb_info_issuer_chain);
    const Verdict verdict = verify(evidence);
    EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
  } while (std::ranges::next_permutation(chain).found);
}

TEST(VerifyQuote, SimulatorIsNotTrustedUnasked) {
  Evidence evidence;
  evidence.trust_simulator = false;
  const Verdict verdict = verify(evidence);
  EXPECT_FALSE(verdict.genuine);
  EXPECT_FALSE(verdict.simulated);
  EXPECT_EQ(reason_of(verdict), "pck_chain_root");
  EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date) << "given also when something refuses";
}

TEST(VerifyQuote, NoTrustRootsTrustNothing) {
  const Platform platform(test_seed(), kNow - kDay);
  const Bytes report = platform.td_report(simulator::default_td_state(), {});
  const Bytes quote_bytes = platform.quote(report).value();
  const auto quote = parse_quote(quote_bytes);
  const auto collateral = Collateral::parse(platform.collateral_bundle());
  const Verdict verdict = verify_quote(*quote, *collateral, kNow, {});
  EXPECT_FALSE(verdict.genuine);
  EXPECT_EQ(reason_of(verdict), "pck_chain_root");
}

TEST(VerifyQuote, HoldsUntilTheEarliestEnd) {
  Evidence evidence;
  const UtcTime end = kNow + 3 * kDay;
  evidence.settings.td_qe_identity.next_update = end;
  EXPECT_EQ(verify(evidence).valid_until, end);
  evidence.now = end;
  EXPECT_TRUE(verify(evidence).genuine) << "the last second is inside";
  evidence.now = end + std::chrono::seconds(1);
  EXPECT_EQ(reason_of(verify(evidence)), "qe_identity_not_expired");
}

struct Fault {
  std::string_view reason;
  std::string what;
  std::function<void(Evidence&)> make;
};

void flip(ByteArray<64>& bytes) { bytes[40] ^= 1; }

const std::vector<Fault>& faults() {
  using E = Evidence;
  using Q = QuoteParts;
  using B = simulator::BundleParts;
  const auto type4 = CertificationDataType::pck_leaf;
  static const std::vector<Fault> table = {
      {"certification_data", "another type",
       [=](E& e) { e.change_quote = [=](Q& q) { q.certification_data_type = type4; }; }},
      {"certification_data", "not PEM",
       [](E& e) { e.change_quote = [](Q& q) { q.certification_data = {1, 2, 3}; }; }},
      {"certification_data", "a certificate is missing",
       [](E& e) { e.settings.pck_chain.pop_back(); }},
      {"certification_data", "a certificate too many",
       [](E& e) { e.settings.pck_chain.push_back(CertificateRole::root); }},

      {"pck_chain_names", "leaf is something else",
       [](E& e) { e.settings.pki.pck.subject.common_name = "Somebody"; }},
      {"pck_chain_names", "CA is something else",
       [](E& e) {
         e.settings.pki.platform_ca.subject.common_name = "Somebody";
         e.settings.pki.pck.issuer.common_name = "Somebody";
         e.settings.pck_crl.issuer.common_name = "Somebody";
       }},
      {"pck_chain_names", "leaf issued by another",
       [](E& e) { e.settings.pki.pck.issuer.common_name = "SGX PCK Platform CA"; }},
      {"pck_chain_names", "CA issued by another",
       [](E& e) { e.settings.pki.platform_ca.issuer.common_name = "SGX Root CA"; }},

      {"pck_chain_constraints", "leaf is a CA",
       [](E& e) { e.settings.pki.pck.basic_constraints = {true, 0}; }},
      {"pck_chain_constraints", "CA is none",
       [](E& e) { e.settings.pki.platform_ca.basic_constraints = {false, std::nullopt}; }},
      {"pck_chain_constraints", "CA does not say",
       [](E& e) { e.settings.pki.platform_ca.basic_constraints.reset(); }},
      {"pck_chain_constraints", "CA may not sign certificates",
       [](E& e) { e.settings.pki.platform_ca.key_usage = uint16_t{1} << 6; }},
      {"pck_chain_constraints", "CA may not sign CRLs",
       [](E& e) { e.settings.pki.platform_ca.key_usage = uint16_t{1} << 5; }},
      {"pck_chain_constraints", "CA says nothing of its key",
       [](E& e) { e.settings.pki.platform_ca.key_usage.reset(); }},

      {"pck_chain_root", "another root of the same name and key",
       [](E& e) { e.settings.pki.root.serial = {7}; }},

      {"pck_chain_signatures", "leaf signed by another key",
       [](E& e) { e.settings.pki.pck.signed_by = "somebody"; }},
      {"pck_chain_signatures", "CA signed by another key",
       [](E& e) { e.settings.pki.platform_ca.signed_by = "somebody"; }},

      {"pck_chain_not_expired", "leaf", [](E& e) { e.settings.pki.pck.not_after = kNow - kDay; }},
      {"pck_chain_not_expired", "CA",
       [](E& e) { e.settings.pki.platform_ca.not_after = kNow - kDay; }},
      {"pck_chain_not_before", "leaf", [](E& e) { e.settings.pki.pck.not_before = kNow + kDay; }},
      {"pck_chain_not_before", "CA",
       [](E& e) { e.settings.pki.platform_ca.not_before = kNow + kDay; }},

      {"pck_sgx_extension", "missing", [](E& e) { e.settings.pki.pck.sgx_extension.reset(); }},

      {"root_ca_crl_issuer", "another name",
       [](E& e) { e.settings.root_ca_crl.issuer.common_name = "Somebody"; }},
      {"root_ca_crl_extensions", "no number",
       [](E& e) { e.settings.root_ca_crl.crl_number.reset(); }},
      {"root_ca_crl_extensions", "no key identifier",
       [](E& e) { e.settings.root_ca_crl.authority_key.reset(); }},
      {"root_ca_crl_signature", "another key",
       [](E& e) { e.settings.root_ca_crl.signed_by = "somebody"; }},
      {"root_ca_crl_not_expired", "",
       [](E& e) { e.settings.root_ca_crl.next_update = kNow - kDay; }},
      {"root_ca_crl_not_before", "",
       [](E& e) { e.settings.root_ca_crl.this_update = kNow + kDay; }},

      {"pck_crl_issuer", "another name",
       [](E& e) { e.settings.pck_crl.issuer.common_name = "Somebody"; }},
      {"pck_crl_issuer", "the other CA's list",
       [](E& e) {
         e.settings.pck_crl.issuer = e.settings.pki.processor_ca.subject;
         e.settings.pck_crl.signed_by = e.settings.pki.processor_ca.key;
       }},
      {"pck_crl_extensions", "no number", [](E& e) { e.settings.pck_crl.crl_number.reset(); }},
      {"pck_crl_signature", "another key", [](E& e) { e.settings.pck_crl.signed_by = "somebody"; }},
      {"pck_crl_not_expired", "", [](E& e) { e.settings.pck_crl.next_update = kNow - kDay; }},
      {"pck_crl_not_before", "", [](E& e) { e.settings.pck_crl.this_update = kNow + kDay; }},

      {"pck_ca_not_revoked", "",
       [](E& e) {
         e.settings.pki.platform_ca.serial = {0x11};
         e.settings.root_ca_crl.revoked = {{.serial = {0x11}, .date = kNow - kDay}};
       }},
      {"pck_not_revoked", "",
       [](E& e) {
         e.settings.pki.pck.serial = {0x12};
         e.settings.pck_crl.revoked = {{.serial = {0x10}, .date = kNow - kDay},
                                       {.serial = {0x12}, .date = kNow - kDay}};
       }},

      {"tcb_info_chain", "a certificate is missing",
       [](E& e) { e.settings.tcb_info_issuer_chain.pop_back(); }},
      {"tcb_info_chain", "signer is something else",
       [](E& e) {
         e.settings.tcb_info_issuer_chain = {CertificateRole::platform_ca, CertificateRole::root};
         e.settings.tcb_info_signed_by = e.settings.pki.platform_ca.key;
       }},
      {"tcb_info_chain", "signer is a CA",
       [](E& e) { e.settings.pki.tcb_signing.basic_constraints = {true, 0}; }},
      {"tcb_info_chain", "signer issued by another",
       [](E& e) { e.settings.pki.tcb_signing.issuer.common_name = "Somebody"; }},
      {"tcb_info_chain_signature", "another key",
       [](E& e) { e.settings.pki.tcb_signing.signed_by = "somebody"; }},
      {"tcb_info_signer_not_revoked", "",
       [](E& e) {
         e.settings.pki.tcb_signing.serial = {0x13};
         e.settings.root_ca_crl.revoked = {{.serial = {0x13}, .date = kNow - kDay}};
       }},
      {"tcb_info_signature", "another key",
       [](E& e) { e.settings.tcb_info_signed_by = "somebody"; }},
      {"tcb_info_signature", "a changed bit",
       [](E& e) { e.change_bundle = [](B& b) { flip(b.tcb_info_signature); }; }},
      {"tcb_info_signature", "a blank more",
       [](E& e) { e.change_bundle = [](B& b) { b.tcb_info.insert(1, " "); }; }},
      {"tcb_info_chain_not_expired", "",
       [](E& e) { e.settings.pki.tcb_signing.not_after = kNow - kDay; }},
      {"tcb_info_chain_not_before", "",
       [](E& e) { e.settings.pki.tcb_signing.not_before = kNow + kDay; }},
      {"tcb_info_not_expired", "", [](E& e) { e.settings.tdx_tcb_info.next_update = kNow - kDay; }},
      {"tcb_info_not_before", "", [](E& e) { e.settings.tdx_tcb_info.issue_date = kNow + kDay; }},

      {"qe_identity_chain", "a certificate is missing",
       [](E& e) { e.settings.qe_identity_issuer_chain.pop_back(); }},
      {"qe_identity_chain", "signer is something else",
       [](E& e) {
         e.settings.qe_identity_issuer_chain = {CertificateRole::platform_ca,
                                                CertificateRole::root};
         e.settings.qe_identity_signed_by = e.settings.pki.platform_ca.key;
       }},
      {"qe_identity_signature", "another key",
       [](E& e) { e.settings.qe_identity_signed_by = "somebody"; }},
      {"qe_identity_signature", "a changed bit",
       [](E& e) { e.change_bundle = [](B& b) { flip(b.qe_identity_signature); }; }},
      {"qe_identity_not_expired", "",
       [](E& e) { e.settings.td_qe_identity.next_update = kNow - kDay; }},
      {"qe_identity_not_before", "",
       [](E& e) { e.settings.td_qe_identity.issue_date = kNow + kDay; }},

      {"tcb_info_tee", "for SGX",
       [](E& e) {
         e.settings.tdx_tcb_info.id = TcbInfoId::sgx;
         e.settings.tdx_tcb_info.tdx_module.reset();
         e.settings.tdx_tcb_info.tdx_module_identities.reset();
       }},
      {"tcb_info_fmspc", "", [](E& e) { e.settings.tdx_tcb_info.fmspc[5] ^= 1; }},
      {"tcb_info_fmspc", "in the certificate",
       [](E& e) { e.settings.pki.pck.sgx_extension->fmspc[0] ^= 1; }},
      {"tcb_info_pce_id", "", [](E& e) { e.settings.tdx_tcb_info.pce_id[1] ^= 1; }},
      {"tdx_module_identity", "TCB info does not know the version",
       [](E& e) { e.settings.tee_tcb_info.tee_tcb_svn[1] = 9; }},
      {"tdx_module_identity", "TCB info has no identities",
       [](E& e) { e.settings.tdx_tcb_info.tdx_module_identities.reset(); }},
      {"tdx_module_mr_signer", "in TCB info",
       [](E& e) {
         for (auto& identity : *e.settings.tdx_tcb_info.tdx_module_identities) {
           identity.module.mr_signer[0] ^= 1;
         }
       }},
      {"tdx_module_mr_signer", "in the report", [](E& e) { e.body.mr_signer_seam[47] = 1; }},
      {"tdx_module_attributes", "in the report", [](E& e) { e.body.seam_attributes[7] = 1; }},
      {"tdx_module_attributes", "not zero, though TCB info says so too",
       [](E& e) {
         e.body.seam_attributes[7] = 1;
         for (auto& identity : *e.settings.tdx_tcb_info.tdx_module_identities) {
           identity.module.attributes[7] = 1;
         }
       }},
      {"tdx_module_attributes", "not zero in TCB info only",
       [](E& e) {
         for (auto& identity : *e.settings.tdx_tcb_info.tdx_module_identities) {
           identity.module.attributes[0] = 1;
         }
       }},

      {"qe_report_signature", "another key",
       [](E& e) { e.change_quote = [](Q& q) { q.qe_report_signed_by = "somebody"; }; }},
      {"qe_report_data", "another attestation key",
       [](E& e) {
         e.change_quote = [](Q& q) {
           q.bind_attestation_key = false;
           q.qe_report.report_data.fill(0);
         };
       }},
      {"qe_identity_tee", "the SGX QE's",
       [](E& e) { e.settings.td_qe_identity.id = QeIdentityId::qe; }},
      {"qe_identity_tee", "the QVE's",
       [](E& e) { e.settings.td_qe_identity.id = QeIdentityId::qve; }},
      {"qe_miscselect", "",
       [](E& e) {
         e.change_quote = [](Q& q) { q.qe_report.miscselect = 1; };
         e.settings.td_qe_identity.miscselect_mask = 0xffffffff;
       }},
      {"qe_attributes", "DEBUG",
       [](E& e) { e.change_quote = [](Q& q) { q.qe_report.attributes[0] |= 2; }; }},
      {"qe_mr_signer", "",
       [](E& e) { e.change_quote = [](Q& q) { q.qe_report.mr_signer[31] ^= 1; }; }},
      {"qe_isv_prod_id", "",
       [](E& e) { e.change_quote = [](Q& q) { q.qe_report.isv_prod_id ^= 1; }; }},
      {"quote_signature", "another key",
       [](E& e) { e.change_quote = [](Q& q) { q.signed_by = "somebody"; }; }},

      {"tcb_level", "no level for the platform",
       [](E& e) { e.settings.pki.pck.sgx_extension->pce_svn = 0; }},
      {"tcb_level", "no level for the TDX module",
       [](E& e) { e.settings.tee_tcb_info.tee_tcb_svn[0] = 0; }},
      {"tcb_level", "no level for the QE",
       [](E& e) { e.change_quote = [](Q& q) { q.qe_report.isv_svn = 0; }; }},
      {"tcb_level", "a status that we do not know",
       [](E& e) {
         for (auto& level : e.settings.tdx_tcb_info.tcb_levels) {
           level.status = TcbStatus::unrecognized;
         }
       }},
      {"tcb_level", "a QE status that a QE cannot have",
       [](E& e) {
         for (auto& level : e.settings.td_qe_identity.tcb_levels) {
           level.status = TcbStatus::sw_hardening_needed;
         }
       }},
      {"tcb_level", "a module status that a module cannot have",
       [](E& e) {
         for (auto& identity : *e.settings.tdx_tcb_info.tdx_module_identities) {
           for (auto& level : identity.tcb_levels) level.status = TcbStatus::configuration_needed;
         }
       }},
      {"tcb_level", "no level for the module that runs now",
       [](E& e) {
         e.version = 5;
         e.settings.tee_tcb_info.tee_tcb_svn2[0] = 0;
       }},
  };
  return table;
}

TEST(VerifyQuote, EachFaultIsRefusedForItsReason) {
  for (const Fault& fault : faults()) {
    SCOPED_TRACE(std::string(fault.reason) + ": " + fault.what);
    Evidence evidence;
    fault.make(evidence);
    const Verdict verdict = verify(evidence);
    EXPECT_FALSE(verdict.genuine);
    EXPECT_EQ(reason_of(verdict), fault.reason)
        << (verdict.reason() ? verdict.reason()->seen : "nothing");
  }
}

// Faults of the second signed text's chain refuse the first's as well, since they share it in the
// simulator: here only the second is broken.
TEST(VerifyQuote, QeIdentityHasAChainOfItsOwn) {
  const auto with_other_signer = [](const std::function<void(PlatformSettings&)>& change) {
    Evidence other;
    change(other.settings);
    const Platform platform(test_seed(), other.settings);
    Evidence evidence;
    evidence.settings.root_ca_crl = other.settings.root_ca_crl;
    evidence.change_bundle = [parts = platform.collateral()](simulator::BundleParts& bundle) {
      bundle.qe_identity_issuer_chain = parts.qe_identity_issuer_chain;
    };
    return reason_of(verify(evidence));
  };
  EXPECT_EQ(with_other_signer([](PlatformSettings& s) { s.pki.root.serial = {7}; }),
            "qe_identity_chain_root");
  EXPECT_EQ(with_other_signer([](PlatformSettings& s) { s.pki.tcb_signing.signed_by = "x"; }),
            "qe_identity_chain_signature");
  EXPECT_EQ(
      with_other_signer([](PlatformSettings& s) { s.pki.tcb_signing.not_after = kNow - kDay; }),
      "qe_identity_chain_not_expired");
  EXPECT_EQ(
      with_other_signer([](PlatformSettings& s) { s.pki.tcb_signing.not_before = kNow + kDay; }),
      "qe_identity_chain_not_before");
  EXPECT_EQ(with_other_signer([](PlatformSettings& s) {
              s.pki.tcb_signing.serial = {0x14};
              s.root_ca_crl.revoked = {{.serial = {0x14}, .date = kNow - kDay}};
            }),
            "qe_identity_signer_not_revoked");
}

TEST(VerifyQuote, TcbInfoMustEndInTheRootThatThePckChainEndsIn) {
  Evidence other;
  other.settings.pki.root.serial = {7};
  const Platform platform(test_seed(), other.settings);
  Evidence evidence;
  evidence.change_bundle = [parts = platform.collateral()](simulator::BundleParts& bundle) {
    bundle.tcb_info_issuer_chain = parts.tcb_info_issuer_chain;
  };
  EXPECT_EQ(reason_of(verify(evidence)), "tcb_info_chain_root");
}

// The ids that the tests above name, and rules::kAll: a rule without a refusal cannot be added.
TEST(VerifyQuote, EveryRuleIsTheReasonOfARefusal) {
  std::set<std::string_view> refused = {
      "qe_identity_chain_root",         "qe_identity_chain_signature",
      "qe_identity_chain_not_expired",  "qe_identity_chain_not_before",
      "qe_identity_signer_not_revoked", "tcb_info_chain_root",
  };
  for (const Fault& fault : faults()) refused.insert(fault.reason);
  std::set<std::string_view> all;
  for (const Rule& rule : rules::kAll) all.insert(rule.id);
  EXPECT_EQ(refused, all);
}

TEST(VerifyQuote, EveryFlippedBitOfWhatIsSignedIsRefused) {
  const Platform platform(test_seed(), kNow - kDay);
  const Bytes report = platform.td_report(simulator::default_td_state(), {});
  Bytes bytes = platform.quote(report).value();
  const auto collateral = Collateral::parse(platform.collateral_bundle());
  const std::vector<TrustRoot> roots = {TrustRoot::parse(platform.root_certificate()).value()};
  // Header and body, the quote's signature, the attestation key, the QE report and its signature.
  constexpr size_t kSignedEnd = 48 + 584;
  constexpr size_t kSignatureDataEnd = kSignedEnd + 4 + 64 + 64 + 6 + 384 + 64;
  for (size_t i = 0; i < kSignatureDataEnd; ++i) {
    // One bit of each byte: all of them take longer than they tell.
    const auto bit = static_cast<uint8_t>(1u << (i % 8));
    bytes[i] ^= bit;
    const auto quote = parse_quote(bytes);
    if (quote.ok()) {
      EXPECT_FALSE(verify_quote(*quote, *collateral, kNow, roots).genuine) << "byte " << i;
    }
    bytes[i] ^= bit;
  }
  const auto quote = parse_quote(bytes);
  ASSERT_TRUE(quote.ok());
  EXPECT_TRUE(verify_quote(*quote, *collateral, kNow, roots).genuine);
}

}  // namespace
}  // namespace quoin
