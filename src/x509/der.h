// DER (ITU-T X.690, section 10), as strict as it is written: the part of it that certificates and
// CRLs use.

#ifndef QUOIN_SRC_X509_DER_H_
#define QUOIN_SRC_X509_DER_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/base/reader.h"

namespace quoin::der {

// Identifier octets. Tag numbers above 30 are refused: nothing that we read has them.
enum class Tag : uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  null = 0x05,
  object_identifier = 0x06,
  enumerated = 0x0a,
  utf8_string = 0x0c,
  printable_string = 0x13,
  ia5_string = 0x16,
  utc_time = 0x17,
  generalized_time = 0x18,
  sequence = 0x30,
  set = 0x31,
};

// The tag [number] of a constructed (EXPLICIT) or primitive (IMPLICIT) context-specific element.
constexpr Tag context_constructed(uint8_t number) { return static_cast<Tag>(0xa0 | number); }
constexpr Tag context_primitive(uint8_t number) { return static_cast<Tag>(0x80 | number); }

// One element: tag, length and contents. Views of the bytes that were read.
struct Element {
  Tag tag{};
  ByteView contents;
  ByteView encoded;  // with its tag and length
};

// A cursor over a series of elements. Lengths must be definite and minimal. All or nothing, and
// finish() refuses what is left over, like Reader. Not thread-safe.
class Parser {
 public:
  Parser(ByteView bytes, std::string_view what) : reader_(bytes, what), what_(what) {}

  bool empty() const { return reader_.empty(); }

  // The next element, whatever its tag.
  Result<Element> next();
  // The next element, which must have this tag.
  Result<Element> expect(Tag tag);
  // The next element if it has this tag; nothing, and nothing read, if it has another or there is
  // none.
  Result<std::optional<Element>> optional(Tag tag);
  // The contents of the next element, which must be a SEQUENCE, as a Parser called `what`.
  Result<Parser> sequence(std::string_view what);

  // INTEGER, non-negative, minimal, at most 4 bytes.
  Result<uint32_t> small_unsigned();
  // BOOLEAN, 0x00 or 0xff.
  Result<bool> boolean();
  // OBJECT IDENTIFIER: its contents octets.
  Result<ByteView> object_identifier();
  // BIT STRING with no unused bits: its octets.
  Result<ByteView> octet_aligned_bit_string();
  // Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }, in the only forms that RFC
  // 5280 (4.1.2.5) allows: Zulu, with seconds, without fractions; UTCTime to 2049 (not checked that
  // later years use the other).
  Result<UtcTime> time();

  Result<void> finish() const { return reader_.finish(); }

 private:
  Reader reader_;
  std::string_view what_;
};

// An INTEGER's contents octets as DER wants them: at least one, and no superfluous leading one.
Result<void> check_integer(ByteView contents);

// ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279, 2.2.3) for a 256-bit curve as
// r || s, 32 bytes each.
Result<ByteArray<64>> parse_ecdsa_signature(ByteView der);

}  // namespace quoin::der

#endif  // QUOIN_SRC_X509_DER_H_
