#include "src/simulator/der_writer.h"

#include <algorithm>
#include <bit>
#include <span>
#include <string>

namespace quoin::simulator {
namespace {

// Big-endian, without leading zeros.
Bytes minimal_bytes(uint64_t value) {
  Bytes out;
  for (; value != 0; value >>= 8) out.insert(out.begin(), static_cast<uint8_t>(value));
  return out;
}

// Base 128, big-endian, every byte but the last with its top bit set (X.690, 8.19.2).
void append_arc(Bytes& out, uint32_t arc) {
  Bytes groups = {static_cast<uint8_t>(arc & 0x7f)};
  for (arc >>= 7; arc != 0; arc >>= 7) {
    groups.insert(groups.begin(), static_cast<uint8_t>(0x80 | (arc & 0x7f)));
  }
  out.insert(out.end(), groups.begin(), groups.end());
}

}  // namespace

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes out;
  for (const ByteView part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Bytes der_element(der::Tag tag, ByteView contents) {
  Bytes out = {static_cast<uint8_t>(tag)};
  if (contents.size() < 0x80) {
    out.push_back(static_cast<uint8_t>(contents.size()));
  } else {
    const Bytes length = minimal_bytes(contents.size());
    out.push_back(static_cast<uint8_t>(0x80 | length.size()));
    out.insert(out.end(), length.begin(), length.end());
  }
  out.insert(out.end(), contents.begin(), contents.end());
  return out;
}

Bytes der_element(der::Tag tag, std::initializer_list<ByteView> parts) {
  return der_element(tag, joined(parts));
}

Bytes der_sequence(std::initializer_list<ByteView> parts) {
  return der_element(der::Tag::sequence, parts);
}

Bytes der_boolean(bool value) {
  const ByteArray<1> contents = {value ? uint8_t{0xff} : uint8_t{0x00}};
  return der_element(der::Tag::boolean, contents);
}

Bytes der_integer(uint64_t value) { return der_unsigned(minimal_bytes(value)); }

Bytes der_unsigned(ByteView big_endian) {
  Bytes contents(std::ranges::find_if(big_endian, [](uint8_t byte) { return byte != 0; }),
                 big_endian.end());
  // A leading zero where the number would read as negative, and for zero itself.
  if (contents.empty() || (contents[0] & 0x80) != 0) contents.insert(contents.begin(), 0);
  return der_element(der::Tag::integer, contents);
}

Bytes der_octet_string(ByteView contents) { return der_element(der::Tag::octet_string, contents); }

Bytes der_bit_string(ByteView contents) {
  const ByteArray<1> no_unused_bits = {0};
  return der_element(der::Tag::bit_string, {no_unused_bits, contents});
}

Bytes der_named_bits(uint16_t bits) {
  // Bit 0 of the BIT STRING is the top bit of its first byte.
  Bytes contents = {0};
  const int size = std::bit_width(bits);
  contents.resize(1 + (static_cast<size_t>(size) + 7) / 8);
  for (int i = 0; i < size; ++i) {
    if ((bits >> i & 1) != 0) {
      uint8_t& byte = contents[1 + static_cast<size_t>(i) / 8];
      byte = static_cast<uint8_t>(byte | 0x80 >> (i % 8));
    }
  }
  contents[0] = static_cast<uint8_t>((8 - size % 8) % 8);
  return der_element(der::Tag::bit_string, contents);
}

Bytes der_object_identifier(std::initializer_list<uint32_t> arcs) {
  const std::span<const uint32_t> all(arcs.begin(), arcs.size());
  Bytes contents;
  append_arc(contents, all[0] * 40 + all[1]);
  for (const uint32_t arc : all.subspan(2)) append_arc(contents, arc);
  return der_element(der::Tag::object_identifier, contents);
}

Bytes der_utf8_string(std::string_view text) {
  return der_element(der::Tag::utf8_string, as_bytes(text));
}

Bytes der_time(UtcTime time) {
  std::string digits;
  for (const char c : to_string(time)) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  digits.push_back('Z');
  if (digits >= "1950" && digits < "2050") {
    return der_element(der::Tag::utc_time, as_bytes(std::string_view(digits).substr(2)));
  }
  return der_element(der::Tag::generalized_time, as_bytes(digits));
}

Bytes der_ecdsa_signature(const P256Signature& signature) {
  return der_sequence(
      {der_unsigned(ByteView(signature).first(32)), der_unsigned(ByteView(signature).last(32))});
}

Bytes der_ecdsa_with_sha256() {
  return der_sequence({der_object_identifier({1, 2, 840, 10045, 4, 3, 2})});
}

Bytes der_extension(ByteView identifier, bool critical, ByteView value) {
  const Bytes octets = der_octet_string(value);
  if (critical) return der_sequence({identifier, der_boolean(true), octets});
  return der_sequence({identifier, octets});
}

}  // namespace quoin::simulator
