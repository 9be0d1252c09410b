#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "src/os/io.h"
#include "src/os/unique_fd.h"

namespace {

constexpr std::string_view kSecret = "a secret of some length, which nobody else may see";
bool watching = false;
bool left_behind = false;

// What is given back is looked at before it goes. Nobody finds it in memory that they are given.
void look_at_and_free(void* memory) {
  if (memory == nullptr) return;
  const size_t size = malloc_usable_size(memory);
  if (watching) {
    const std::string_view text(static_cast<const char*>(memory), size);
    left_behind |= text.contains(kSecret.substr(kSecret.size() / 2));
  }
  explicit_bzero(memory, size);
  std::free(memory);
}

void* allocate(size_t size) {
  void* const memory = std::malloc(std::max<size_t>(size, 1));
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(size_t size) { return allocate(size); }
void* operator new[](size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { look_at_and_free(memory); }
void operator delete(void* memory, size_t) noexcept { look_at_and_free(memory); }
void operator delete[](void* memory) noexcept { look_at_and_free(memory); }
void operator delete[](void* memory, size_t) noexcept { look_at_and_free(memory); }

namespace quoin {
namespace {

// A file that has the secret at its end.
UniqueFd secret_file(size_t size) {
  UniqueFd file(memfd_create("secret", MFD_CLOEXEC));
  std::string text(size, 'x');
  text.replace(size - kSecret.size(), kSecret.size(), kSecret);
  EXPECT_EQ(pwrite(file.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return file;
}

// Whether what `call` has read was left in memory that it gave back.
template <typename Call>
bool leaves_behind(const Call& call) {
  left_behind = false;
  watching = true;
  call();
  watching = false;
  return left_behind;
}

constexpr size_t kMostBytes = size_t{64} << 10;

TEST(ReadSecret, LeavesNothingBehind) {
  for (const size_t size : {kSecret.size(), size_t{3000}, size_t{16} << 10, kMostBytes}) {
    const UniqueFd file = secret_file(size);
    EXPECT_FALSE(leaves_behind([&] {
      const Result<SecretBytes> read = read_secret(file.get(), kMostBytes, "secret");
      ASSERT_TRUE(read.ok());
      EXPECT_EQ(read->size(), size);
      EXPECT_TRUE(as_text(read->view()).ends_with(kSecret));
    })) << size;
  }
  const UniqueFd file = secret_file(kMostBytes);
  EXPECT_TRUE(leaves_behind([&] {
    EXPECT_TRUE(read_to_end(file.get(), kMostBytes, "no secret").ok());
  })) << "this test sees nothing";
}

TEST(ReadSecret, ReadsUpToTheLimitAndNotPastIt) {
  const UniqueFd file = secret_file(100);
  EXPECT_TRUE(read_secret(file.get(), 100, "secret").ok());
  ASSERT_EQ(lseek(file.get(), 0, SEEK_SET), 0);
  EXPECT_FALSE(leaves_behind([&] {
    EXPECT_EQ(read_secret(file.get(), 99, "secret").error().code, ErrorCode::too_large);
  }));
  EXPECT_EQ(read_secret(file.get(), 100, "secret")->size(), 0) << "it stands at its end";
  EXPECT_EQ(read_secret(-1, 100, "secret").error().code, ErrorCode::io);
}

}  // namespace
}  // namespace quoin
