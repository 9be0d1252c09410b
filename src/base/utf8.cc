#include "src/base/utf8.h"

#include <cstdint>

namespace quoin {
namespace {

// What the first byte says: how long the character is, and the range of its second byte, which
// is what rules out longer forms, surrogates, and what lies over U+10FFFF (RFC 3629, section 4).
struct Lead {
  size_t length = 0;
  uint8_t second_min = 0x80;
  uint8_t second_max = 0xbf;
};

Lead lead_of(uint8_t first) {
  if (first < 0x80) return {.length = 1};
  if (first < 0xc2) return {};
  if (first < 0xe0) return {.length = 2};
  if (first == 0xe0) return {.length = 3, .second_min = 0xa0};
  if (first == 0xed) return {.length = 3, .second_max = 0x9f};
  if (first < 0xf0) return {.length = 3};
  if (first == 0xf0) return {.length = 4, .second_min = 0x90};
  if (first < 0xf4) return {.length = 4};
  if (first == 0xf4) return {.length = 4, .second_max = 0x8f};
  return {};
}

}  // namespace

size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const Lead lead = lead_of(static_cast<uint8_t>(text[0]));
  if (lead.length > text.size()) return 0;
  if (lead.length < 2) return lead.length;
  const auto second = static_cast<uint8_t>(text[1]);
  if (second < lead.second_min || second > lead.second_max) return 0;
  for (const char other : text.substr(2, lead.length - 2)) {
    if ((static_cast<uint8_t>(other) & 0xc0) != 0x80) return 0;
  }
  return lead.length;
}

void append_utf8(std::string& text, char32_t character) {
  const auto continuation = [character](unsigned shift) {
    return static_cast<char>(0x80 | (character >> shift & 0x3f));
  };
  if (character < 0x80) {
    text.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    text.push_back(static_cast<char>(0xc0 | character >> 6));
    text.push_back(continuation(0));
  } else if (character < 0x10000) {
    text.push_back(static_cast<char>(0xe0 | character >> 12));
    text.push_back(continuation(6));
    text.push_back(continuation(0));
  } else {
    text.push_back(static_cast<char>(0xf0 | character >> 18));
    text.push_back(continuation(12));
    text.push_back(continuation(6));
    text.push_back(continuation(0));
  }
}

}  // namespace quoin
