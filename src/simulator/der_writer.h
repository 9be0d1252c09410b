// DER (ITU-T X.690, section 10), the other direction of src/x509/der.h. Functions on bytes, which
// nest as the ASN.1 does.

#ifndef QUOIN_SRC_SIMULATOR_DER_WRITER_H_
#define QUOIN_SRC_SIMULATOR_DER_WRITER_H_

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/time.h"
#include "src/crypto/p256.h"
#include "src/x509/der.h"

namespace quoin::simulator {

// The parts, one behind the other.
Bytes joined(std::initializer_list<ByteView> parts);

// One element: tag, length and contents.
Bytes der_element(der::Tag tag, ByteView contents);
Bytes der_element(der::Tag tag, std::initializer_list<ByteView> parts);
Bytes der_sequence(std::initializer_list<ByteView> parts);

Bytes der_boolean(bool value);
Bytes der_integer(uint64_t value);
// A non-negative INTEGER from its big-endian bytes, of which leading zeros are dropped.
Bytes der_unsigned(ByteView big_endian);
Bytes der_octet_string(ByteView contents);
// A BIT STRING without unused bits.
Bytes der_bit_string(ByteView contents);
// KeyUsage and its like: bit n of `bits` as bit n, trailing zero bits dropped (X.690, 11.2.2).
Bytes der_named_bits(uint16_t bits);
Bytes der_object_identifier(std::initializer_list<uint32_t> arcs);
Bytes der_utf8_string(std::string_view text);

// Time as RFC 5280 (4.1.2.5) wants it: UTCTime from 1950 to 2049, GeneralizedTime in other years.
Bytes der_time(UtcTime time);

// ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279, 2.2.3).
Bytes der_ecdsa_signature(const P256Signature& signature);

// AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758, 3.2), which has no parameters.
Bytes der_ecdsa_with_sha256();

// Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } (RFC
// 5280, 4.1). `identifier` is an encoded OBJECT IDENTIFIER.
Bytes der_extension(ByteView identifier, bool critical, ByteView value);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_DER_WRITER_H_
