// What a call leaves behind when there is no memory, whichever allocation it is that fails.

#include <functional>
#include <memory>
#include <optional>

#include "src/base/allocations_testing.h"
#include "src/capi/capi_testing.h"
#include "src/capi/td_testing.h"

namespace quoin::capi {
namespace {

// The code of `call`, of which that allocation fails; nothing where it makes fewer.
std::optional<int> without_allocation(size_t index, const std::function<int()>& call) {
  fail_allocation_after(index);
  const int code = call();
  return allocation_has_failed() ? std::optional(code) : std::nullopt;
}

class NoMemory : public CapiTest {
 protected:
  void SetUp() override {
    CapiTest::SetUp();
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
    ASSERT_TRUE(change_session([](Session& session) -> Result<void> {
                  session.security_td = std::make_shared<StatedTd>();
                  return {};
                }).ok());
  }
};

TEST_F(NoMemory, LeavesNothingOfAnAnswer) {
  tdx_security_info_t info;
  ASSERT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
  ASSERT_TRUE(info.is_tdx_guest);
  size_t failures = 0;
  for (size_t index = 0;; ++index) {
    const std::optional<int> code =
        without_allocation(index, [&] { return tdx_get_security_info(&info); });
    if (!code) break;
    if (*code == TDX_SUCCESS) continue;
    ++failures;
    EXPECT_EQ(*code, TDX_ERROR_NO_MEMORY) << index;
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
