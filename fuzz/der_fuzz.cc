// Elements that are read cover what they were read from without a gap, and there is one encoding
// of each value. OpenSSL reads the same numbers in a signature.

#include <openssl/ecdsa.h>

#include <cstdint>
#include <string>
#include <utility>

#include "fuzz/openssl_der.h"
#include "fuzz/require.h"
#include "src/x509/der.h"

namespace {

using quoin::ByteArray;
using quoin::Bytes;
using quoin::ByteView;
using quoin::fuzz::require;

constexpr uint8_t kConstructed = 0x20;
constexpr unsigned kMaxDepth = 16;

// What one element says, by the readers for its type.
void check_value(const quoin::der::Element& element) {
  const quoin::der::Parser parser(element.encoded, "input");
  const ByteView contents = element.contents;
  if (const auto value = quoin::der::Parser(parser).boolean(); value.ok()) {
    require(contents.size() == 1 && contents[0] == (*value ? 0xff : 0x00));
  }
  if (const auto id = quoin::der::Parser(parser).object_identifier(); id.ok()) {
    require(id->data() == contents.data() && id->size() == contents.size());
  }
  if (const auto bits = quoin::der::Parser(parser).octet_aligned_bit_string(); bits.ok()) {
    require(contents[0] == 0 && quoin::equal(*bits, contents.subspan(1)));
  }
  if (const auto time = quoin::der::Parser(parser).time(); time.ok()) {
    std::string digits = quoin::to_string(*time);
    std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
    // UTCTime has no century.
    const bool is_short = element.tag == quoin::der::Tag::utc_time;
    require(quoin::as_text(contents) == digits.substr(is_short ? 2 : 0) + "Z");
  }
  if (quoin::der::check_integer(contents).ok() && contents.size() > 1) {
    require(contents[0] != 0 || contents[1] >= 0x80);
  }
}

// Each element at the front of `bytes`, and those in it.
void check_elements(ByteView bytes, unsigned depth) {
  quoin::der::Parser parser(bytes, "input");
  size_t read = 0;
  while (true) {
    const auto element = parser.next();
    if (!element.ok()) break;
    require(element->encoded.data() == bytes.data() + read);
    read += element->encoded.size();
    require(element->contents.data() + element->contents.size() == bytes.data() + read);
    check_value(*element);
    // Tag and length take two bytes, and one more for each byte of a length over 127.
    const size_t header = element->encoded.size() - element->contents.size();
    size_t wanted = 2;
    if (element->contents.size() > 127) {
      for (size_t left = element->contents.size(); left != 0; left >>= 8) ++wanted;
    }
    require(header == wanted);
    if ((std::to_underlying(element->tag) & kConstructed) != 0 && depth < kMaxDepth) {
      check_elements(element->contents, depth + 1);
    }
  }
  require(parser.finish().ok() == (read == bytes.size()));
}

// An INTEGER that is read has the only encoding of its value (X.690, 8.3.2).
void check_number(ByteView bytes) {
  quoin::der::Parser parser(bytes, "input");
  const auto number = parser.small_unsigned();
  if (!number.ok()) return;
  Bytes contents = {static_cast<uint8_t>(*number >> 24), static_cast<uint8_t>(*number >> 16),
                    static_cast<uint8_t>(*number >> 8), static_cast<uint8_t>(*number)};
  while (contents.size() > 1 && contents.front() == 0) contents.erase(contents.begin());
  if (contents.front() >= 0x80) contents.insert(contents.begin(), 0);
  contents.insert(contents.begin(), {0x02, static_cast<uint8_t>(contents.size())});
  require(contents.size() <= bytes.size() && quoin::equal(bytes.first(contents.size()), contents));
}

// Ours reads exactly what OpenSSL reads, writes again as it was, and has in 32 bytes each.
void check_signature(ByteView bytes) {
  constexpr size_t kLongest = 2 + 2 * (2 + 33);
  const auto ours = quoin::der::parse_ecdsa_signature(bytes);
  if (bytes.size() > kLongest) {
    require(!ours.ok());
    return;
  }
  const auto theirs = quoin::fuzz::decode_all<ECDSA_SIG_free>(d2i_ECDSA_SIG, bytes);
  ByteArray<64> raw{};
  const bool fits = theirs != nullptr &&
                    quoin::equal(quoin::fuzz::encode_all(i2d_ECDSA_SIG, theirs.get()), bytes) &&
                    BN_is_negative(ECDSA_SIG_get0_r(theirs.get())) == 0 &&
                    BN_is_negative(ECDSA_SIG_get0_s(theirs.get())) == 0 &&
                    BN_bn2binpad(ECDSA_SIG_get0_r(theirs.get()), raw.data(), 32) == 32 &&
                    BN_bn2binpad(ECDSA_SIG_get0_s(theirs.get()), raw.data() + 32, 32) == 32;
  require(ours.ok() == fits);
  if (fits) require(*ours == raw);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  check_elements(bytes, 0);
  check_number(bytes);
  check_signature(bytes);
  return 0;
}
