// What a call leaves behind when there is no memory, whichever allocation it is that fails. This
// file replaces operator new.

#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <optional>

#include "src/capi/capi_testing.h"
#include "src/capi/td_testing.h"

namespace {

// How many allocations of this thread succeed before one fails; none fails where it is empty.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): operator new looks at it.
thread_local std::optional<size_t> allocations_left;

}  // namespace

// [new.delete.single]: the array and nothrow forms call these.
void* operator new(size_t size) {
  if (allocations_left && (*allocations_left)-- == 0) {
    allocations_left.reset();
    throw std::bad_alloc();
  }
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace quoin::capi {
namespace {

// The code of `call`, of which that allocation fails; nothing where it makes fewer.
std::optional<int> without_allocation(size_t index, const std::function<int()>& call) {
  allocations_left = index;
  const int code = call();
  const bool failed = !allocations_left;
  allocations_left.reset();
  return failed ? std::optional(code) : std::nullopt;
}

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
