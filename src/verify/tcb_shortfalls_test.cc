#include "src/verify/tcb_shortfalls.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

namespace quoin {
namespace {

constexpr UtcTime kPlatformDate = std::chrono::sys_days(std::chrono::March / 12 / 2025);
constexpr UtcTime kModuleDate = std::chrono::sys_days(std::chrono::May / 14 / 2025);
constexpr UtcTime kQeDate = std::chrono::sys_days(std::chrono::January / 2 / 2024);

IsvSvnTcbLevel isv_level(uint16_t isv_svn, UtcTime date, TcbStatus status) {
  return {.isv_svn = isv_svn, .tcb_date = date, .status = status, .advisory_ids = {}};
}

class Shortfalls : public testing::Test {
 protected:
  Shortfalls() {
    TcbLevel revoked;
    revoked.sgx_tcb_components.fill(200);
    revoked.status = TcbStatus::revoked;
    TcbLevel newest;
    newest.sgx_tcb_components.fill(5);
    newest.pce_svn = 10;
    newest.tdx_tcb_components.fill(5);
    newest.tcb_date = kPlatformDate;
    newest.status = TcbStatus::up_to_date;
    TcbLevel older = newest;
    older.sgx_tcb_components.fill(1);
    tcb_info_.tcb_levels = {revoked, newest, older};
    TdxModuleIdentity module;
    module.id = "TDX_01";
    module.tcb_levels = {isv_level(6, kModuleDate, TcbStatus::up_to_date),
                         isv_level(4, kQeDate, TcbStatus::out_of_date)};
    tcb_info_.tdx_module_identities = {module};
    qe_identity_.tcb_levels = {isv_level(8, kQeDate, TcbStatus::up_to_date)};

    platform_.sgx_tcb_components.fill(5);
    platform_.pce_svn = 10;
    platform_.qe_isv_svn = 8;
    platform_.tee_tcb_svn.emplace().fill(5);
    (*platform_.tee_tcb_svn)[0] = 6;
    (*platform_.tee_tcb_svn)[1] = 1;
  }

  // The shortfalls as people read them, one a line.
  std::string lines() const {
    std::string text;
    for (const TcbShortfall& shortfall : find_tcb_shortfalls(platform_, tcb_info_, qe_identity_)) {
      text += to_string(shortfall) + "\n";
    }
    return text;
  }

  PlatformTcb platform_;
  TcbInfo tcb_info_;
  QeIdentity qe_identity_;
};

TEST_F(Shortfalls, NoneWhereNothingIsLower) {
  EXPECT_EQ(lines(), "");
  platform_.sgx_tcb_components.fill(6);
  platform_.pce_svn = 11;
  (*platform_.tee_tcb_svn)[0] = 7;
  EXPECT_EQ(lines(), "");
}

TEST_F(Shortfalls, EachSvnIsNamedWithWhatIsWantedSinceWhen) {
  const struct {
    std::function<void(PlatformTcb&)> lower;
    std::string_view line;
    std::string_view advice;
  } kCases[] = {
      {[](PlatformTcb& p) { p.sgx_tcb_components[0] = 4; },
       "SGX TCB component 1 has SVN 4, UpToDate needs 5 since 2025-03-12\n", "BIOS"},
      {[](PlatformTcb& p) { p.sgx_tcb_components[15] = 0; },
       "SGX TCB component 16 has SVN 0, UpToDate needs 5 since 2025-03-12\n", "BIOS"},
      {[](PlatformTcb& p) { p.pce_svn = 9; },
       "PCE has PCESVN 9, UpToDate needs 10 since 2025-03-12\n", "PCE"},
      {[](PlatformTcb& p) { (*p.tee_tcb_svn)[2] = 4; },
       "TDX TCB component 3 has SVN 4, UpToDate needs 5 since 2025-03-12\n", "BIOS"},
      {[](PlatformTcb& p) { (*p.tee_tcb_svn)[0] = 4; },
       "TDX module TDX_01 has ISVSVN 4, UpToDate needs 6 since 2025-05-14\n", "restart the TD"},
      {[](PlatformTcb& p) {
         p.tee_tcb_svn2 = p.tee_tcb_svn;
         (*p.tee_tcb_svn2)[0] = 5;
       },
       "TDX module TDX_01, which runs now, has ISVSVN 5, UpToDate needs 6 since 2025-05-14\n",
       "update the TDX module"},
      {[](PlatformTcb& p) { p.qe_isv_svn = 7; },
       "quoting enclave has ISVSVN 7, UpToDate needs 8 since 2024-01-02\n", "quoting enclave"},
  };
  const PlatformTcb good = platform_;
  for (const auto& test : kCases) {
    platform_ = good;
    test.lower(platform_);
    EXPECT_EQ(lines(), test.line);
    const auto found = find_tcb_shortfalls(platform_, tcb_info_, qe_identity_);
    ASSERT_EQ(found.size(), 1u) << test.line;
    EXPECT_NE(advice_for(found[0]).find(test.advice), std::string_view::npos)
        << advice_for(found[0]);
  }
}

TEST_F(Shortfalls, AllOfThemAreNamed) {
  platform_ = {};
  platform_.tee_tcb_svn.emplace()[1] = 1;
  EXPECT_EQ(find_tcb_shortfalls(platform_, tcb_info_, qe_identity_).size(),
            1u + 16u + 1u + 14u + 1u);
}

TEST_F(Shortfalls, AModuleWithoutAVersionIsComparedAsComponents) {
  (*platform_.tee_tcb_svn)[0] = 4;
  (*platform_.tee_tcb_svn)[1] = 0;
  EXPECT_EQ(lines(),
            "TDX TCB component 1 has SVN 4, UpToDate needs 5 since 2025-03-12\n"
            "TDX TCB component 2 has SVN 0, UpToDate needs 5 since 2025-03-12\n");
}

TEST_F(Shortfalls, SgxHasNoTdxComponents) {
  platform_.tee_tcb_svn.reset();
  EXPECT_EQ(lines(), "");
}

// What nobody lists as UpToDate, or at all, is no shortfall: there is nothing to update to.
TEST_F(Shortfalls, NoneWhereNoLevelIsUpToDate) {
  platform_ = {};
  platform_.tee_tcb_svn.emplace()[1] = 1;
  auto& identities = *tcb_info_.tdx_module_identities;
  for (TcbLevel& level : tcb_info_.tcb_levels) level.status = TcbStatus::out_of_date;
  identities[0].tcb_levels[0].status = TcbStatus::revoked;
  qe_identity_.tcb_levels[0].status = TcbStatus::out_of_date;
  EXPECT_EQ(lines(), "");
  identities[0].tcb_levels[0].status = TcbStatus::up_to_date;
  (*platform_.tee_tcb_svn)[1] = 2;
  EXPECT_EQ(lines(), "") << "no identity of version 2";
  tcb_info_.tdx_module_identities.reset();
  EXPECT_EQ(lines(), "");
}

}  // namespace
}  // namespace quoin
