// What a call leaves behind when there is no memory, whichever allocation it is that fails.

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "src/base/allocations_testing.h"
#include "src/capi/capi_testing.h"
#include "src/capi/td_testing.h"
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
