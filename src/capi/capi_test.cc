// The C API in a TD and outside one. The TD is a simulated one, mounted: the library finds files,
// and knows nothing of the simulator.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "quoin/quote.h"
#include "src/capi/capi_testing.h"
#include "src/capi/report.h"
#include "src/capi/td_testing.h"
#include "src/crypto/sha2.h"
#include "src/receipt/report_data.h"
#include "src/simulator/measured_boot.h"
#include "src/simulator/mount_testing.h"
#include "src/simulator/samples_testing.h"
#include "src/simulator/td_report.h"

namespace quoin::capi {
namespace {

using simulator::MountedTd;

const std::vector<uint8_t> kNonce(64, 0x5a);

template <typename T>
bool is_zero(const T& value) {
  const auto bytes = std::bit_cast<std::array<uint8_t, sizeof(T)>>(value);
  return all_zero(bytes);
}

TEST(Strerror, NamesEveryCode) {
  std::vector<std::string> seen;
  for (const int code : {0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -103, -104, -105, -106}) {
    const std::string text = tdx_strerror(code);
    EXPECT_EQ(std::ranges::count(seen, text), 0) << code;
    seen.push_back(text);
  }
  for (const int code : {-100, -101, -102, -107, -108}) {
    EXPECT_EQ(std::ranges::count(seen, tdx_strerror(code)), 1) << code;
  }
  const std::string unknown = tdx_strerror(1);
  EXPECT_EQ(std::ranges::count(seen, unknown), 0);
  for (const int code : {-12, -99, -109, 7, INT32_MIN, INT32_MAX}) {
    EXPECT_EQ(tdx_strerror(code), unknown);
  }
}

class OutsideATd : public CapiTest {
 protected:
  void SetUp() override {
    CapiTest::SetUp();
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
    ASSERT_EQ(tdx_attestation_init(nullptr), TDX_SUCCESS);
  }
};

TEST_F(OutsideATd, SaysSo) {
  EXPECT_FALSE(tdx_is_guest());
  EXPECT_EQ(tdx_check_guest(), TDX_ERROR_NOT_TDX_GUEST);
  tdx_security_info_t info;
  std::memset(&info, 0xff, sizeof info);
  EXPECT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
  EXPECT_FALSE(info.is_tdx_guest || info.memory_encryption_enabled || info.attestation_available ||
               info.secure_boot_enabled);
  EXPECT_EQ(info.tdx_version, 0u);
  EXPECT_EQ(info.security_features, 0u);
}

TEST_F(OutsideATd, SomethingThatDoesNotAnswerIsNotNothing) {
  const auto device = directory_.path() / "dev/tdx_guest";
  std::filesystem::create_directories(device.parent_path());
  simulator::write_test_file(device, "not a device");
  EXPECT_FALSE(tdx_is_guest());
  EXPECT_EQ(tdx_check_guest(), TDX_ERROR_ATTESTATION);
}

TEST_F(OutsideATd, GivesNoReportsAndNoQuotes) {
  tdx_report_t report;
  std::memset(&report, 0xff, sizeof report);
  EXPECT_EQ(tdx_generate_report(kNonce.data(), 64, &report), TDX_ERROR_NOT_TDX_GUEST);
  EXPECT_TRUE(is_zero(report));
  tdx_quote_t quote;
  std::memset(&quote, 0xff, sizeof quote);
  EXPECT_EQ(tdx_get_quote(&report, &quote), TDX_ERROR_NOT_TDX_GUEST);
  EXPECT_TRUE(is_zero(quote));
  std::vector<uint8_t> measurements(300, 0xff);
  size_t size = measurements.size();
  EXPECT_EQ(tdx_get_boot_measurements(measurements.data(), &size), TDX_ERROR_NOT_TDX_GUEST);
  EXPECT_EQ(size, 0u);
  EXPECT_TRUE(all_zero(measurements));
  EXPECT_EQ(tdx_verify_secure_boot(), TDX_ERROR_NOT_TDX_GUEST);

  tdx_report_full_t full;
  std::memset(&full, 0xff, sizeof full);
  EXPECT_EQ(tdx_attestation_generate_report(nullptr, 0, &full), TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_TRUE(is_zero(full));
  EXPECT_EQ(tdx_attestation_get_td_info(&full), TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(tdx_attestation_extend_rtmr(3, kNonce.data(), 48), TDX_ATTEST_ERROR_NOT_SUPPORTED);
  tdx_attestation_evidence_t* evidence = nullptr;
  EXPECT_EQ(tdx_attestation_generate_evidence(nullptr, 0, &evidence),
            TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(evidence, nullptr);
  EXPECT_EQ(last().function, "tdx_attestation_generate_evidence");
  EXPECT_EQ(last().code, TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_FALSE(last().reason.empty());
}

TEST_F(OutsideATd, KnowsNothingOfSecureBootWithoutVariables) {
  tdx_secure_boot_state_t state = {TDX_ANSWER_YES, TDX_ANSWER_YES, TDX_ANSWER_YES};
  EXPECT_EQ(tdx_get_secure_boot_state(nullptr, 0, &state), TDX_SUCCESS);
  EXPECT_EQ(state.variable, TDX_ANSWER_UNKNOWN);
  EXPECT_EQ(state.logged, TDX_ANSWER_UNKNOWN);
  EXPECT_EQ(state.log_replays, TDX_ANSWER_UNKNOWN);
}

TEST_F(OutsideATd, MemoryOfAnotherMachineIsUnknown) {
  uint32_t answer = TDX_ANSWER_YES;
  int here = 0;
  EXPECT_EQ(tdx_query_memory_encryption(&here, sizeof here, &answer), TDX_SUCCESS);
  EXPECT_EQ(answer, TDX_ANSWER_UNKNOWN);
  EXPECT_FALSE(tdx_is_memory_encrypted(&here, sizeof here));
}

TEST_F(OutsideATd, AnAddressOfQgsIsLookedAt) {
  tdx_attestation_config_t config = {};
  const auto with_url = [&](std::string_view url) {
    config.qgs_url[std::min(url.copy(config.qgs_url, 255), size_t{255})] = '\0';
    return tdx_attestation_init(&config);
  };
  EXPECT_EQ(with_url("vsock:2:4050"), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(with_url("unix:/var/run/qgs.socket"), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(with_url("nonsense"), TDX_ATTEST_ERROR_INVALID_PARAM);
  EXPECT_EQ(with_url("http://qgs.example"), TDX_ATTEST_ERROR_INVALID_PARAM);
  EXPECT_EQ(with_url("https://qgs.example/"), TDX_ATTEST_SUCCESS);

  const tdx_report_full_t report = {};
  uint8_t* quote = nullptr;
  size_t size = 1;
  EXPECT_EQ(tdx_attestation_get_quote(&report, &quote, &size), TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(size, 0u);
  EXPECT_NE(last().reason.find("qgs_url"), std::string::npos) << last().reason;
  EXPECT_NE(last().hint.find("vsock"), std::string::npos) << last().hint;
}

TEST_F(OutsideATd, ConfigurationsThatMakeNoSenseAreRefused) {
  const auto init_with = [](auto change) {
    tdx_attestation_config_t config = {};
    change(config);
    return tdx_attestation_init(&config);
  };
  EXPECT_EQ(init_with([](auto& c) { std::memset(c.qgs_url, 'a', sizeof c.qgs_url); }),
            TDX_ATTEST_ERROR_INVALID_PARAM);
  EXPECT_EQ(init_with([](auto& c) { std::memset(c.pccs_url, 'a', sizeof c.pccs_url); }),
            TDX_ATTEST_ERROR_INVALID_PARAM);
  EXPECT_EQ(init_with([](auto& c) { std::memset(c.collateral_path, 'a', 256); }),
            TDX_ATTEST_ERROR_INVALID_PARAM);
  EXPECT_EQ(init_with([](auto& c) { std::strcpy(c.pccs_url, "pccs"); }),
            TDX_ATTEST_ERROR_INVALID_PARAM);
  EXPECT_EQ(init_with([](auto& c) { c.timeout_ms = 3'600'001; }), TDX_ATTEST_ERROR_INVALID_PARAM);
  EXPECT_EQ(init_with([](auto& c) { c.timeout_ms = 3'600'000; }), TDX_ATTEST_SUCCESS);
}

TEST_F(OutsideATd, HashesDataUnderItsType) {
  const std::string_view data = "what is to be attested";
  ByteArray<64> hash{};
  EXPECT_EQ(tdx_attestation_get_report_data_hash(as_bytes(data).data(), data.size(), hash.data()),
            TDX_ATTEST_SUCCESS);
  EXPECT_EQ(hash, report_data_for("urn:quoin:data:v1", as_bytes(data)));
}

TEST_F(OutsideATd, HashesDataWhereTheHashGoes) {
  ByteArray<64> data{};
  std::ranges::fill(data, uint8_t{7});
  const ByteArray<64> hash = report_data_for("urn:quoin:data:v1", data);
  EXPECT_EQ(tdx_attestation_get_report_data_hash(data.data(), data.size(), data.data()),
            TDX_ATTEST_SUCCESS);
  EXPECT_EQ(data, hash);
}

TEST(QuoteOfFront, IsOneThatSaysWhatTheReportSays) {
  const simulator::TdState state = simulator::default_td_state();
  simulator::TdState later = state;
  later.rtmr3[0] ^= 1;
  TestTd honest(state, state);
  ByteArray<kReportMacBytes> front{};
  std::copy_n(honest.report(simulator::test_report_data()).value().begin(), front.size(),
              front.begin());
  const Result<Bytes> quote = quote_of_front(honest, front);
  ASSERT_TRUE(quote.ok()) << quote.error().what;
  EXPECT_EQ(parse_quote(*quote)->report_data(), simulator::test_report_data());
  for (const simulator::TdState& reported : {state, later}) {
    TestTd changed(reported, later);
    EXPECT_EQ(quote_of_front(changed, front).error().code, ErrorCode::refused);
  }
}

// One mount for all: it is made before any thread is.
class InATd : public CapiTest {
 protected:
  static void SetUpTestSuite() {
    if (!MountedTd::is_possible()) return;
    simulator::MountedTdSettings settings;
    for (const auto& [name, value] :
         {std::pair("SecureBoot", uint8_t{1}), std::pair("SetupMode", uint8_t{0})}) {
      const std::string full = std::string(name) + "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
      ASSERT_TRUE(simulator::set_efi_variable(settings.td, {full, 6, {value}}).ok());
    }
    ASSERT_TRUE(simulator::boot_measured(settings.td).ok());
    mounted_ = new MountedTd(settings);
  }
  static void TearDownTestSuite() {
    delete mounted_;
    mounted_ = nullptr;
  }

  void SetUp() override {
    if (mounted_ == nullptr) GTEST_SKIP() << MountedTd::kWhyNot;
    CapiTest::SetUp();
    ASSERT_EQ(tdx_set_td_root(mounted_->root().c_str()), TDX_SUCCESS);
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
    ASSERT_EQ(tdx_attestation_init(nullptr), TDX_SUCCESS);
  }

  static void trust_simulator() {
    const Bytes root = mounted_->root_certificate();
    const Bytes bundle = mounted_->collateral(now());
    ASSERT_EQ(tdx_insecure_trust_root(root.data(), root.size()), TDX_SUCCESS);
    ASSERT_EQ(tdx_set_collateral(bundle.data(), bundle.size()), TDX_SUCCESS);
  }

  static Bytes quote_of(const tdx_report_full_t& report) {
    uint8_t* quote = nullptr;
    size_t size = 0;
    EXPECT_EQ(tdx_attestation_get_quote(&report, &quote, &size), TDX_ATTEST_SUCCESS);
    Bytes copy(quote, quote + size);
    tdx_attestation_free(quote);
    return copy;
  }

  inline static MountedTd* mounted_ = nullptr;
};

TEST_F(InATd, SaysWhatIsProven) {
  EXPECT_TRUE(tdx_is_guest());
  EXPECT_EQ(tdx_check_guest(), TDX_SUCCESS);
  tdx_security_info_t info;
  EXPECT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
  EXPECT_TRUE(info.is_tdx_guest);
  EXPECT_EQ(info.tdx_version, 15u);
  EXPECT_TRUE(info.attestation_available);
  EXPECT_TRUE(info.secure_boot_enabled);
  EXPECT_FALSE(info.memory_encryption_enabled) << "the files are not the kernel's own";
  EXPECT_EQ(info.security_features,
            TDX_SEC_ATTESTATION | TDX_SEC_SECURE_BOOT | TDX_SEC_MEASURED_BOOT);
}

TEST_F(InATd, ReportsCarryWhatWasAsked) {
  tdx_report_t report;
  ASSERT_EQ(tdx_generate_report(kNonce.data(), 10, &report), TDX_SUCCESS);
  ByteArray<64> wanted{};
  std::fill_n(wanted.begin(), 10, uint8_t{0x5a});
  EXPECT_TRUE(equal(report.report_data, wanted));
  EXPECT_TRUE(equal(ByteView(report.report_mac_struct).subspan(128, 64), wanted));
  EXPECT_TRUE(all_zero(report.reserved));
  EXPECT_EQ(tdx_generate_report(kNonce.data(), 65, &report), TDX_ERROR_INVALID_PARAM);
  EXPECT_TRUE(is_zero(report));
}

TEST_F(InATd, QuotesTheReportOrNothing) {
  tdx_report_t report;
  ASSERT_EQ(tdx_generate_report(kNonce.data(), 64, &report), TDX_SUCCESS);
  Bytes quote(16384, 0xff);
  size_t size = quote.size();
  ASSERT_EQ(tdx_get_quote_bytes(&report, quote.data(), &size), TDX_SUCCESS);
  const auto parsed = parse_quote(ByteView(quote).first(size));
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(equal(parsed->report_data(), kNonce));

  size_t needed = 0;
  EXPECT_EQ(tdx_get_quote_bytes(&report, nullptr, &needed), TDX_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(needed, size);
  size_t short_by_one = size - 1;
  EXPECT_EQ(tdx_get_quote_bytes(&report, quote.data(), &short_by_one), TDX_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(short_by_one, size);
  EXPECT_TRUE(all_zero(ByteView(quote).first(size - 1)));

  tdx_quote_t small;
  const int code = tdx_get_quote(&report, &small);
  if (size > TDX_QUOTE_DATA_SIZE) {
    EXPECT_EQ(code, TDX_ERROR_BUFFER_TOO_SMALL);
    EXPECT_TRUE(is_zero(small));
    EXPECT_NE(last().hint.find("tdx_get_quote_bytes"), std::string::npos);
  } else {
    EXPECT_EQ(code, TDX_SUCCESS);
    EXPECT_EQ(small.out_len, size);
  }

  tdx_report_t changed = report;
  changed.report_data[0] ^= 1;
  EXPECT_EQ(tdx_get_quote_bytes(&changed, quote.data(), &(size = quote.size())),
            TDX_ERROR_INVALID_PARAM);
  for (const size_t offset : {0u, 16u, 32u, 80u, 224u}) {
    changed = report;
    changed.report_mac_struct[offset] ^= 1;
    EXPECT_EQ(tdx_get_quote_bytes(&changed, quote.data(), &(size = quote.size())),
              TDX_ERROR_ATTESTATION)
        << "a report that this TD did not make, changed at " << offset;
    EXPECT_EQ(size, 0u);
  }
  changed = report;
  changed.reserved[31] = 1;
  EXPECT_EQ(tdx_get_quote_bytes(&changed, quote.data(), &(size = quote.size())),
            TDX_ERROR_INVALID_PARAM);
}

// Of two inits there is one queue for quotes: it is gone when both are cleaned up.
TEST_F(InATd, AForkedProcessHasQuotesOnceItHasBegunAnew) {
  tdx_report_t report;
  ASSERT_EQ(tdx_generate_report(kNonce.data(), 64, &report), TDX_SUCCESS);
  Bytes quote(16384);
  const auto ask = [&] {
    size_t size = quote.size();
    return tdx_get_quote_bytes(&report, quote.data(), &size);
  };
  ASSERT_EQ(ask(), TDX_SUCCESS) << last().reason;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (ask() != TDX_ERROR_NOT_SUPPORTED) _exit(1);
    tdx_security_cleanup();
    if (tdx_security_init() != TDX_SUCCESS || ask() != TDX_ERROR_NOT_SUPPORTED) _exit(2);
    tdx_security_cleanup();
    tdx_attestation_cleanup();
    if (tdx_security_init() != TDX_SUCCESS || ask() != TDX_SUCCESS) _exit(3);
    _exit(0);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
  EXPECT_EQ(ask(), TDX_SUCCESS) << "its parent's is as it was";
}

TEST_F(InATd, AReportOfBeforeIsNotQuotedAfterwards) {
  tdx_report_full_t before;
  ASSERT_EQ(tdx_attestation_generate_report(kNonce.data(), 64, &before), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(tdx_report_check_mac(&before), TDX_ATTEST_SUCCESS);
  const ByteArray<48> digest = sha384(as_bytes("event"));
  ASSERT_EQ(tdx_attestation_extend_rtmr(3, digest.data(), digest.size()), TDX_ATTEST_SUCCESS);
  uint8_t* quote = nullptr;
  size_t size = 0;
  EXPECT_EQ(tdx_attestation_get_quote(&before, &quote, &size), TDX_ATTEST_ERROR_QUOTE_FAILURE);
  EXPECT_NE(last().reason.find("changed since"), std::string::npos) << last().reason;
  EXPECT_EQ(tdx_report_check_mac(&before), TDX_ATTEST_ERROR_NOT_SUPPORTED);

  tdx_report_full_t after;
  ASSERT_EQ(tdx_attestation_get_td_info(&after), TDX_ATTEST_SUCCESS);
  EXPECT_FALSE(equal(after.td_info.rtmr[3], before.td_info.rtmr[3]));
  EXPECT_TRUE(equal(after.td_info.rtmr[2], before.td_info.rtmr[2]));
  const Bytes quoted = quote_of(after);
  EXPECT_TRUE(equal(parse_quote(quoted)->td_report()->rtmr3, after.td_info.rtmr[3]));
}

// A nonce that stands in the very report, which the guide's structure invites to.
TEST_F(InATd, ReportDataMayStandInTheReport) {
  tdx_report_t report;
  std::copy_n(kNonce.begin(), 64, report.report_data);
  ASSERT_EQ(tdx_generate_report(report.report_data, 64, &report), TDX_SUCCESS);
  EXPECT_TRUE(equal(report.report_data, ByteView(kNonce).first(64)));
  tdx_report_full_t full;
  std::copy_n(kNonce.begin(), 64, full.report_mac_struct.report_data);
  ASSERT_EQ(tdx_attestation_generate_report(full.report_mac_struct.report_data, 64, &full),
            TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(equal(full.report_mac_struct.report_data, ByteView(kNonce).first(64)));
}

TEST_F(InATd, OnlyItsOwnRegistersAreExtended) {
  const ByteArray<48> digest = sha384(as_bytes("event"));
  for (const uint32_t index : {0u, 1u, 4u, UINT32_MAX}) {
    EXPECT_EQ(tdx_attestation_extend_rtmr(index, digest.data(), digest.size()),
              TDX_ATTEST_ERROR_INVALID_PARAM);
  }
  for (const size_t size : {0u, 47u, 49u, 64u}) {
    EXPECT_EQ(tdx_attestation_extend_rtmr(3, kNonce.data(), size), TDX_ATTEST_ERROR_INVALID_PARAM);
  }
}

TEST_F(InATd, TheStructureOfAReportIsChecked) {
  tdx_report_full_t report;
  ASSERT_EQ(tdx_attestation_generate_report(kNonce.data(), 64, &report), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(tdx_report_check_structure(&report, kNonce.data()), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(tdx_report_check_structure(&report, nullptr), TDX_ATTEST_SUCCESS);
  const std::vector<uint8_t> other(64, 1);
  EXPECT_EQ(tdx_report_check_structure(&report, other.data()), TDX_ATTEST_ERROR_VERIFICATION);

  const auto bytes = std::bit_cast<ByteArray<1024>>(report);
  size_t seen = 0;
  for (size_t offset = 0; offset < bytes.size(); ++offset) {
    auto changed = bytes;
    changed[offset] ^= 0x40;
    const auto changed_report = std::bit_cast<tdx_report_full_t>(changed);
    const int code = tdx_report_check_structure(&changed_report, kNonce.data());
    seen += code == TDX_ATTEST_ERROR_VERIFICATION ? 1 : 0;
    // CPUSVN and MAC are the processor's: nothing in the structure says what they should be.
    const bool silent = (offset >= 16 && offset < 32) || (offset >= 224 && offset < 256);
    EXPECT_EQ(code, silent ? TDX_ATTEST_SUCCESS : TDX_ATTEST_ERROR_VERIFICATION) << offset;
    if (offset == 16 || offset == 255) {
      EXPECT_NE(tdx_report_check_mac(&changed_report), TDX_ATTEST_SUCCESS) << offset;
    }
  }
  EXPECT_EQ(seen, 1024u - 48u);
}

TEST_F(InATd, VerifiesOnlyWhatIsAccepted) {
  tdx_report_full_t report;
  ASSERT_EQ(tdx_attestation_generate_report(kNonce.data(), 64, &report), TDX_ATTEST_SUCCESS);
  const Bytes quote = quote_of(report);
  const Bytes bundle = mounted_->collateral(now());
  const auto verify = [&](uint32_t* status) {
    return tdx_attestation_verify_quote(quote.data(), quote.size(), bundle.data(), bundle.size(),
                                        status);
  };
  uint32_t status = 0;
  bool verified = true;
  EXPECT_EQ(verify(&status), TDX_ATTEST_ERROR_VERIFICATION) << "nobody trusts the simulator";
  EXPECT_EQ(status, TDX_TCB_STATUS_UNKNOWN);

  ASSERT_NO_FATAL_FAILURE(trust_simulator());
  EXPECT_EQ(verify(&status), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(status, TDX_TCB_STATUS_OK);
  EXPECT_EQ(tdx_verify_quote_bytes(quote.data(), quote.size(), &verified), TDX_SUCCESS);
  EXPECT_TRUE(verified);

  constexpr std::string_view kOther =
      "version = 1\n[[measurements]]\nname = \"another\"\n"
      "mr_td = \"000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "000000000000001\"\n";
  std::string policy(kOther);
  for (const char* rtmr : {"rtmr0", "rtmr1", "rtmr2"}) {
    policy += std::string(rtmr) + " = \"" + std::string(96, '0') + "\"\n";
  }
  ASSERT_EQ(tdx_set_policy(policy.data(), policy.size()), TDX_SUCCESS) << last().reason;
  EXPECT_EQ(verify(&status), TDX_ATTEST_ERROR_VERIFICATION);
  EXPECT_EQ(status, TDX_TCB_STATUS_UNKNOWN);
  EXPECT_EQ(tdx_verify_quote_bytes(quote.data(), quote.size(), &verified), TDX_ERROR_ATTESTATION);
  EXPECT_FALSE(verified);

  tdx_appraisal_t appraisal;
  ASSERT_EQ(
      tdx_attestation_appraise(quote.data(), quote.size(), nullptr, 0, nullptr, 0, &appraisal),
      TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(appraisal.genuine);
  EXPECT_FALSE(appraisal.accepted);
  EXPECT_TRUE(appraisal.simulated);
  EXPECT_EQ(appraisal.tcb_status, TDX_TCB_STATUS_OK);
  EXPECT_GT(appraisal.valid_until, 0);
  EXPECT_TRUE(std::string_view(appraisal.reason).starts_with("policy_")) << appraisal.reason;
  EXPECT_GT(std::strlen(appraisal.explanation), 20u);

  for (const char* wrong : {"no policy", static_cast<const char*>(nullptr)}) {
    ASSERT_EQ(tdx_set_policy(policy.data(), policy.size()), TDX_SUCCESS);
    EXPECT_EQ(verify(&status), TDX_ATTEST_ERROR_VERIFICATION);
    ASSERT_EQ(tdx_set_policy(wrong, 9), TDX_ERROR_INVALID_PARAM);
    EXPECT_EQ(verify(&status), TDX_ATTEST_SUCCESS) << "the default policy";
  }
  ASSERT_EQ(tdx_insecure_trust_root(nullptr, 0), TDX_SUCCESS);
  EXPECT_EQ(verify(&status), TDX_ATTEST_ERROR_VERIFICATION);
  // Whoever makes a platform up makes up what it has.
  ASSERT_EQ(tdx_attestation_appraise(quote.data(), quote.size(), bundle.data(), bundle.size(),
                                     nullptr, 0, &appraisal),
            TDX_ATTEST_SUCCESS);
  EXPECT_FALSE(appraisal.genuine);
  EXPECT_EQ(appraisal.tcb_status, TDX_TCB_STATUS_UNKNOWN);
  EXPECT_EQ(appraisal.valid_until, 0);
}

TEST_F(InATd, EveryBitOfAQuoteCounts) {
  ASSERT_NO_FATAL_FAILURE(trust_simulator());
  tdx_report_full_t report;
  ASSERT_EQ(tdx_attestation_generate_report(kNonce.data(), 64, &report), TDX_ATTEST_SUCCESS);
  Bytes quote = quote_of(report);
  // Header, body, signature and key: behind them stands what the verifier's own tests look at.
  for (size_t offset = 0; offset < 764; offset += 7) {
    quote[offset] ^= 1;
    bool verified = true;
    EXPECT_NE(tdx_verify_quote_bytes(quote.data(), quote.size(), &verified), TDX_SUCCESS) << offset;
    EXPECT_FALSE(verified);
    quote[offset] ^= 1;
  }
}

TEST_F(InATd, GivesEvidence) {
  ASSERT_NO_FATAL_FAILURE(trust_simulator());
  tdx_attestation_evidence_t* evidence = nullptr;
  ASSERT_EQ(tdx_attestation_generate_evidence(kNonce.data(), 64, &evidence), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(evidence->tcb_status, TDX_TCB_STATUS_OK);
  EXPECT_NEAR(static_cast<double>(evidence->timestamp),
              static_cast<double>(now().time_since_epoch().count()), 60);
  uint32_t status = TDX_TCB_STATUS_UNKNOWN;
  EXPECT_EQ(tdx_attestation_verify_quote(evidence->quote, evidence->quote_size,
                                         evidence->collateral, evidence->collateral_size, &status),
            TDX_ATTEST_SUCCESS);
  uint8_t* collateral = nullptr;
  size_t size = 0;
  EXPECT_EQ(
      tdx_attestation_get_collateral(evidence->quote, evidence->quote_size, &collateral, &size),
      TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(
      equal(ByteView(collateral, size), ByteView(evidence->collateral, evidence->collateral_size)));
  tdx_attestation_free(collateral);

  ASSERT_EQ(tdx_insecure_trust_root(nullptr, 0), TDX_SUCCESS);
  tdx_attestation_free_evidence(evidence);
  ASSERT_EQ(tdx_attestation_generate_evidence(kNonce.data(), 64, &evidence), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(evidence->tcb_status, TDX_TCB_STATUS_UNKNOWN) << "not genuine here";
  tdx_attestation_free_evidence(evidence);
}

TEST_F(InATd, CollateralComesFromTheFileThatIsNamed) {
  const Bytes root = mounted_->root_certificate();
  ASSERT_EQ(tdx_insecure_trust_root(root.data(), root.size()), TDX_SUCCESS);
  const auto file = directory_.path() / "collateral.json";
  simulator::write_test_file(file, std::string(as_text(mounted_->collateral(now()))));
  tdx_attestation_config_t config = {};
  file.string().copy(config.collateral_path, 255);
  ASSERT_EQ(tdx_attestation_init(&config), TDX_ATTEST_SUCCESS);
  tdx_report_full_t report;
  ASSERT_EQ(tdx_attestation_generate_report(nullptr, 0, &report), TDX_ATTEST_SUCCESS);
  const Bytes quote = quote_of(report);
  uint32_t status = TDX_TCB_STATUS_UNKNOWN;
  EXPECT_EQ(tdx_attestation_verify_quote(quote.data(), quote.size(), nullptr, 0, &status),
            TDX_ATTEST_SUCCESS);
  bool verified = false;
  EXPECT_EQ(tdx_verify_quote_bytes(quote.data(), quote.size(), &verified), TDX_SUCCESS);
  EXPECT_TRUE(verified);

  tdx_attestation_cleanup();
  EXPECT_EQ(tdx_verify_quote_bytes(quote.data(), quote.size(), &verified), TDX_ERROR_NOT_SUPPORTED)
      << "no collateral";
  EXPECT_FALSE(verified);
}

TEST_F(InATd, NamesItsPlatform) {
  tdx_platform_identity_t own;
  ASSERT_EQ(tdx_attestation_get_platform_identity(nullptr, 0, &own), TDX_ATTEST_SUCCESS);
  EXPECT_FALSE(all_zero(own.ppid));
  EXPECT_FALSE(all_zero(own.fmspc));
  EXPECT_TRUE(own.has_platform_instance_id);
  uint8_t* manifest = nullptr;
  size_t size = 0;
  EXPECT_EQ(tdx_attestation_get_platform_manifest(&manifest, &size),
            TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_NE(last().hint.find("tdx_attestation_get_platform_identity"), std::string::npos);
  EXPECT_EQ(tdx_attestation_platform_register(nullptr), TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_NE(last().hint.find("tdx_attestation_get_platform_identity"), std::string::npos);
}

TEST_F(InATd, BootHasThreeAnswers) {
  EXPECT_EQ(tdx_verify_secure_boot(), TDX_SUCCESS) << last().reason;
  tdx_report_full_t report;
  ASSERT_EQ(tdx_attestation_get_td_info(&report), TDX_ATTEST_SUCCESS);
  Bytes quote = quote_of(report);
  tdx_secure_boot_state_t state;
  ASSERT_EQ(tdx_get_secure_boot_state(quote.data(), quote.size(), &state), TDX_SUCCESS);
  EXPECT_EQ(state.variable, TDX_ANSWER_YES);
  EXPECT_EQ(state.logged, TDX_ANSWER_YES);
  EXPECT_EQ(state.log_replays, TDX_ANSWER_YES);

  auto parsed = parse_quote(quote).value();
  std::visit(
      [](auto& body) {
        if constexpr (requires { body.rtmr0; }) body.rtmr0[0] ^= 1;
      },
      parsed.body);
  quote = serialise(parsed);
  ASSERT_EQ(tdx_get_secure_boot_state(quote.data(), quote.size(), &state), TDX_SUCCESS);
  EXPECT_EQ(state.logged, TDX_ANSWER_YES);
  EXPECT_EQ(state.log_replays, TDX_ANSWER_NO);
  EXPECT_EQ(tdx_get_secure_boot_state(quote.data(), 100, &state), TDX_ERROR_ATTESTATION);

  Bytes measurements(TDX_BOOT_MEASUREMENTS_SIZE);
  size_t size = measurements.size();
  ASSERT_EQ(tdx_get_boot_measurements(measurements.data(), &size), TDX_SUCCESS);
  EXPECT_EQ(size, measurements.size());
  EXPECT_TRUE(equal(ByteView(measurements).first(48), report.td_info.mrtd));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(equal(ByteView(measurements).subspan(48 * (i + 1), 48), report.td_info.rtmr[i]));
  }
}

}  // namespace
}  // namespace quoin::capi
