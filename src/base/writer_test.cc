#include "src/base/writer.h"

#include <gtest/gtest.h>

#include "src/base/reader.h"

namespace quoin {
namespace {

TEST(WriterTest, WritesLittleEndian) {
  Writer writer;
  writer.u8(0x01).u16le(0x0302).u32le(0x07060504).u64le(0x0f0e0d0c0b0a0908).bytes(Bytes{16, 17});
  EXPECT_EQ(writer.size(), 17u);
  const Bytes written = writer.take();
  for (size_t i = 0; i < written.size(); ++i) EXPECT_EQ(written[i], i + 1);
  EXPECT_EQ(writer.size(), 0u);
  EXPECT_EQ(writer.u8(9).take(), Bytes{9});
}

TEST(WriterTest, ReaderReadsWhatItWrites) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{0x80}, uint64_t{0x8000}, uint64_t{0x80000000},
                               uint64_t{0x8000000000000000}, UINT64_MAX}) {
    Writer writer;
    writer.u8(static_cast<uint8_t>(value))
        .u16le(static_cast<uint16_t>(value))
        .u32le(static_cast<uint32_t>(value))
        .u64le(value)
        .bytes({});
    Reader reader(writer.view(), "written");
    EXPECT_EQ(*reader.u8(), static_cast<uint8_t>(value));
    EXPECT_EQ(*reader.u16le(), static_cast<uint16_t>(value));
    EXPECT_EQ(*reader.u32le(), static_cast<uint32_t>(value));
    EXPECT_EQ(*reader.u64le(), value);
    EXPECT_TRUE(reader.finish().ok());
  }
}

}  // namespace
}  // namespace quoin
