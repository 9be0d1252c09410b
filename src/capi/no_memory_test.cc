// What a call leaves behind when there is no memory, whichever allocation it is that fails.

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "src/base/allocations_testing.h"
#include "src/capi/capi_testing.h"
#include "src/capi/report.h"
#include "src/capi/td_testing.h"
#include "src/simulator/platform.h"
#include "src/td/td.h"

namespace quoin::capi {
namespace {

// What a reporter was told; it allocates nothing, and so can be told whatever has failed.
struct Told {
  static void tell(void* self, const char* function, int code, const char* reason, const char*) {
    auto* const told = static_cast<Told*>(self);
    ++told->count;
    told->code = code;
    told->is_whole = std::string_view(function).starts_with("tdx_") && *reason != '\0';
  }

  size_t count = 0;
  int code = 0;
  bool is_whole = false;
};

class NoMemory : public CapiTest {
 protected:
  void SetUp() override {
    CapiTest::SetUp();
    tdx_set_reporter(Told::tell, &told_);
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
    ASSERT_TRUE(change_session([](Session& session) -> Result<void> {
                  session.security_td = security_td(std::make_shared<TestTd>());
                  return {};
                }).ok());
  }

  Told told_;
};

TEST_F(NoMemory, LeavesNothingOfAnAnswer) {
  tdx_security_info_t info;
  ASSERT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
  ASSERT_TRUE(info.is_tdx_guest);
  size_t failures = 0;
  int code = TDX_SUCCESS;
  const auto call = [&] {
    told_ = Told();
    code = tdx_get_security_info(&info);
  };
  for (uint64_t index = 0; fail_allocation(index, call); ++index) {
    EXPECT_EQ(told_.count, code == TDX_SUCCESS ? 0u : 1u) << index;
    if (code == TDX_SUCCESS) continue;
    ++failures;
    EXPECT_EQ(told_.code, code) << index;
    EXPECT_TRUE(told_.is_whole) << index;
    EXPECT_EQ(code, TDX_ERROR_NO_MEMORY) << index;
    EXPECT_FALSE(info.is_tdx_guest) << index;
    EXPECT_EQ(info.tdx_version, 0u) << index;
    EXPECT_EQ(info.security_features, 0u) << index;
    EXPECT_FALSE(info.memory_encryption_enabled) << index;
    EXPECT_FALSE(info.attestation_available) << index;
    EXPECT_FALSE(info.secure_boot_enabled) << index;
  }
  EXPECT_GT(failures, 10u);
  EXPECT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
  EXPECT_TRUE(info.is_tdx_guest);
}

TEST_F(NoMemory, AReporterThatHasNoneEitherEndsNothing) {
  tdx_set_reporter(
      [](void*, const char*, int, const char*, const char*) { throw std::bad_alloc(); }, nullptr);
  tdx_security_info_t info;
  int code = TDX_SUCCESS;
  EXPECT_TRUE(fail_allocation(0, [&] { code = tdx_get_security_info(&info); }));
  EXPECT_EQ(code, TDX_ERROR_NO_MEMORY);
  EXPECT_EQ(tdx_get_security_info(nullptr), TDX_ERROR_INVALID_PARAM);
}

// Gives away one report and one quote that were made before, on the caller's thread: nothing of the
// simulator's runs while there is no memory, and every allocation is one that can fail.
class CannedTd final : public td::Td {
 public:
  CannedTd(Bytes report, Bytes quote) : report_(std::move(report)), quote_(std::move(quote)) {}

  Result<Bytes> report(const ByteArray<64>&) override { return report_; }
  Result<Bytes> quote(const ByteArray<64>&) override { return quote_; }
  Result<Bytes> quote_report(ByteView) override { return quote_; }
  Result<ByteArray<48>> read_rtmr(unsigned) override { return none(); }
  Result<void> extend_rtmr(unsigned, const ByteArray<48>&) override { return none(); }
  Result<std::string> boot_id() override { return none(); }
  bool simulated() const override { return true; }

 private:
  static Error none() {
    return {ErrorCode::unsupported, "not asked for here: nobody would answer"};
  }

  Bytes report_;
  Bytes quote_;
};

// A platform whose certificates are so short that a quote with all of them fits into a tdx_quote_t.
simulator::Platform terse_platform() {
  simulator::PlatformSettings settings =
      simulator::default_settings(simulator::test_seed(1), now());
  for (auto* const certificate :
       {&settings.pki.root, &settings.pki.platform_ca, &settings.pki.pck}) {
    certificate->crl_distribution_point.clear();
    certificate->authority_key.reset();
    certificate->subject_key_identifier = false;
  }
  return {simulator::test_seed(1), settings};
}

Bytes one_bit_off(Bytes quote) {
  quote[600] ^= 1;
  return quote;
}

template <typename T>
bool is_zero(const T& value) {
  return all_zero(std::bit_cast<std::array<uint8_t, sizeof(T)>>(value));
}
template <typename T>
void fill(T& value) {
  std::memset(&value, 1, sizeof value);
}

bool says_nothing(const tdx_appraisal_t& appraisal) {
  return !appraisal.genuine && !appraisal.accepted && !appraisal.simulated &&
         appraisal.tcb_status == UINT32_MAX && appraisal.valid_until == 0 &&
         is_zero(std::to_array(appraisal.reason)) && is_zero(std::to_array(appraisal.explanation));
}

// A function of the API whose every allocation fails once.
struct Tried {
  // Begins with outputs that say something, and allocates nothing of its own.
  std::function<int()> call;
  // Whether the outputs are those of a failure.
  std::function<bool()> gave_nothing;
  // Whether they are those of a success; takes back what was given.
  std::function<bool()> gave_all;
  int no_memory = TDX_ERROR_NO_MEMORY;
  // What it ends with where there is memory.
  int code = TDX_SUCCESS;
};

class EachAllocation : public NoMemory {
 protected:
  void SetUp() override {
    NoMemory::SetUp();
    ASSERT_EQ(tdx_attestation_init(nullptr), TDX_ATTEST_SUCCESS);
    const Bytes& root = platform_.certificates().root;
    ASSERT_EQ(tdx_insecure_trust_root(root.data(), root.size()), TDX_SUCCESS);
    ASSERT_EQ(tdx_set_collateral(bundle_.data(), bundle_.size()), TDX_SUCCESS);
    std::ranges::copy(report_, full_bytes_.begin());
    full_ = std::bit_cast<tdx_report_full_t>(full_bytes_);
    std::copy_n(report_.begin(), sizeof front_.report_mac_struct, front_.report_mac_struct);
    std::ranges::copy(report_data_of(report_), front_.report_data);
    ASSERT_LE(quote_.size(), size_t{TDX_QUOTE_DATA_SIZE});
    auto td = std::make_shared<CannedTd>(report_, quote_);
    ASSERT_TRUE(change_session([&](Session& session) -> Result<void> {
                  session.security_td = security_td(td);
                  session.attestation->td = td;
                  return {};
                }).ok());
  }

  // Forgets the platforms that are known, so that all is verified.
  static void forget() {
    ASSERT_TRUE(change_session([](Session& session) -> Result<void> {
                  session.verifier = std::make_shared<Verifier>(session.insecure_roots);
                  return {};
                }).ok());
  }

  // Has one allocation fail after the other, and then none.
  void try_each(const char* name, const Tried& tried) {
    SCOPED_TRACE(name);
    int code = 0;
    const auto call = [&] {
      told_ = Told();
      code = tried.call();
    };
    uint64_t index = 0;
    for (forget(); fail_allocation(index, call); forget(), ++index) {
      ASSERT_EQ(code, tried.no_memory) << index;
      ASSERT_TRUE(tried.gave_nothing()) << index;
      ASSERT_TRUE(told_.count == 1 && told_.code == code && told_.is_whole) << index;
      ASSERT_LT(index, kMostAllocations);
    }
    EXPECT_GT(index, 0u);
    EXPECT_EQ(code, tried.code);
    EXPECT_TRUE(code == TDX_SUCCESS ? tried.gave_all() : tried.gave_nothing());
  }

  static constexpr uint64_t kMostAllocations = 10'000;

  const simulator::Platform platform_ = terse_platform();
  const Bytes report_ =
      platform_.td_report(simulator::default_td_state(), simulator::test_report_data());
  const Bytes quote_ = platform_.quote(report_).value();
  const Bytes bundle_ = platform_.collateral_bundle();
  const Bytes forged_ = one_bit_off(quote_);
  ByteArray<td::kTdReportBytes> full_bytes_{};
  tdx_report_full_t full_ = {};
  tdx_report_t front_ = {};
};

TEST_F(EachAllocation, LeavesNothingOfAReport) {
  tdx_report_t report;
  const ByteArray<64> data = simulator::test_report_data();
  try_each("tdx_generate_report",
           {.call =
                [&] {
                  fill(report);
                  return tdx_generate_report(data.data(), data.size(), &report);
                },
            .gave_nothing = [&] { return is_zero(report); },
            .gave_all = [&] { return std::memcmp(&report, &front_, sizeof report) == 0; }});
}

TEST_F(EachAllocation, LeavesNothingOfAQuote) {
  Bytes buffer(16384);
  size_t size = 0;
  const Tried quote_bytes = {
      .call =
          [&] {
            std::ranges::fill(buffer, uint8_t{0xff});
            size = buffer.size();
            return tdx_get_quote_bytes(&front_, buffer.data(), &size);
          },
      .gave_nothing = [&] { return size == 0 && all_zero(buffer); },
      .gave_all = [&] { return equal(ByteView(buffer).first(size), quote_); }};
  tdx_quote_t small;
  const Tried small_quote = {
      .call =
          [&] {
            fill(small);
            return tdx_get_quote(&front_, &small);
          },
      .gave_nothing = [&] { return is_zero(small); },
      .gave_all = [&] { return equal(ByteView(small.data).first(small.out_len), quote_); }};
  uint8_t* quote = nullptr;
  const Tried given_quote = {.call =
                                 [&] {
                                   quote = buffer.data();
                                   size = 1;
                                   return tdx_attestation_get_quote(&full_, &quote, &size);
                                 },
                             .gave_nothing = [&] { return quote == nullptr && size == 0; },
                             .gave_all =
                                 [&] {
                                   const bool is_it = equal(ByteView(quote, size), quote_);
                                   tdx_attestation_free(quote);
                                   return is_it;
                                 },
                             .no_memory = TDX_ATTEST_ERROR_NO_MEMORY};
  try_each("tdx_get_quote_bytes", quote_bytes);
  try_each("tdx_get_quote", small_quote);
  try_each("tdx_attestation_get_quote", given_quote);
}

TEST_F(EachAllocation, AcceptsNoQuote) {
  for (const bool is_good : {true, false}) {
    const Bytes& quote = is_good ? quote_ : forged_;
    SCOPED_TRACE(is_good ? "a quote that is right" : "one that is forged");
    bool verified = false;
    const Tried by_bytes = {.call =
                                [&] {
                                  verified = true;
                                  return tdx_verify_quote_bytes(quote.data(), quote.size(),
                                                                &verified);
                                },
                            .gave_nothing = [&] { return !verified; },
                            .gave_all = [&] { return verified; },
                            .code = is_good ? TDX_SUCCESS : TDX_ERROR_ATTESTATION};
    try_each("tdx_verify_quote_bytes", by_bytes);

    tdx_quote_t small = {};
    std::ranges::copy(quote, small.data);
    small.out_len = static_cast<uint32_t>(quote.size());
    Tried by_struct = by_bytes;
    by_struct.call = [&] {
      verified = true;
      return tdx_verify_quote(&small, &verified);
    };
    try_each("tdx_verify_quote", by_struct);
  }
}

TEST_F(EachAllocation, LeavesNoStatus) {
  const Bytes log = {'[', ']'};
  for (const bool is_good : {true, false}) {
    const Bytes& quote = is_good ? quote_ : forged_;
    for (const Bytes& bundle : {Bytes(), bundle_}) {
      SCOPED_TRACE(is_good ? "a quote that is right" : "one that is forged");
      SCOPED_TRACE(bundle.empty() ? "by the collateral that was set" : "by that of the call");
      uint32_t status = 0;
      try_each("tdx_attestation_verify_quote",
               {.call =
                    [&] {
                      status = TDX_TCB_STATUS_OK;
                      return tdx_attestation_verify_quote(quote.data(), quote.size(), bundle.data(),
                                                          bundle.size(), &status);
                    },
                .gave_nothing = [&] { return status == UINT32_MAX; },
                .gave_all = [&] { return status == TDX_TCB_STATUS_OK; },
                .no_memory = TDX_ATTEST_ERROR_NO_MEMORY,
                .code = is_good ? TDX_ATTEST_SUCCESS : TDX_ATTEST_ERROR_VERIFICATION});
      tdx_appraisal_t appraisal;
      try_each("tdx_attestation_appraise",
               {.call =
                    [&] {
                      fill(appraisal);
                      return tdx_attestation_appraise(quote.data(), quote.size(), bundle.data(),
                                                      bundle.size(), log.data(), log.size(),
                                                      &appraisal);
                    },
                .gave_nothing = [&] { return says_nothing(appraisal); },
                .gave_all =
                    [&] {
                      return appraisal.genuine == is_good && appraisal.accepted == is_good &&
                             (appraisal.reason[0] == 0) == is_good;
                    },
                .no_memory = TDX_ATTEST_ERROR_NO_MEMORY});
    }
  }
}

TEST_F(EachAllocation, LeavesNoEvidence) {
  tdx_attestation_evidence_t nobodys = {};
  tdx_attestation_evidence_t* evidence = nullptr;
  const ByteArray<64> data = simulator::test_report_data();
  try_each("tdx_attestation_generate_evidence",
           {.call =
                [&] {
                  evidence = &nobodys;
                  return tdx_attestation_generate_evidence(data.data(), data.size(), &evidence);
                },
            .gave_nothing = [&] { return evidence == nullptr; },
            .gave_all =
                [&] {
                  const bool is_whole =
                      equal(ByteView(evidence->quote, evidence->quote_size), quote_) &&
                      equal(ByteView(evidence->collateral, evidence->collateral_size), bundle_) &&
                      evidence->tcb_status == TDX_TCB_STATUS_OK;
                  tdx_attestation_free_evidence(evidence);
                  return is_whole;
                },
            .no_memory = TDX_ATTEST_ERROR_NO_MEMORY});
}

// Answers with what nothing of ours throws.
class BrokenTd final : public td::Td {
 public:
  Result<Bytes> report(const ByteArray<64>&) override { throw std::logic_error("a bug"); }
  Result<Bytes> quote(const ByteArray<64>&) override { throw std::logic_error("a bug"); }
  Result<Bytes> quote_report(ByteView) override { throw std::logic_error("a bug"); }
  Result<ByteArray<48>> read_rtmr(unsigned) override { throw std::logic_error("a bug"); }
  Result<void> extend_rtmr(unsigned, const ByteArray<48>&) override {
    throw std::logic_error("a bug");
  }
  Result<std::string> boot_id() override { throw std::logic_error("a bug"); }
  bool simulated() const override { return true; }
};

TEST_F(NoMemory, ABugIsToldToo) {
  ASSERT_TRUE(change_session([](Session& session) -> Result<void> {
                session.security_td = security_td(std::make_shared<BrokenTd>());
                return {};
              }).ok());
  EXPECT_EQ(tdx_check_guest(), TDX_ERROR_INTERNAL);
  EXPECT_EQ(told_.count, 1u);
  EXPECT_EQ(told_.code, TDX_ERROR_INTERNAL);
  EXPECT_TRUE(told_.is_whole);
}

}  // namespace
}  // namespace quoin::capi
