#include "src/x509/crl.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "src/base/error.h"
#include "src/base/try.h"
#include "src/x509/der.h"
#include "src/x509/fields.h"

namespace quoin::x509 {
namespace {

constexpr size_t kMaxCrlBytes = size_t{4} << 20;
constexpr size_t kMaxEntries = 100'000;

constexpr std::array<uint8_t, 3> kOidCrlNumber = {0x55, 0x1d, 0x14};                 // 2.5.29.20
constexpr std::array<uint8_t, 3> kOidReasonCode = {0x55, 0x1d, 0x15};                // 2.5.29.21
constexpr std::array<uint8_t, 3> kOidDeltaCrlIndicator = {0x55, 0x1d, 0x1b};         // 2.5.29.27
constexpr std::array<uint8_t, 3> kOidIssuingDistributionPoint = {0x55, 0x1d, 0x1c};  // 2.5.29.28
constexpr std::array<uint8_t, 3> kOidCertificateIssuer = {0x55, 0x1d, 0x1d};         // 2.5.29.29

constexpr uint32_t kVersion2 = 1;
constexpr uint8_t kReasonUnused = 7;
constexpr uint8_t kReasonRemoveFromCrl = 8;
constexpr uint8_t kReasonLast = 10;

bool serial_less(ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); }

// version Version OPTIONAL (RFC 5280, 5.1.2.1): absent means version 1. Must be v2.
Result<void> expect_version_2(der::Parser& tbs) {
  der::Parser ahead = tbs;
  if (!TRY(ahead.optional(der::Tag::integer)).has_value()) {
    return unsupported("CRL: of version 1, wanted 2");
  }
  const uint32_t version = TRY(tbs.small_unsigned());
  if (version == kVersion2) return {};
  return unsupported("CRL: version number " + std::to_string(version) + ", wanted 1");
}

// CRLReason ::= ENUMERATED { unspecified (0), ... aACompromise (10) }, where 7 is not used
// (RFC 5280, 5.3.1). removeFromCRL, which takes a serial number off the list, is for delta CRLs.
Result<void> check_reason(ByteView value) {
  der::Parser parser(value, "reasonCode");
  const ByteView reason = TRY(parser.expect(der::Tag::enumerated)).contents;
  TRY(parser.finish());
  if (reason.size() != 1 || reason[0] > kReasonLast || reason[0] == kReasonUnused) {
    return malformed("reasonCode: not one of RFC 5280");
  }
  if (reason[0] == kReasonRemoveFromCrl) return unsupported("reasonCode: removeFromCRL");
  return {};
}

// The crlEntryExtensions (RFC 5280, 5.3). A certificateIssuer, which makes the entry another CA's,
// is refused even when it is not critical.
Result<void> check_entry_extensions(ByteView encoded) {
  auto extensions = TRY(ExtensionParser::open(encoded, "CRL entry extensions"));
  while (!extensions.empty()) {
    const Extension extension = TRY(extensions.next());
    if (extension.is(kOidReasonCode)) {
      TRY(check_reason(extension.value));
    } else if (extension.is(kOidCertificateIssuer)) {
      return unsupported("CRL entry: of an indirect CRL");
    } else if (extension.critical) {
      return unknown_critical(extension);
    }
  }
  return {};
}

// revokedCertificates SEQUENCE OF SEQUENCE { userCertificate CertificateSerialNumber,
//   revocationDate Time, crlEntryExtensions Extensions OPTIONAL } (RFC 5280, 5.1): the serial
// numbers, sorted. The dates are read and not kept: what is on the list is revoked at any time. A
// list without entries must be absent (5.1.2.6). Not checked: that a serial number stands once.
Result<std::vector<ByteView>> parse_revoked(ByteView contents) {
  der::Parser entries(contents, "revokedCertificates");
  if (entries.empty()) return malformed("revokedCertificates: present and empty");
  std::vector<ByteView> revoked;
  while (!entries.empty()) {
    if (revoked.size() == kMaxEntries) return too_large("CRL: over 100,000 entries");
    der::Parser entry = TRY(entries.sequence("CRL entry"));
    revoked.push_back(TRY(parse_serial(entry)));
    TRY(entry.time());
    const auto extensions = TRY(entry.optional(der::Tag::sequence));
    TRY(entry.finish());
    if (extensions.has_value()) TRY(check_entry_extensions(extensions->encoded));
  }
  std::ranges::sort(revoked, serial_less);
  return revoked;
}

// CRLNumber ::= INTEGER (0..MAX), of at most 20 octets (RFC 5280, 5.2.3).
Result<ByteView> parse_crl_number(ByteView value) {
  der::Parser parser(value, "cRLNumber");
  const ByteView number = TRY(parse_serial(parser));
  TRY(parser.finish());
  if (number[0] >= 0x80) return malformed("cRLNumber: negative");
  return number;
}

// crlExtensions [0] EXPLICIT Extensions (RFC 5280, 5.2). What narrows or shifts the scope of the
// list (an issuing distribution point, a delta) is refused even when it is not critical.
Result<void> parse_extensions(ByteView explicit_contents, Crl& crl) {
  auto extensions = TRY(ExtensionParser::open(explicit_contents, "CRL extensions"));
  while (!extensions.empty()) {
    const Extension extension = TRY(extensions.next());
    if (extension.is(kOidCrlNumber)) {
      crl.crl_number = TRY(parse_crl_number(extension.value));
    } else if (extension.is(kOidAuthorityKeyIdentifier)) {
      crl.authority_key_identifier = TRY(parse_authority_key_identifier(extension.value));
    } else if (extension.is(kOidDeltaCrlIndicator)) {
      return unsupported("CRL: a delta CRL");
    } else if (extension.is(kOidIssuingDistributionPoint)) {
      return unsupported("CRL: has an issuing distribution point");
    } else if (extension.critical) {
      return unknown_critical(extension);
    }
  }
  return {};
}

}  // namespace

bool Crl::is_revoked(ByteView serial) const {
  return std::ranges::binary_search(revoked, serial, serial_less);
}

// TBSCertList ::= SEQUENCE {
//   version Version OPTIONAL, signature AlgorithmIdentifier, issuer Name, thisUpdate Time,
//   nextUpdate Time OPTIONAL, revokedCertificates SEQUENCE OF SEQUENCE { ... } OPTIONAL,
//   crlExtensions [0] EXPLICIT Extensions OPTIONAL }
// (RFC 5280, 5.1). nextUpdate must be there (5.1.2.5).
Result<Crl> parse_crl(ByteView der) {
  if (der.size() > kMaxCrlBytes) return too_large("CRL: over 4 MiB");
  Signed parts = TRY(parse_signed(der, "CRL"));
  der::Parser& tbs = parts.fields;

  Crl crl;
  crl.encoded = der;
  crl.tbs = parts.tbs;
  crl.signature = parts.signature;
  TRY(expect_version_2(tbs));
  TRY(expect_ecdsa_with_sha256(tbs));
  crl.issuer = TRY(parse_name(tbs));
  crl.this_update = TRY(tbs.time());
  crl.next_update = TRY(tbs.time());
  const auto revoked = TRY(tbs.optional(der::Tag::sequence));
  if (revoked.has_value()) crl.revoked = TRY(parse_revoked(revoked->contents));
  const auto extensions = TRY(tbs.optional(der::context_constructed(0)));
  if (extensions.has_value()) TRY(parse_extensions(extensions->contents, crl));
  TRY(tbs.finish());
  return crl;
}

}  // namespace quoin::x509
