// The checks of the C API one by one, where it takes a TD that lies, a quote that nobody makes, or
// a caller who looks into what a failed call leaves.

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quoin/quote.h"
#include "src/capi/capi_testing.h"
#include "src/capi/judging.h"
#include "src/capi/report.h"
#include "src/crypto/sha2.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"
#include "src/td/td.h"

namespace quoin::capi {
namespace {

using simulator::CertificateRole;

// A TD that changes its reports before it gives them away.
class ScriptedTd final : public td::Td {
 public:
  using Change = std::function<void(Bytes& report)>;
  explicit ScriptedTd(Change change = {}) : change_(std::move(change)) {}

  Result<Bytes> report(const ByteArray<64>& report_data) override {
    asked.push_back(report_data);
    Bytes report = platform_.td_report(simulator::default_td_state(), report_data);
    if (change_) change_(report);
    return report;
  }
  Result<Bytes> quote(const ByteArray<64>& report_data) override {
    return platform_.quote(platform_.td_report(simulator::default_td_state(), report_data));
  }
  Result<Bytes> quote_report(ByteView report) override { return platform_.quote(report); }
  Result<ByteArray<48>> read_rtmr(unsigned) override { return none(); }
  Result<void> extend_rtmr(unsigned, const ByteArray<48>&) override { return none(); }
  Result<std::string> boot_id() override { return none(); }
  bool simulated() const override { return true; }

  const simulator::Platform& platform() const { return platform_; }

  std::vector<ByteArray<64>> asked;

 private:
  static Error none() { return {ErrorCode::unsupported, "not asked for here"}; }

  simulator::Platform platform_{simulator::test_seed(1), now()};
  Change change_;
};

// Where the parts of a TDREPORT stand.
constexpr size_t kVersion = 2;
constexpr size_t kReportData = 128;
constexpr size_t kTeeTcbInfo = 256;
constexpr size_t kTdInfo = 512;
constexpr size_t kServtdHash = 912;

void put(const ByteArray<48>& hash, Bytes& report, size_t offset) {
  std::ranges::copy(hash, report.begin() + static_cast<std::ptrdiff_t>(offset));
}
// What the TDX module would have hashed.
void hash_again(Bytes& report) {
  put(sha384(ByteView(report).subspan(kTeeTcbInfo, 239)), report, 32);
  put(sha384(ByteView(report).subspan(kTdInfo)), report, 80);
}

class Checks : public CapiTest {
 protected:
  std::shared_ptr<ScriptedTd> enter(ScriptedTd::Change change = {}) {
    auto td = std::make_shared<ScriptedTd>(std::move(change));
    EXPECT_EQ(tdx_security_init(), TDX_SUCCESS);
    EXPECT_EQ(tdx_attestation_init(nullptr), TDX_ATTEST_SUCCESS);
    EXPECT_TRUE(change_session([&](Session& session) -> Result<void> {
                  session.security_td = security_td(td);
                  session.attestation->td = td;
                  return {};
                }).ok());
    return td;
  }

  static Bytes quote_of(const simulator::Platform& platform) {
    const Bytes report =
        platform.td_report(simulator::default_td_state(), simulator::test_report_data());
    return platform.quote(report).value();
  }
  static void set_collateral(const simulator::Platform& platform) {
    const Bytes bundle = platform.collateral_bundle();
    ASSERT_EQ(tdx_set_collateral(bundle.data(), bundle.size()), TDX_SUCCESS);
  }
  static bool verifies(const Bytes& quote) {
    bool verified = false;
    return tdx_verify_quote_bytes(quote.data(), quote.size(), &verified) == TDX_SUCCESS && verified;
  }

  const simulator::Platform platform_{simulator::test_seed(1), now()};
};

TEST_F(Checks, ATdThatLiesIsNone) {
  const std::pair<const char*, ScriptedTd::Change> lies[] = {
      {"report data", [](Bytes& report) { report[kReportData] ^= 1; }},
      {"TEE_TCB_INFO", [](Bytes& report) { report[kTeeTcbInfo] ^= 1; }},
      {"TDINFO", [](Bytes& report) { report[kTdInfo + 16] ^= 1; }},
      {"length", [](Bytes& report) { report.pop_back(); }},
  };
  for (const auto& [lie, change] : lies) {
    enter(change);
    EXPECT_EQ(tdx_check_guest(), TDX_ERROR_ATTESTATION) << lie;
    EXPECT_FALSE(tdx_is_guest()) << lie;
    tdx_security_info_t info;
    EXPECT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
    EXPECT_FALSE(info.is_tdx_guest) << lie;
    tdx_report_t report;
    EXPECT_EQ(tdx_generate_report(nullptr, 0, &report), TDX_ERROR_ATTESTATION) << lie;
    Bytes measurements(TDX_BOOT_MEASUREMENTS_SIZE, 0xff);
    size_t size = measurements.size();
    EXPECT_EQ(tdx_get_boot_measurements(measurements.data(), &size), TDX_ERROR_ATTESTATION) << lie;
    EXPECT_TRUE(size == 0 && all_zero(measurements)) << lie;
    tdx_report_full_t full;
    EXPECT_EQ(tdx_attestation_generate_report(nullptr, 0, &full), TDX_ATTEST_ERROR_REPORT_FAILURE)
        << lie;
    EXPECT_EQ(tdx_attestation_get_td_info(&full), TDX_ATTEST_ERROR_REPORT_FAILURE) << lie;
    EXPECT_EQ(tdx_verify_secure_boot(), TDX_ERROR_ATTESTATION) << lie;
  }
}

TEST_F(Checks, WhetherThereIsATdIsAskedWithFreshReportData) {
  const std::shared_ptr<ScriptedTd> td = enter();
  EXPECT_EQ(tdx_check_guest(), TDX_SUCCESS) << last().reason;
  EXPECT_EQ(tdx_check_guest(), TDX_SUCCESS);
  ASSERT_EQ(td->asked.size(), 2u);
  EXPECT_NE(td->asked[0], td->asked[1]);
  EXPECT_FALSE(all_zero(td->asked[0]));
}

TEST_F(Checks, TheStructureOfAReportWithTheRightHashes) {
  const struct {
    size_t offset;
    int code;
  } cases[] = {
      {kTdInfo + 16, TDX_ATTEST_SUCCESS},  // MRTD
      {kServtdHash, TDX_ATTEST_SUCCESS},
      {kServtdHash + 48, TDX_ATTEST_ERROR_VERIFICATION},
      {1023, TDX_ATTEST_ERROR_VERIFICATION},
      {kTeeTcbInfo + 238, TDX_ATTEST_ERROR_VERIFICATION},
      {kTeeTcbInfo + 239, TDX_ATTEST_ERROR_VERIFICATION},
  };
  const auto check = [](const Bytes& bytes) {
    ByteArray<1024> array{};
    std::ranges::copy(bytes, array.begin());
    const auto report = std::bit_cast<tdx_report_full_t>(array);
    return tdx_report_check_structure(&report, nullptr);
  };
  const Bytes honest = platform_.td_report(simulator::default_td_state(), {});
  for (const auto& [offset, code] : cases) {
    Bytes report = honest;
    report[kVersion] = 1;
    report[offset] ^= 1;
    EXPECT_EQ(check(report), offset == kTeeTcbInfo + 239 ? code : TDX_ATTEST_ERROR_VERIFICATION);
    hash_again(report);
    EXPECT_EQ(check(report), code) << offset;
  }
  Bytes report = honest;
  report[kVersion] = 0;
  EXPECT_EQ(check(report), TDX_ATTEST_SUCCESS);
  report[kServtdHash] = 1;
  hash_again(report);
  EXPECT_EQ(check(report), TDX_ATTEST_ERROR_VERIFICATION) << "version 0 has no SERVTD_HASH";
}

TEST_F(Checks, AMacIsOfAReportThatIsOne) {
  const std::shared_ptr<ScriptedTd> td = enter([](Bytes& report) { report[kTdInfo + 16] ^= 1; });
  const Bytes made = td->report({}).value();
  ByteArray<1024> bytes{};
  std::ranges::copy(made, bytes.begin());
  const auto report = std::bit_cast<tdx_report_full_t>(bytes);
  EXPECT_EQ(tdx_report_check_mac(&report), TDX_ATTEST_ERROR_VERIFICATION)
      << "this TD makes it again, and its hash is wrong all the same";
}

TEST_F(Checks, AFailedCallLeavesNothing) {
  const auto filled = [](auto& value) { std::memset(&value, 0xff, sizeof value); };
  const auto zero = [](const auto& value) {
    return all_zero(std::bit_cast<std::array<uint8_t, sizeof value>>(value));
  };
  tdx_report_t report;
  tdx_report_full_t full;
  tdx_quote_t quote;
  tdx_security_info_t info;
  tdx_secure_boot_state_t boot;
  tdx_platform_identity_t identity;
  ByteArray<64> hash;
  uint8_t some[8] = {};
  uint8_t* out = some;
  size_t size = 1;
  tdx_attestation_evidence_t evidence_before = {};
  tdx_attestation_evidence_t* evidence = &evidence_before;
  tdx_appraisal_t appraisal;
  bool verified = true;
  uint32_t word = 0;

  filled(report);
  EXPECT_NE(tdx_generate_report(some, 8, &report), TDX_SUCCESS);
  EXPECT_TRUE(zero(report));
  filled(report);
  filled(quote);
  EXPECT_NE(tdx_get_quote(&report, &quote), TDX_SUCCESS);
  EXPECT_TRUE(zero(quote));
  filled(info);
  EXPECT_NE(tdx_get_security_info(&info), TDX_SUCCESS);
  EXPECT_TRUE(zero(info.tdx_version) && zero(info.security_features));
  EXPECT_FALSE(info.is_tdx_guest || info.memory_encryption_enabled || info.attestation_available ||
               info.secure_boot_enabled);
  filled(boot);
  EXPECT_NE(tdx_get_secure_boot_state(nullptr, 0, &boot), TDX_SUCCESS);
  EXPECT_TRUE(zero(boot));
  EXPECT_NE(tdx_verify_quote(&quote, &verified), TDX_SUCCESS);
  EXPECT_FALSE(std::exchange(verified, true));
  EXPECT_NE(tdx_verify_quote_bytes(some, 8, &verified), TDX_SUCCESS);
  EXPECT_FALSE(verified);
  word = TDX_ANSWER_YES;
  EXPECT_NE(tdx_query_memory_encryption(some, 8, &word), TDX_SUCCESS);
  EXPECT_EQ(std::exchange(word, 1), TDX_ANSWER_UNKNOWN);
  EXPECT_NE(tdx_protect_memory_region_report(some, 8, 0, &word), TDX_SUCCESS);
  EXPECT_EQ(std::exchange(word, 1), 0u);
  EXPECT_EQ(tdx_memory_allocate(0, 0, &word), nullptr);
  EXPECT_EQ(std::exchange(word, 0), 0u);

  filled(full);
  EXPECT_NE(tdx_attestation_generate_report(some, 8, &full), TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(zero(full));
  filled(full);
  EXPECT_NE(tdx_attestation_get_td_info(&full), TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(zero(full));
  filled(hash);
  EXPECT_NE(tdx_attestation_get_report_data_hash(nullptr, 1, hash.data()), TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(zero(hash));
  EXPECT_NE(tdx_attestation_get_quote(&full, &out, &size), TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(std::exchange(out, some) == nullptr && std::exchange(size, 1) == 0);
  EXPECT_NE(tdx_attestation_get_collateral(some, 8, &out, &size), TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(std::exchange(out, some) == nullptr && std::exchange(size, 1) == 0);
  EXPECT_NE(tdx_attestation_get_platform_manifest(&out, &size), TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(out == nullptr && size == 0);
  EXPECT_NE(tdx_attestation_generate_evidence(some, 8, &evidence), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(evidence, nullptr);
  EXPECT_NE(tdx_attestation_verify_quote(some, 8, nullptr, 0, &word), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(word, UINT32_MAX);
  filled(identity);
  EXPECT_NE(tdx_attestation_get_platform_identity(some, 8, &identity), TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(all_zero(identity.ppid) && all_zero(identity.platform_instance_id));
  std::memset(&appraisal, 1, sizeof appraisal);
  EXPECT_NE(tdx_attestation_appraise(some, 8, nullptr, 0, nullptr, 0, &appraisal),
            TDX_ATTEST_SUCCESS);
  EXPECT_FALSE(appraisal.genuine || appraisal.accepted || appraisal.simulated);
  EXPECT_TRUE(appraisal.tcb_status == UINT32_MAX && appraisal.valid_until == 0);
  EXPECT_TRUE(appraisal.reason[0] == 0 && appraisal.explanation[0] == 0);
}

TEST_F(Checks, EvidenceWithCollateralThatIsNoneSaysNothingOfItself) {
  enter();
  const auto file = directory_.path() / "collateral.json";
  simulator::write_test_file(file, "{}");
  ASSERT_TRUE(change_session([&](Session& session) -> Result<void> {
                session.attestation->collateral_path = file;
                return {};
              }).ok());
  tdx_attestation_evidence_t* evidence = nullptr;
  ASSERT_EQ(tdx_attestation_generate_evidence(nullptr, 0, &evidence), TDX_ATTEST_SUCCESS)
      << last().reason;
  EXPECT_EQ(evidence->tcb_status, UINT32_MAX);
  tdx_attestation_free_evidence(evidence);
}

TEST_F(Checks, MemoryIsEncryptedWhereTheTdIsOursAndTheMemoryToo) {
  ASSERT_EQ(tdx_set_td_root(nullptr), TDX_SUCCESS);
  const auto answer_for = [](void* address, size_t size) {
    uint32_t answer = 9;
    EXPECT_EQ(tdx_query_memory_encryption(address, size, &answer), TDX_SUCCESS);
    EXPECT_EQ(tdx_is_memory_encrypted(address, size), answer == TDX_ANSWER_YES);
    return answer;
  };
  void* const shared =
      mmap(nullptr, 100, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  Bytes own(100);
  enter();
  EXPECT_EQ(answer_for(own.data(), own.size()), TDX_ANSWER_YES);
  EXPECT_EQ(answer_for(shared, 100), TDX_ANSWER_UNKNOWN);
  EXPECT_EQ(answer_for(own.data(), SIZE_MAX), TDX_ANSWER_UNKNOWN);
  tdx_security_info_t info;
  EXPECT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
  EXPECT_TRUE(info.memory_encryption_enabled);
  EXPECT_NE(info.security_features & TDX_SEC_MEMORY_ENCRYPTION, 0u);
  enter([](Bytes& report) { report[kTdInfo] ^= 1; });
  EXPECT_EQ(answer_for(own.data(), own.size()), TDX_ANSWER_UNKNOWN) << "a TD that lies";
  EXPECT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
  EXPECT_FALSE(info.memory_encryption_enabled);
  munmap(shared, 100);
}

TEST_F(Checks, NoBufferHasNoRoomWhateverItsLength) {
  enter();
  size_t size = 1000;
  EXPECT_EQ(tdx_get_boot_measurements(nullptr, &size), TDX_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(size, size_t{TDX_BOOT_MEASUREMENTS_SIZE});
}

TEST_F(Checks, SettingsThatMakeNoSenseAreRefusedBeforeAnInitToo) {
  const std::string too_long = "/" + std::string(4000, 'a');
  for (const std::string& path : {std::string(), std::string("relative"), too_long}) {
    EXPECT_EQ(tdx_set_td_root(path.c_str()), TDX_ERROR_INVALID_PARAM) << path;
    EXPECT_EQ(tdx_attestation_set_uefi_path(path.c_str()), TDX_ATTEST_ERROR_INVALID_PARAM) << path;
  }
  const Bytes der(1, 0x30);
  EXPECT_EQ(tdx_insecure_trust_root(der.data(), SIZE_MAX), TDX_ERROR_INVALID_PARAM);
  EXPECT_EQ(tdx_set_collateral(der.data(), SIZE_MAX), TDX_ERROR_INVALID_PARAM);
}

TEST_F(Checks, ARootIsTrustedAsLongAsThePolicyNamesIt) {
  enter();
  set_collateral(platform_);
  const Bytes quote = quote_of(platform_);
  EXPECT_FALSE(verifies(quote));
  const std::string policy = "version = 1\ntrust_roots = [\"\"\"\n" +
                             pem_chain(platform_.certificates(), {CertificateRole::root}) +
                             "\"\"\"]\n";
  ASSERT_EQ(tdx_set_policy(policy.data(), policy.size()), TDX_SUCCESS) << last().reason;
  EXPECT_TRUE(verifies(quote)) << last().reason;
  ASSERT_EQ(tdx_insecure_trust_root(nullptr, 0), TDX_SUCCESS);
  EXPECT_TRUE(verifies(quote)) << "that takes away another";
  ASSERT_EQ(tdx_set_policy(nullptr, 0), TDX_SUCCESS);
  EXPECT_FALSE(verifies(quote));
}

// A platform whose root does not say that it is a simulator's, as Intel's does not.
simulator::Platform platform_like_a_real_one() {
  simulator::PlatformSettings settings =
      simulator::default_settings(simulator::test_seed(1), now());
  settings.pki.root.subject.common_name = "A Root CA";
  for (auto* certificate : {&settings.pki.root, &settings.pki.platform_ca,
                            &settings.pki.processor_ca, &settings.pki.tcb_signing}) {
    certificate->issuer.common_name = "A Root CA";
  }
  settings.root_ca_crl.issuer.common_name = "A Root CA";
  return {simulator::test_seed(1), settings};
}

TEST_F(Checks, WithoutAPolicyAGenuineQuoteIsNotAccepted) {
  enter();
  const simulator::Platform platform = platform_like_a_real_one();
  const ByteView root = platform.root_certificate();
  ASSERT_EQ(tdx_insecure_trust_root(root.data(), root.size()), TDX_SUCCESS);
  set_collateral(platform);
  const Bytes quote = quote_of(platform);
  tdx_appraisal_t appraisal;
  ASSERT_EQ(
      tdx_attestation_appraise(quote.data(), quote.size(), nullptr, 0, nullptr, 0, &appraisal),
      TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(appraisal.genuine) << appraisal.explanation;
  EXPECT_FALSE(appraisal.accepted || appraisal.simulated);
  EXPECT_EQ(std::string(appraisal.reason), "policy_measurements");
  EXPECT_FALSE(verifies(quote));
}

TEST_F(Checks, AnEventLogIsLookedAt) {
  enter();
  const ByteView root = platform_.root_certificate();
  ASSERT_EQ(tdx_insecure_trust_root(root.data(), root.size()), TDX_SUCCESS);
  set_collateral(platform_);
  const Bytes quote = quote_of(platform_);
  const std::pair<std::string, bool> logs[] = {
      {"[]", true},
      {R"([{"imr":3,"event_type":134217729,"event":"a","event_payload":""}])", false},
  };
  for (const auto& [log, accepted] : logs) {
    tdx_appraisal_t appraisal;
    ASSERT_EQ(tdx_attestation_appraise(quote.data(), quote.size(), nullptr, 0, as_bytes(log).data(),
                                       log.size(), &appraisal),
              TDX_ATTEST_SUCCESS);
    EXPECT_TRUE(appraisal.genuine);
    EXPECT_EQ(appraisal.accepted, accepted) << log;
    EXPECT_EQ(std::string(appraisal.reason), accepted ? "" : "policy_event_log");
  }
}

TEST_F(Checks, OnlyAPckCertificateNamesAPlatform) {
  enter();
  const auto with = [&](CertificationDataType type, Bytes data) {
    simulator::QuoteParts parts = platform_.quote_parts(parse_quote(quote_of(platform_))->body, 4);
    parts.certification_data_type = type;
    parts.certification_data = std::move(data);
    return write_quote(platform_.seed(), parts);
  };
  const auto chain = [&](const std::vector<CertificateRole>& roles) {
    const std::string pem = pem_chain(platform_.certificates(), roles);
    return with(CertificationDataType::pck_chain, Bytes(pem.begin(), pem.end()));
  };
  using enum CertificateRole;
  tdx_platform_identity_t identity;
  const Bytes mixed = chain({root, platform_ca, pck});
  ASSERT_EQ(tdx_attestation_get_platform_identity(mixed.data(), mixed.size(), &identity),
            TDX_ATTEST_SUCCESS)
      << last().reason;
  EXPECT_TRUE(equal(identity.fmspc, simulator::kFmspc));
  const CertificationDataType ppid = CertificationDataType::ppid_plain;
  for (const Bytes& quote :
       {chain({platform_ca, root}), with(ppid, platform_.certification_data(ppid))}) {
    EXPECT_EQ(tdx_attestation_get_platform_identity(quote.data(), quote.size(), &identity),
              TDX_ATTEST_ERROR_NOT_SUPPORTED)
        << last().reason;
    EXPECT_TRUE(all_zero(identity.fmspc));
  }
  tdx_attestation_config_t config = {};
  std::string_view("https://qgs.example/").copy(config.qgs_url, 255);
  ASSERT_EQ(tdx_attestation_init(&config), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(tdx_attestation_get_platform_identity(nullptr, 0, &identity),
            TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_NE(last().reason.find("qgs_url"), std::string::npos) << last().reason;
}

TEST(TcbStatusCode, IsOkForUpToDateAlone) {
  EXPECT_EQ(tcb_status_code(std::nullopt), UINT32_MAX);
  const std::pair<TcbStatus, uint32_t> codes[] = {
      {TcbStatus::up_to_date, 0},
      {TcbStatus::out_of_date, 1},
      {TcbStatus::revoked, 2},
      {TcbStatus::configuration_needed, 3},
      {TcbStatus::out_of_date_configuration_needed, 4},
      {TcbStatus::sw_hardening_needed, 5},
      {TcbStatus::configuration_and_sw_hardening_needed, 6},
      {TcbStatus::td_relaunch_advised, 7},
      {TcbStatus::td_relaunch_advised_configuration_needed, 8},
      {TcbStatus::unrecognized, UINT32_MAX},
      {TcbStatus::not_supported, UINT32_MAX},
  };
  for (const auto& [status, code] : codes) EXPECT_EQ(tcb_status_code(status), code);
}

}  // namespace
}  // namespace quoin::capi
