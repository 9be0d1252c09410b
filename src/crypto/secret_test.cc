#include "src/crypto/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <ostream>
#include <type_traits>

namespace {

// The memory of the SecretBytes under test, and what it held when it was given back.
struct Watched {
  const void* memory = nullptr;
  size_t size = 0;
  bool freed = false;
  bool wiped = false;
};
Watched watched;

}  // namespace

// SecretBytes gives its memory back through this, which is the last moment to look at it.
void operator delete[](void* memory) noexcept {
  if (memory != nullptr && memory == watched.memory) {
    const quoin::ByteView bytes(static_cast<const uint8_t*>(memory), watched.size);
    watched.freed = true;
    watched.wiped = quoin::all_zero(bytes);
    watched.memory = nullptr;
  }
  std::free(memory);
}
void operator delete[](void* memory, size_t) noexcept { operator delete[](memory); }
void* operator new[](size_t size) {
  void* const memory = std::malloc(std::max<size_t>(size, 1));
  if (memory == nullptr) std::abort();
  return memory;
}

namespace quoin {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
template <typename T>
concept Comparable = requires(const T& a, const T& b) { a == b; };

template <typename T>
constexpr bool kKeepsToItself =
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
    std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
    !std::is_convertible_v<T, ByteView> && !Printable<T> && !Comparable<T>;
static_assert(kKeepsToItself<Secret<32>>);
static_assert(kKeepsToItself<SecretBytes>);

void fill(std::span<uint8_t> bytes) { std::ranges::fill(bytes, uint8_t{0xa5}); }

bool is_filled(ByteView bytes) {
  return !bytes.empty() && std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0xa5; });
}

TEST(SecretTest, WipeReachesEveryByteAndNoOther) {
  Bytes bytes(34, 0xa5);
  wipe(std::span(bytes).subspan(1, 32));
  EXPECT_EQ(bytes.front(), 0xa5);
  EXPECT_EQ(bytes.back(), 0xa5);
  EXPECT_TRUE(all_zero(std::span(bytes).subspan(1, 32)));
  wipe({});
}

TEST(SecretTest, WipesItselfAtItsEnd) {
  using Key = Secret<32>;
  // Volatile, so that the compiler cannot reason about an object that is gone.
  alignas(Key) std::array<uint8_t, sizeof(Key)> memory{};
  const volatile uint8_t* const bytes = memory.data();
  Key* const key = new (memory.data()) Key;
  fill(key->mutable_view());
  for (size_t i = 0; i < sizeof(Key); ++i) EXPECT_EQ(bytes[i], 0xa5) << i;
  std::destroy_at(key);
  for (size_t i = 0; i < sizeof(Key); ++i) EXPECT_EQ(bytes[i], 0) << i;
}

TEST(SecretTest, StartsWithZeros) {
  EXPECT_TRUE(all_zero(Secret<48>().view()));
  EXPECT_EQ(Secret<48>::size(), 48u);
  EXPECT_TRUE(all_zero(SecretBytes(48).view()));
  EXPECT_EQ(SecretBytes(48).size(), 48u);
  EXPECT_TRUE(SecretBytes().view().empty());
}

TEST(SecretTest, MovingWipesTheSource) {
  Secret<32> first;
  fill(first.mutable_view());
  Secret<32> second = std::move(first);
  EXPECT_TRUE(is_filled(second.view()));
  EXPECT_TRUE(all_zero(first.view()));
  first = std::move(second);
  EXPECT_TRUE(is_filled(first.view()));
  EXPECT_TRUE(all_zero(second.view()));
  Secret<32>& same = first;
  first = std::move(same);
  EXPECT_TRUE(is_filled(first.view()));
}

TEST(SecretBytesTest, WipesItselfAtItsEnd) {
  {
    SecretBytes secret(100);
    fill(secret.mutable_view());
    watched = {.memory = secret.view().data(), .size = secret.size()};
  }
  EXPECT_TRUE(watched.freed);
  EXPECT_TRUE(watched.wiped);
}

TEST(SecretBytesTest, WipesWhatIsAssignedOver) {
  SecretBytes secret(100);
  fill(secret.mutable_view());
  watched = {.memory = secret.view().data(), .size = secret.size()};
  secret = SecretBytes(7);
  EXPECT_TRUE(watched.freed);
  EXPECT_TRUE(watched.wiped);
  EXPECT_EQ(secret.size(), 7u);
  EXPECT_TRUE(all_zero(secret.view()));
}

TEST(SecretBytesTest, MovingLeavesNothingBehind) {
  SecretBytes first(10);
  fill(first.mutable_view());
  const uint8_t* const memory = first.view().data();
  SecretBytes second = std::move(first);
  EXPECT_EQ(second.view().data(), memory);
  EXPECT_TRUE(is_filled(second.view()));
  EXPECT_TRUE(first.view().empty());
  first = std::move(second);
  EXPECT_TRUE(is_filled(first.view()));
  EXPECT_TRUE(second.view().empty());
  SecretBytes& same = first;
  first = std::move(same);
  EXPECT_TRUE(is_filled(first.view()));
}

TEST(EqualInConstantTimeTest, LooksAtEveryByteAndTheSize) {
  const Bytes bytes(48, 0xa5);
  EXPECT_TRUE(equal_in_constant_time(bytes, Bytes(48, 0xa5)));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_FALSE(equal_in_constant_time(bytes, Bytes(47, 0xa5)));
  EXPECT_FALSE(equal_in_constant_time(bytes, Bytes(49, 0xa5)));
  EXPECT_FALSE(equal_in_constant_time(bytes, {}));
  for (size_t i = 0; i < bytes.size(); ++i) {
    Bytes other = bytes;
    other[i] ^= 1;
    EXPECT_FALSE(equal_in_constant_time(bytes, other)) << i;
  }
}

}  // namespace
}  // namespace quoin
