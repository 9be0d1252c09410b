#include "src/x509/fields.h"

#include <algorithm>
#include <string>

#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/try.h"

namespace quoin::x509 {
namespace {

// 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758, 3.2).
constexpr std::array<uint8_t, 8> kOidEcdsaWithSha256 = {0x2a, 0x86, 0x48, 0xce,
                                                        0x3d, 0x04, 0x03, 0x02};
constexpr std::array<uint8_t, 3> kOidCommonName = {0x55, 0x04, 0x03};  // 2.5.4.3

constexpr std::array<uint8_t, 1> kTrue = {0xff};

constexpr size_t kMaxSerialBytes = 20;
constexpr size_t kMaxNameAttributes = 16;
constexpr size_t kMaxNameValueBytes = 256;

bool is_printable_ascii(uint8_t character) { return character >= 0x20 && character <= 0x7e; }

// AttributeValue, of which DirectoryString and IA5String are what names are made of.
Result<std::string_view> parse_name_value(der::Parser& parser) {
  const der::Element value = TRY(parser.next());
  if (value.tag != der::Tag::utf8_string && value.tag != der::Tag::printable_string &&
      value.tag != der::Tag::ia5_string) {
    return unsupported("name: a value that is no UTF8String, PrintableString or IA5String");
  }
  if (value.contents.empty()) return malformed("name: an empty value");
  if (value.contents.size() > kMaxNameValueBytes) return too_large("name: a value over 256 bytes");
  if (!std::ranges::all_of(value.contents, is_printable_ascii)) {
    return unsupported("name: a value that is not printable ASCII");
  }
  return as_text(value.contents);
}

}  // namespace

Result<bool> parse_default_false(der::Parser& parser) {
  const auto flag = TRY(parser.optional(der::Tag::boolean));
  if (!flag.has_value()) return false;
  if (!equal(flag->contents, kTrue)) {
    return malformed("BOOLEAN DEFAULT FALSE: written out, and not as TRUE");
  }
  return true;
}

Result<Signed> parse_signed(ByteView der, std::string_view what) {
  der::Parser file(der, what);
  der::Parser parts = TRY(file.sequence(what));
  TRY(file.finish());
  const der::Element tbs = TRY(parts.expect(der::Tag::sequence));
  TRY(expect_ecdsa_with_sha256(parts));
  const ByteView signature_value = TRY(parts.octet_aligned_bit_string());
  TRY(parts.finish());
  return Signed{tbs.encoded, TRY(der::parse_ecdsa_signature(signature_value)),
                der::Parser(tbs.contents, what)};
}

Result<void> expect_ecdsa_with_sha256(der::Parser& parser) {
  der::Parser algorithm = TRY(parser.sequence("signature algorithm"));
  const ByteView id = TRY(algorithm.object_identifier());
  if (!equal(id, kOidEcdsaWithSha256)) {
    return unsupported("signature algorithm: object identifier " + to_hex(id) +
                       ", wanted ecdsa-with-SHA256");
  }
  return algorithm.finish();
}

Result<ByteView> parse_serial(der::Parser& parser) {
  const ByteView serial = TRY(parser.expect(der::Tag::integer)).contents;
  TRY(der::check_integer(serial));
  const size_t sign_octets = serial[0] == 0 && serial.size() > 1 ? 1 : 0;
  if (serial.size() - sign_octets > kMaxSerialBytes) {
    return malformed("serial number: over 20 octets");
  }
  return serial;
}

Result<Name> parse_name(der::Parser& parser) {
  const der::Element sequence = TRY(parser.expect(der::Tag::sequence));
  Name name;
  name.encoded = sequence.encoded;
  der::Parser rdns(sequence.contents, "name");
  if (rdns.empty()) return unsupported("name: empty");
  for (size_t count = 0; !rdns.empty(); ++count) {
    if (count == kMaxNameAttributes) return too_large("name: more than 16 attributes");
    der::Parser rdn(TRY(rdns.expect(der::Tag::set)).contents, "name");
    der::Parser attribute = TRY(rdn.sequence("name"));
    if (!rdn.empty()) return unsupported("name: an RDN of several attributes");
    const ByteView type = TRY(attribute.object_identifier());
    const std::string_view value = TRY(parse_name_value(attribute));
    TRY(attribute.finish());
    if (!equal(type, kOidCommonName)) continue;
    if (!name.common_name.empty()) return malformed("name: two common names");
    name.common_name = value;
  }
  return name;
}

Result<ExtensionParser> ExtensionParser::open(ByteView contents, std::string_view what) {
  der::Parser outer(contents, what);
  const der::Parser extensions = TRY(outer.sequence(what));
  TRY(outer.finish());
  if (extensions.empty()) return malformed(std::string(what) + ": an empty list of extensions");
  return ExtensionParser(extensions);
}

Result<Extension> ExtensionParser::next() {
  if (count_ == kMaxExtensions) return too_large("extensions: more than 16");
  der::Parser fields = TRY(parser_.sequence("extension"));
  Extension extension;
  extension.id = TRY(fields.object_identifier());
  extension.critical = TRY(parse_default_false(fields));
  extension.value = TRY(fields.expect(der::Tag::octet_string)).contents;
  TRY(fields.finish());
  if (extension.value.size() > kMaxValueBytes) return too_large("extension: over 4 KiB");
  const std::span<const ByteView> seen = std::span(seen_).first(count_);
  if (std::ranges::any_of(seen, [&](ByteView id) { return extension.is(id); })) {
    return malformed("extensions: " + to_hex(extension.id) + " stands twice");
  }
  seen_[count_++] = extension.id;
  return extension;
}

Result<ByteView> parse_authority_key_identifier(ByteView value) {
  der::Parser outer(value, "authorityKeyIdentifier");
  der::Parser fields = TRY(outer.sequence("authorityKeyIdentifier"));
  TRY(outer.finish());
  const auto key_identifier = TRY(fields.optional(der::context_primitive(0)));
  if (!fields.empty()) {
    return unsupported("authorityKeyIdentifier: has more than a key identifier");
  }
  if (!key_identifier.has_value()) return ByteView();
  if (key_identifier->contents.empty()) {
    return malformed("authorityKeyIdentifier: an empty key identifier");
  }
  return key_identifier->contents;
}

Error unknown_critical(const Extension& extension) {
  return unsupported("extensions: " + to_hex(extension.id) + " is critical and not known");
}

}  // namespace quoin::x509
