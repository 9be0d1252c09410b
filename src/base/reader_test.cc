#include "src/base/reader.h"

#include <gtest/gtest.h>

#include <limits>

namespace quoin {
namespace {

const Bytes kBytes = {1, 2, 3, 4, 5, 6, 7, 8, 9};

TEST(ReaderTest, FailsWithoutMovingWhenTheBytesEnd) {
  for (size_t size = 0; size < 8; ++size) {
    Reader reader(ByteView(kBytes).first(size), "thing");
    ByteArray<8> out = {42};
    EXPECT_EQ(reader.u64le().error().code, ErrorCode::truncated);
    EXPECT_EQ(reader.bytes(size + 1).error().code, ErrorCode::truncated);
    EXPECT_EQ(reader.sub(size + 1, "part").error().code, ErrorCode::truncated);
    EXPECT_EQ(reader.fill(out).error().code, ErrorCode::truncated);
    EXPECT_EQ(out, ByteArray<8>{42});
    if (size < 4) {
      EXPECT_EQ(reader.u32le().error().code, ErrorCode::truncated);
      EXPECT_EQ(reader.u32be().error().code, ErrorCode::truncated);
    }
    if (size < 2) {
      EXPECT_EQ(reader.u16le().error().code, ErrorCode::truncated);
    }
    if (size < 1) {
      EXPECT_EQ(reader.u8().error().code, ErrorCode::truncated);
    }
    EXPECT_EQ(reader.remaining(), size);
    EXPECT_TRUE(reader.bytes(size).ok());
  }
}

TEST(ReaderTest, RefusesSizesThatWouldOverflow) {
  Reader reader(kBytes, "thing");
  ASSERT_TRUE(reader.u8().ok());
  EXPECT_EQ(reader.bytes(std::numeric_limits<size_t>::max()).error().code, ErrorCode::truncated);
  EXPECT_EQ(reader.sub(std::numeric_limits<size_t>::max(), "part").error().code,
            ErrorCode::truncated);
  EXPECT_EQ(reader.remaining(), kBytes.size() - 1);
}

TEST(ReaderTest, FinishRefusesWhatIsLeftOver) {
  Reader reader(kBytes, "thing");
  ASSERT_TRUE(reader.bytes(kBytes.size() - 1).ok());
  EXPECT_EQ(reader.finish().error().code, ErrorCode::trailing_bytes);
  EXPECT_EQ(reader.finish().error().what, "thing: 1 bytes left over");
  ASSERT_TRUE(reader.u8().ok());
  EXPECT_TRUE(reader.finish().ok());
  EXPECT_TRUE(reader.empty());
}

TEST(ReaderTest, SubReaderCannotReachPastItsEnd) {
  Reader reader(kBytes, "thing");
  auto sub = reader.sub(3, "part");
  ASSERT_TRUE(sub.ok());
  EXPECT_EQ(sub->u32le().error().what, "part: needs 4 more bytes, has 3");
  EXPECT_EQ(*sub->u16le(), 0x0201);
  EXPECT_EQ(sub->finish().error().code, ErrorCode::trailing_bytes);
  EXPECT_EQ(*reader.u8(), 4);
}

TEST(ReaderTest, ReadsIntegersInTheirByteOrder) {
  Reader reader(kBytes, "thing");
  EXPECT_EQ(*Reader(reader).u8(), 0x01);
  EXPECT_EQ(*Reader(reader).u16le(), 0x0201);
  EXPECT_EQ(*Reader(reader).u32le(), 0x04030201u);
  EXPECT_EQ(*Reader(reader).u64le(), 0x0807060504030201u);
  EXPECT_EQ(*Reader(reader).u32be(), 0x01020304u);
  EXPECT_EQ(reader.remaining(), kBytes.size());  // copies are cursors of their own

  const Bytes ones(8, 0xff);
  EXPECT_EQ(*Reader(ones, "ones").u16le(), 0xffff);
  EXPECT_EQ(*Reader(ones, "ones").u32le(), 0xffffffffu);
  EXPECT_EQ(*Reader(ones, "ones").u32be(), 0xffffffffu);
  EXPECT_EQ(*Reader(ones, "ones").u64le(), 0xffffffffffffffffu);
}

TEST(ReaderTest, ViewsPointIntoTheBytes) {
  Reader reader(kBytes, "thing");
  ByteArray<2> out{};
  ASSERT_TRUE(reader.fill(out).ok());
  EXPECT_EQ(out, (ByteArray<2>{1, 2}));
  EXPECT_EQ(reader.bytes(3)->data(), kBytes.data() + 2);
  EXPECT_EQ(reader.rest().data(), kBytes.data() + 5);
  EXPECT_EQ(reader.rest().size(), 4u);
  EXPECT_TRUE(reader.bytes(0)->empty());
}

}  // namespace
}  // namespace quoin
