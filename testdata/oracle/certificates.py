"""Certificates, revocation lists, and Intel's SGX extension: RFC 5280, sections 4 and 5, and the
facts' section 4. Only what Intel's PKI has: P-256 keys, ecdsa-with-SHA256."""

import base64
import binascii
import dataclasses
import functools
import re
import typing

import der
import p256
from reader import Malformed, require

ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
P256 = "1.2.840.10045.3.1.7"
COMMON_NAME = "2.5.4.3"
SUBJECT_KEY, KEY_USAGE, BASIC_CONSTRAINTS = "2.5.29.14", "2.5.29.15", "2.5.29.19"
CRL_NUMBER, DELTA_CRL, ISSUING_POINT = "2.5.29.20", "2.5.29.27", "2.5.29.28"
DISTRIBUTION_POINTS, AUTHORITY_KEY = "2.5.29.31", "2.5.29.35"
SGX = "1.2.840.113741.1.13.1"

KEY_CERT_SIGN, CRL_SIGN = 5, 6  # bits of KeyUsage (RFC 5280, 4.2.1.3)


@dataclasses.dataclass(frozen=True)
class SgxExtension:
    components: typing.Tuple[int, ...]
    pce_svn: int
    pce_id: bytes
    fmspc: bytes


@dataclasses.dataclass(frozen=True)
class Certificate:
    der: bytes
    tbs: bytes
    signature: bytes  # r || s
    serial: bytes
    issuer: bytes  # names are compared by their encoding
    subject: bytes
    common_name: str
    not_before: int
    not_after: int
    public_key: bytes  # X || Y
    is_ca: bool
    key_usage: typing.Optional[typing.FrozenSet[int]]
    sgx: typing.Optional[bytes]

    def signed(self, other):
        """Whether this certificate's key signed the other certificate, or CRL."""
        return p256.verify(self.public_key, other.signature, other.tbs)


@dataclasses.dataclass(frozen=True)
class Crl:
    tbs: bytes
    signature: bytes
    issuer: bytes
    this_update: int
    next_update: int
    revoked: typing.FrozenSet[bytes]
    has_number: bool
    has_authority_key: bool


# textualmsg in the strict form of RFC 7468, section 3, but with lines of any length.
_BLOCK = re.compile(
    rb"[ \t\r\n]*-----BEGIN ([A-Z0-9 ]+)-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END \1-----(?!-)")


def pem(text, label):
    """The blocks of that label; behind the last one a NUL may stand, as real quotes have it (facts,
    3)."""
    if text.endswith(b"\x00"):
        text = text[:-1]
    blocks, at = [], 0
    while match := _BLOCK.match(text, at):
        require(match[1].decode() == label, "PEM: label")
        blocks.append(strict_base64(match[2].replace(b"\r", b"").replace(b"\n", b"")))
        at = match.end()
    require(blocks and not text[at:].strip(b" \t\r\n"), "PEM: something that is no block")
    return blocks


def strict_base64(text):
    """RFC 4648: padded, and the unused bits of the last character zero."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Malformed("Base64") from error
    require(base64.b64encode(data) == text, "Base64: more than one text for the same bytes")
    return data


def _expect_algorithm(parser):
    algorithm = parser.open()
    require(der.identifier(algorithm.get(der.OBJECT_IDENTIFIER)) == ECDSA_WITH_SHA256, "algorithm")
    algorithm.finish()


def _signed(data):
    """SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING }: the first part's bytes, a cursor over its
    contents, and the signature as r || s."""
    outer = der.all_of(data)
    tag, contents, tbs = outer.element()
    require(tag == der.SEQUENCE, "tbs")
    _expect_algorithm(outer)
    octets, unused = der.bits(outer.get(der.BIT_STRING))
    outer.finish()
    require(unused == 0, "signature: unused bits")
    numbers = der.all_of(octets)
    r, s = (der.integer(numbers.get(der.INTEGER)) for _ in range(2))
    numbers.finish()
    require(0 <= r < 1 << 256 and 0 <= s < 1 << 256, "signature: range")
    return tbs, der.Der(contents), r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _name(parser):
    tag, contents, encoded = parser.element()
    require(tag == der.SEQUENCE and contents, "name")
    common_name, names = "", der.Der(contents)
    while not names.empty():
        attributes = names.open(der.SET)
        attribute = attributes.open()
        attributes.finish()
        kind = der.identifier(attribute.get(der.OBJECT_IDENTIFIER))
        tag, value, _ = attribute.element()
        attribute.finish()
        require(tag in (der.UTF8_STRING, der.PRINTABLE_STRING, der.IA5_STRING), "name: string")
        require(value and all(0x20 <= octet < 0x7F for octet in value), "name: characters")
        if kind == COMMON_NAME:
            require(not common_name, "name: two common names")
            common_name = value.decode()
    return encoded, common_name


def _public_key(parser):
    info = parser.open()
    algorithm = info.open()
    require(der.identifier(algorithm.get(der.OBJECT_IDENTIFIER)) == EC_PUBLIC_KEY, "key: algorithm")
    require(der.identifier(algorithm.get(der.OBJECT_IDENTIFIER)) == P256, "key: curve")
    algorithm.finish()
    octets, unused = der.bits(info.get(der.BIT_STRING))
    info.finish()
    require(unused == 0 and len(octets) == 65 and octets[0] == 4, "key: point")
    return octets[1:]


def _extensions(parser, known):
    """The extensions by identifier. One that stands twice is refused (RFC 5280, 4.2), and a
    critical one that is not known."""
    found = {}
    while not parser.empty():
        extension = parser.open()
        kind = der.identifier(extension.get(der.OBJECT_IDENTIFIER))
        critical = False
        if extension.tag() == der.BOOLEAN:
            critical = der.boolean(extension.get(der.BOOLEAN))
            require(critical, "extension: a default that is written")
        value = extension.get(der.OCTET_STRING)
        extension.finish()
        require(kind not in found, "extension: stands twice")
        require(not critical or kind in known, "extension: critical and not known")
        found[kind] = value
    require(found, "extensions: none")
    return found


def _key_identifier(value):
    """subjectKeyIdentifier (RFC 5280, 4.2.1.2)."""
    outer = der.Der(value)
    require(outer.get(der.OCTET_STRING), "subject key identifier")
    outer.finish()


def _has_authority_key(extensions):
    """Whether authorityKeyIdentifier names a key (RFC 5280, 4.2.1.1)."""
    if AUTHORITY_KEY not in extensions:
        return False
    identifier = der.all_of(extensions[AUTHORITY_KEY])
    if identifier.tag() != 0x80:
        return False
    require(identifier.get(0x80), "authority key identifier")
    return True


def _is_ca(value):
    constraints = der.all_of(value)
    is_ca = False
    if constraints.tag() == der.BOOLEAN:
        is_ca = der.boolean(constraints.get(der.BOOLEAN))
    if constraints.tag() == der.INTEGER:
        require(der.integer(constraints.get(der.INTEGER)) >= 0, "path length")
    constraints.finish()
    return is_ca


def _key_usage(value):
    outer = der.Der(value)
    octets, _ = der.bits(outer.get(der.BIT_STRING))
    outer.finish()
    return frozenset(
        8 * i + bit for i, octet in enumerate(octets) for bit in range(8) if octet & 0x80 >> bit)


@functools.lru_cache(maxsize=1 << 13)
def certificate(data):
    """Certificate (RFC 5280, 4.1), version 3."""
    tbs, fields, signature = _signed(data)
    version = fields.open(0xA0)
    require(der.integer(version.get(der.INTEGER)) == 2, "certificate: version")
    version.finish()
    serial = fields.get(der.INTEGER)
    der.integer(serial)
    _expect_algorithm(fields)
    issuer, _ = _name(fields)
    validity = fields.open()
    not_before, not_after = der.time(validity), der.time(validity)
    validity.finish()
    subject, common_name = _name(fields)
    public_key = _public_key(fields)
    extensions = {}
    if not fields.empty():
        wrapper = fields.open(0xA3)
        extensions = _extensions(
            wrapper.open(), {AUTHORITY_KEY, SUBJECT_KEY, KEY_USAGE, BASIC_CONSTRAINTS, SGX})
        wrapper.finish()
    fields.finish()
    _has_authority_key(extensions)
    if SUBJECT_KEY in extensions:
        _key_identifier(extensions[SUBJECT_KEY])
    return Certificate(
        data, tbs, signature, serial, issuer, subject, common_name, not_before, not_after,
        public_key,
        BASIC_CONSTRAINTS in extensions and _is_ca(extensions[BASIC_CONSTRAINTS]),
        _key_usage(extensions[KEY_USAGE]) if KEY_USAGE in extensions else None,
        extensions.get(SGX))


@functools.lru_cache(maxsize=1 << 12)
def crl(data):
    """CertificateList (RFC 5280, 5.1), version 2, complete and direct."""
    tbs, fields, signature = _signed(data)
    require(der.integer(fields.get(der.INTEGER)) == 1, "CRL: version")
    _expect_algorithm(fields)
    issuer, _ = _name(fields)
    this_update, next_update = der.time(fields), der.time(fields)
    revoked = set()
    if fields.tag() == der.SEQUENCE:
        entries = fields.open()
        while not entries.empty():
            entry = entries.open()
            serial = entry.get(der.INTEGER)
            der.integer(serial)
            revoked.add(serial)
            der.time(entry)
            if not entry.empty():
                _extensions(entry.open(), set())
            entry.finish()
    extensions = {}
    if not fields.empty():
        wrapper = fields.open(0xA0)
        extensions = _extensions(wrapper.open(), set())
        wrapper.finish()
    fields.finish()
    if CRL_NUMBER in extensions:
        number = der.Der(extensions[CRL_NUMBER])
        der.integer(number.get(der.INTEGER))
        number.finish()
    require(DELTA_CRL not in extensions and ISSUING_POINT not in extensions, "CRL: not complete")
    return Crl(tbs, signature, issuer, this_update, next_update, frozenset(revoked),
               CRL_NUMBER in extensions, _has_authority_key(extensions))


def _members(parser, prefix):
    """SEQUENCE OF SEQUENCE { OBJECT IDENTIFIER, value }: tag and contents by the last arc."""
    found = {}
    while not parser.empty():
        pair = parser.open()
        kind = der.identifier(pair.get(der.OBJECT_IDENTIFIER))
        tag, contents, _ = pair.element()
        pair.finish()
        head, _, last = kind.rpartition(".")
        require(head == prefix, "SGX extension: member")
        require(int(last) not in found, "SGX extension: a member stands twice")
        found[int(last)] = (tag, contents)
    return found


def _octets(member, size):
    tag, contents = member
    require(tag == der.OCTET_STRING and len(contents) == size, "SGX extension: octets")
    return contents


def _unsigned(member, limit):
    tag, contents = member
    require(tag == der.INTEGER and 0 <= der.integer(contents) <= limit, "SGX extension: number")
    return der.integer(contents)


@functools.lru_cache(maxsize=1 << 12)
def sgx_extension(encoded):
    """1.2.840.113741.1.13.1 (facts, 4): .1 to .5 always, .6 and .7 where the Platform CA issued."""
    members = _members(der.all_of(encoded), SGX)
    require(set(range(1, 6)) <= set(members) <= set(range(1, 8)), "SGX extension: members")
    _octets(members[1], 16)
    require(members[2][0] == der.SEQUENCE, "SGX extension: TCB")
    tcb = _members(der.Der(members[2][1]), SGX + ".2")
    require(set(tcb) == set(range(1, 19)), "SGX extension: TCB members")
    _octets(tcb[18], 16)
    # Standard, scalable, scalable with integrity (Intel's PCK certificate profile, 1.3.5).
    require(members[5] in [(der.ENUMERATED, bytes([kind])) for kind in range(3)],
            "SGX extension: type")
    if 6 in members:
        _octets(members[6], 16)
    if 7 in members:
        require(members[7][0] == der.SEQUENCE, "SGX extension: configuration")
        for number, (tag, value) in _members(der.Der(members[7][1]), SGX + ".7").items():
            require(number in (1, 2, 3) and tag == der.BOOLEAN, "SGX extension: configuration")
            der.boolean(value)
    return SgxExtension(
        tuple(_unsigned(tcb[i], 0xFF) for i in range(1, 17)), _unsigned(tcb[17], 0xFFFF),
        _octets(members[3], 2), _octets(members[4], 6))
