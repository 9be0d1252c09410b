// What a call leaves behind when there is no memory, whichever allocation it is that fails.

#include <memory>

#include "src/base/allocations_testing.h"
#include "src/capi/capi_testing.h"
#include "src/capi/td_testing.h"

namespace quoin::capi {
namespace {

class NoMemory : public CapiTest {
 protected:
  void SetUp() override {
    CapiTest::SetUp();
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
    ASSERT_TRUE(change_session([](Session& session) -> Result<void> {
                  session.security_td = std::make_shared<TestTd>();
                  return {};
                }).ok());
  }
};

TEST_F(NoMemory, LeavesNothingOfAnAnswer) {
  tdx_security_info_t info;
  ASSERT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
  ASSERT_TRUE(info.is_tdx_guest);
  size_t failures = 0;
  int code = TDX_SUCCESS;
  for (uint64_t index = 0; fail_allocation(index, [&] { code = tdx_get_security_info(&info); });
       ++index) {
    if (code == TDX_SUCCESS) continue;
    ++failures;
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

}  // namespace
}  // namespace quoin::capi
