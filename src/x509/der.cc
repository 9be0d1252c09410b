#include "src/x509/der.h"

#include <algorithm>
#include <string>

#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/time.h"
#include "src/base/try.h"

namespace quoin::der {
namespace {

// Identifier octets whose low five bits are all set say that the tag number follows (X.690,
// 8.1.2.4).
constexpr uint8_t kTagNumberMask = 0x1f;

constexpr uint8_t kIndefiniteLength = 0x80;

// Four octets reach 4 GiB, far over every limit of ours.
constexpr size_t kMaxLengthOctets = 4;

std::string spell(Tag tag) {
  const ByteArray<1> octet{static_cast<uint8_t>(tag)};
  return "0x" + to_hex(octet);
}

// The length octets (X.690, 8.1.3 and 10.1): definite, and as few as the length needs.
Result<size_t> read_length(Reader& reader, std::string_view what) {
  const uint8_t first = TRY(reader.u8());
  if (first < kIndefiniteLength) return size_t{first};
  if (first == kIndefiniteLength) {
    return malformed(std::string(what) + ": a length is indefinite");
  }
  const size_t count = first & 0x7fu;
  if (count > kMaxLengthOctets) {
    return malformed(std::string(what) + ": a length takes " + std::to_string(count) + " octets");
  }
  const ByteView octets = TRY(reader.bytes(count));
  size_t length = 0;
  for (const uint8_t octet : octets) length = length << 8 | octet;
  if (octets[0] == 0 || length < kIndefiniteLength) {
    return malformed(std::string(what) + ": a length takes more octets than it needs");
  }
  return length;
}

// An INTEGER of at most 256 bits, not negative, as 32 bytes big-endian into `out`.
Result<void> fill_scalar(ByteView contents, std::span<uint8_t, 32> out) {
  TRY(check_integer(contents));
  if (contents[0] >= 0x80) return malformed("ECDSA-Sig-Value: a negative number");
  if (contents[0] == 0) contents = contents.subspan(1);
  if (contents.size() > out.size()) return malformed("ECDSA-Sig-Value: a number over 256 bits");
  std::ranges::fill(out, uint8_t{0});
  std::ranges::copy(contents, out.last(contents.size()).begin());
  return {};
}

}  // namespace

Result<Element> Parser::next() {
  Reader ahead = reader_;
  const uint8_t tag = TRY(ahead.u8());
  if ((tag & kTagNumberMask) == kTagNumberMask) {
    return malformed(std::string(what_) + ": a tag number above 30");
  }
  const size_t length = TRY(read_length(ahead, what_));
  const ByteView contents = TRY(ahead.bytes(length));
  const ByteView encoded = reader_.rest().first(reader_.remaining() - ahead.remaining());
  reader_ = ahead;
  return Element{static_cast<Tag>(tag), contents, encoded};
}

Result<Element> Parser::expect(Tag tag) {
  Parser ahead = *this;
  const Element element = TRY(ahead.next());
  if (element.tag != tag) {
    return malformed(std::string(what_) + ": tag " + spell(element.tag) + ", wanted " + spell(tag));
  }
  *this = ahead;
  return element;
}

Result<std::optional<Element>> Parser::optional(Tag tag) {
  if (empty() || reader_.rest()[0] != static_cast<uint8_t>(tag)) return std::optional<Element>();
  return std::optional<Element>(TRY(next()));
}

Result<Parser> Parser::sequence(std::string_view what) {
  return Parser(TRY(expect(Tag::sequence)).contents, what);
}

Result<uint32_t> Parser::small_unsigned() {
  Parser ahead = *this;
  const ByteView contents = TRY(ahead.expect(Tag::integer)).contents;
  TRY(check_integer(contents));
  if (contents[0] >= 0x80) return malformed(std::string(what_) + ": a negative number");
  if (contents.size() > sizeof(uint32_t)) {
    return malformed(std::string(what_) + ": a number of " + std::to_string(contents.size()) +
                     " bytes, wanted at most 4");
  }
  uint32_t value = 0;
  for (const uint8_t octet : contents) value = value << 8 | octet;
  *this = ahead;
  return value;
}

Result<bool> Parser::boolean() {
  Parser ahead = *this;
  const ByteView contents = TRY(ahead.expect(Tag::boolean)).contents;
  if (contents.size() != 1 || (contents[0] != 0x00 && contents[0] != 0xff)) {
    return malformed(std::string(what_) + ": a BOOLEAN that is neither 00 nor ff");
  }
  *this = ahead;
  return contents[0] != 0;
}

Result<ByteView> Parser::object_identifier() {
  Parser ahead = *this;
  const ByteView contents = TRY(ahead.expect(Tag::object_identifier)).contents;
  bool at_start = true;
  for (const uint8_t octet : contents) {
    if (at_start && octet == 0x80) {
      return malformed(std::string(what_) + ": an OBJECT IDENTIFIER that is not minimal");
    }
    at_start = octet < 0x80;
  }
  if (contents.empty() || !at_start) {
    return malformed(std::string(what_) + ": an OBJECT IDENTIFIER without an end");
  }
  *this = ahead;
  return contents;
}

Result<ByteView> Parser::octet_aligned_bit_string() {
  Parser ahead = *this;
  const ByteView contents = TRY(ahead.expect(Tag::bit_string)).contents;
  if (contents.empty() || contents[0] != 0) {
    return malformed(std::string(what_) + ": a BIT STRING that is not whole octets");
  }
  *this = ahead;
  return contents.subspan(1);
}

Result<UtcTime> Parser::time() {
  Parser ahead = *this;
  const Element element = TRY(ahead.next());
  if (element.tag != Tag::utc_time && element.tag != Tag::generalized_time) {
    return malformed(std::string(what_) + ": tag " + spell(element.tag) + ", wanted a time");
  }
  const std::string_view text = as_text(element.contents);
  const size_t digits = element.tag == Tag::utc_time ? 12 : 14;
  if (text.size() != digits + 1 || text.back() != 'Z') {
    return malformed(std::string(what_) + ": a time that is not written as RFC 5280 wants it");
  }
  std::string compact(text.substr(0, digits));
  // RFC 5280, 4.1.2.5.1: years 50 to 99 are of the twentieth century.
  if (element.tag == Tag::utc_time) compact.insert(0, compact[0] >= '5' ? "19" : "20");
  const UtcTime time = TRY(parse_compact_time(compact));
  *this = ahead;
  return time;
}

Result<void> check_integer(ByteView contents) {
  if (contents.empty()) return malformed("INTEGER: no octets");
  if (contents.size() > 1) {
    const bool negative = contents[1] >= 0x80;
    if ((contents[0] == 0x00 && !negative) || (contents[0] == 0xff && negative)) {
      return malformed("INTEGER: more octets than it needs");
    }
  }
  return {};
}

Result<ByteArray<64>> parse_ecdsa_signature(ByteView der) {
  Parser outer(der, "ECDSA-Sig-Value");
  Parser numbers = TRY(outer.sequence("ECDSA-Sig-Value"));
  TRY(outer.finish());
  const ByteView r = TRY(numbers.expect(Tag::integer)).contents;
  const ByteView s = TRY(numbers.expect(Tag::integer)).contents;
  TRY(numbers.finish());
  ByteArray<64> signature{};
  const std::span<uint8_t, 64> out(signature);
  TRY(fill_scalar(r, out.first<32>()));
  TRY(fill_scalar(s, out.last<32>()));
  return signature;
}

}  // namespace quoin::der
