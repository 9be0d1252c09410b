#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "quoin/eventlog.h"
#include "src/base/writer.h"
#include "src/eventlog/events_testing.h"

namespace quoin {
namespace {

using events_testing::bytes;
using events_testing::event;
using events_testing::kGlobal;
using events_testing::variable;

std::string described(uint32_t type, const Bytes& data) {
  return describe_event(event(1, type, data));
}

constexpr uint32_t kAllTypes[] = {0x3,        0x4,        0x5,        0x6,        0xa,
                                  0xd,        0x80000001, 0x80000002, 0x80000003, 0x80000006,
                                  0x80000007, 0x8000000a, 0x8000000b, 0x800000e0, kRuntimeEventType,
                                  0x12345678};

TEST(EventDescription, ShowsNothingThatIsNotPrintable) {
  const Bytes table[] = {
      {},
      bytes("\033[2J\x9b"),
      Bytes(1000, '\\'),
      Bytes(1000, 'x'),
      Bytes(300, '\n'),
      Bytes(100'000, 0xff),
      Bytes(100'000, 0x00),
      variable(kGlobal, std::string(500, '\x07'), Bytes(1000)),
      variable(kGlobal, "\xe4", Bytes{0x1b}),
      Writer().u32le(1).u32le(3).bytes(bytes("\033[J")).take(),
      Writer().u8(3).bytes(bytes("\033[J\033")).take(),
  };
  for (const uint32_t type : kAllTypes) {
    for (const Bytes& data : table) {
      CcEvent one = event(1, type, data);
      one.name = "\033]0;x\007";
      const std::string text = describe_event(one);
      EXPECT_LE(text.size(), kMaxEventDescriptionBytes);
      EXPECT_FALSE(text.empty());
      EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) << text;
      if (data.size() >= 100'000) {
        EXPECT_TRUE(text.ends_with("...")) << type << text;
      }
    }
  }
}

TEST(EventDescription, SaysWhatKnownFormsSay) {
  const std::string wide = "." + std::string(1, '\0') + "l" + std::string(1, '\0');
  Bytes gpt(92, 0);
  std::ranges::copy(as_bytes("EFI PART"), gpt.begin());
  std::ranges::copy(kGlobal, gpt.begin() + 56);
  gpt.insert(gpt.end(), {1, 0, 0, 0, 0, 0, 0, 0});
  const Bytes image = Writer().u64le(0x1000).u64le(300).u64le(0).u64le(4).u32le(0x0004ff7f).take();
  struct Case {
    uint32_t type;
    Bytes data;
    std::string text;
  };
  const Case table[] = {
      {0x4, Bytes(4, 0), "separator"},
      {0x4, {1, 0, 0, 0}, "01000000"},
      {0x80000007, bytes("Exit Boot Services"), "Exit Boot Services"},
      {0xd, bytes({"grub_cmd: a\\b\n{\0", 15}), "grub_cmd: a\\\\b\\x0a{"},
      {0xd, bytes({wide.data(), wide.size()}), ".l"},
      {0xd, bytes(wide + std::string(2, '\0')), ".l"},
      {0xd, {0xff, 0x00, 0x12}, "ff0012"},
      {0xd, {'.', 0x00, 'l'}, "2e006c"},
      {0xd, {}, "(empty)"},
      {0xd, {0}, "00"},
      {0x6, Writer().u32le(0x8f3b22ed).u32le(4).bytes(bytes({"abc\0", 4})).take(),
       "tag 8f3b22ed: abc"},
      {0x6, Writer().u32le(1).u32le(9).bytes(bytes("abc")).take(), "0100000009000000616263"},
      {0x80000001, variable(kGlobal, "SecureBoot", Bytes{1}),
       "SecureBoot 8be4df61-93ca-11d2-aa0d-00e098032b8c, 1 byte: 01"},
      {0x800000e0, variable(kGlobal, "MokList", {}),
       "MokList 8be4df61-93ca-11d2-aa0d-00e098032b8c, 0 bytes"},
      {0x80000002, {1, 2, 3}, "010203"},
      {0x80000003, image, "image of 300 bytes, device path 7fff0400"},
      {0x80000006, gpt, "disk 8be4df61-93ca-11d2-aa0d-00e098032b8c, 1 partition"},
      {0x80000006, Bytes(100, 0), std::string(200, '0')},
      {0x8000000b, Writer().u8(9).bytes(bytes({"TdxTable\0", 9})).u16le(1).take(),
       "TdxTable, 0100"},
      {0x8000000a, Writer().u8(200).bytes(bytes("short")).take(), "c873686f7274"},
  };
  for (const Case& one : table) EXPECT_EQ(described(one.type, one.data), one.text);
}

TEST(EventDescription, OfRuntimeEventsNameAndPayload) {
  CcEvent one = event(4, kRuntimeEventType, {0xff});
  one.name = "app-id";
  EXPECT_EQ(describe_event(one), "app-id: ff");
}

}  // namespace
}  // namespace quoin
