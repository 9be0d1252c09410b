"""Collateral: the facts' section 5, and docs/formats.md for the bundle that carries it. JSON is
RFC 8259. A member that stands twice is refused in the bundle; in what the PCS answers the first
counts, and it is known that there is another."""

import binascii
import dataclasses
import functools
import json
import re
import typing

import certificates
import der
from reader import Malformed, require

MAX_DEPTH = 32
PARTS = ("pck_crl_issuer_chain", "root_ca_crl", "pck_crl", "tcb_info_issuer_chain", "tcb_info",
         "qe_identity_issuer_chain", "qe_identity")
# What TCB info may say; other texts are a status that nobody knows (facts, 6, last lines).
PLATFORM_STATUSES = (
    "UpToDate", "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded",
    "OutOfDate", "OutOfDateConfigurationNeeded", "Revoked")
COMPONENT_STATUSES = ("UpToDate", "OutOfDate", "Revoked")
UNRECOGNIZED = "Unrecognized"


@dataclasses.dataclass
class Level:
    """One of "tcbLevels". `svns` is what levels are sorted by, and must differ in."""

    svns: tuple
    status: str
    date: int
    advisories: typing.Tuple[str, ...]


@dataclasses.dataclass
class Module:
    mr_signer: bytes
    attributes: bytes


@dataclasses.dataclass
class ModuleIdentity:
    id: str
    module: Module
    levels: list


@dataclasses.dataclass
class TcbInfo:
    id: str
    version: int
    issue_date: int
    next_update: int
    fmspc: bytes
    pce_id: bytes
    module: typing.Optional[Module]
    identities: typing.Optional[list]
    levels: list  # svns: (16 SGX components, PCESVN, 16 TDX components)
    unique: bool  # no member stands twice


@dataclasses.dataclass
class QeIdentity:
    id: str
    issue_date: int
    next_update: int
    miscselect: int
    miscselect_mask: int
    attributes: bytes
    attributes_mask: bytes
    mr_signer: bytes
    isv_prod_id: int
    levels: list  # svns: (ISVSVN, date)
    unique: bool


@dataclasses.dataclass
class Signed:
    """A text that Intel signs: its exact bytes, the signature, and the certificates with it."""

    body: bytes
    signature: bytes
    chain: list
    parsed: typing.Union[TcbInfo, QeIdentity]
    unique: bool  # no member stands twice, in the answer around it neither


@dataclasses.dataclass
class Collateral:
    root_ca_crl: certificates.Crl
    pck_crl: certificates.Crl
    tcb_info: Signed
    qe_identity: Signed


class Members(dict):
    """Of an object, the first of each name; `unique` where there is no second, nor inside."""

    def __init__(self, pairs):
        super().__init__(reversed(pairs))
        self.unique = len(self) == len(pairs) and all(_unique(value) for _, value in pairs)


def _unique(value):
    if isinstance(value, list):
        return all(map(_unique, value))
    return value.unique if isinstance(value, Members) else True


def _no_constant(name):
    raise Malformed(f"JSON: {name}")


def _depth(text):
    """Of a JSON text, members that stand twice included."""
    depth = deepest = 0
    for bracket in re.findall(r"[][{}]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def read_json(data):
    try:
        text = data.decode()
        value = json.loads(text, object_pairs_hook=Members, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"JSON: {error}") from error
    require(_depth(text) <= MAX_DEPTH, "JSON: too deep")
    require(isinstance(value, dict), "JSON: no object")
    return value


def _member(members, name, kind):
    require(isinstance(members, dict), f"JSON: no object has {name}")
    require(name in members, f"JSON: {name} is missing")
    value = members[name]
    require(isinstance(value, kind) and not isinstance(value, bool), f"JSON: {name}")
    return value


def _number(members, name, limit):
    value = _member(members, name, int)
    require(0 <= value <= limit, f"JSON: {name}: range")
    return value


def _hex(text, size=None):
    require(re.fullmatch(r"(?:[0-9a-fA-F]{2})*", text), "hex")
    require(size is None or len(text) == 2 * size, "hex: size")
    return binascii.unhexlify(text)


def _bytes(members, name, size):
    return _hex(_member(members, name, str), size)


def _date(members, name):
    text = _member(members, name, str)
    require(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text), "date")
    return der.seconds(text, "%Y-%m-%dT%H:%M:%SZ")


def _level(members, svns, statuses):
    status = _member(members, "tcbStatus", str)
    advisories = _member(members, "advisoryIDs", list) if "advisoryIDs" in members else []
    require(all(isinstance(name, str) for name in advisories), "advisoryIDs")
    return Level(svns, status if status in statuses else UNRECOGNIZED, _date(members, "tcbDate"),
                 tuple(advisories))


def _descending(levels):
    """Intel sorts levels, and refuses equal ones (facts, 6, step 2)."""
    require(levels, "tcbLevels: none")
    levels.sort(key=lambda level: level.svns, reverse=True)
    for before, after in zip(levels, levels[1:]):
        require(before.svns != after.svns, "tcbLevels: two are equal")
    return levels


def _components(tcb, name):
    components = _member(tcb, name, list)
    require(len(components) == 16, name)
    return tuple(_number(component, "svn", 0xFF) for component in components)


def _platform_level(members, version, tdx):
    tcb = _member(members, "tcb", dict)
    if version == 2:
        sgx = tuple(_number(tcb, f"sgxtcbcomp{i:02}svn", 0xFF) for i in range(1, 17))
    else:
        sgx = _components(tcb, "sgxtcbcomponents")
    tdx_svns = _components(tcb, "tdxtcbcomponents") if tdx else (0,) * 16
    return _level(members, (sgx, _number(tcb, "pcesvn", 0xFFFF), tdx_svns), PLATFORM_STATUSES)


def _module(members):
    _bytes(members, "attributesMask", 8)
    return Module(_bytes(members, "mrsigner", 48), _bytes(members, "attributes", 8))


def _module_identity(members):
    levels = [
        _level(level, (_number(_member(level, "tcb", dict), "isvsvn", 0xFFFF),), COMPONENT_STATUSES)
        for level in _member(members, "tcbLevels", list)]
    return ModuleIdentity(_member(members, "id", str), _module(members), _descending(levels))


@functools.lru_cache(maxsize=256)
def tcb_info(data):
    body = read_json(data)
    version = _number(body, "version", 0xFFFFFFFF)
    require(version in (2, 3), "TCB info: version")
    kind = _member(body, "id", str) if version == 3 else "SGX"
    require(kind in ("SGX", "TDX"), "TCB info: id")
    require(_member(body, "tcbType", int) == 0, "TCB info: tcbType")
    _number(body, "tcbEvaluationDataNumber", 0xFFFFFFFF)
    tdx = kind == "TDX"
    module, identities = None, None
    if tdx:
        module = _module(_member(body, "tdxModule", dict))
        if "tdxModuleIdentities" in body:
            identities = list(map(_module_identity, _member(body, "tdxModuleIdentities", list)))
            require(identities, "TCB info: tdxModuleIdentities: none")
    elif version == 3:
        require("tdxModule" not in body and "tdxModuleIdentities" not in body, "TCB info: TDX parts")
    levels = [_platform_level(level, version, tdx) for level in _member(body, "tcbLevels", list)]
    return TcbInfo(
        kind, version, _date(body, "issueDate"), _date(body, "nextUpdate"),
        _bytes(body, "fmspc", 6), _bytes(body, "pceId", 2), module, identities,
        _descending(levels), body.unique)


def _qe_level(members):
    svn = _number(_member(members, "tcb", dict), "isvsvn", 0xFFFF)
    return _level(members, (svn, _date(members, "tcbDate")), COMPONENT_STATUSES)


@functools.lru_cache(maxsize=256)
def qe_identity(data):
    body = read_json(data)
    kind = _member(body, "id", str)
    require(kind in ("QE", "QVE", "TD_QE"), "QE identity: id")
    require(_number(body, "version", 0xFFFFFFFF) == 2, "QE identity: version")
    _number(body, "tcbEvaluationDataNumber", 0xFFFFFFFF)
    return QeIdentity(
        kind, _date(body, "issueDate"), _date(body, "nextUpdate"),
        int.from_bytes(_bytes(body, "miscselect", 4), "little"),
        int.from_bytes(_bytes(body, "miscselectMask", 4), "little"),
        _bytes(body, "attributes", 16), _bytes(body, "attributesMask", 16),
        _bytes(body, "mrsigner", 32), _number(body, "isvprodid", 0xFFFF),
        _descending([_qe_level(level) for level in _member(body, "tcbLevels", list)]), body.unique)


def _raw_member(text, name):
    """The characters of a top-level member's value, exactly as they stand in an object."""
    decoder, blank = json.JSONDecoder(object_pairs_hook=Members), re.compile(r"[ \t\r\n]*")
    at = blank.match(text, text.index("{") + 1).end()
    while True:
        found, at = decoder.raw_decode(text, at)
        start = blank.match(text, text.index(":", at) + 1).end()
        _, end = decoder.raw_decode(text, start)
        if found == name:
            return text[start:end]
        at = blank.match(text, text.index(",", end) + 1).end()


def _signed(bundle, name, wrapped, parse):
    text, unique = bundle[name], True
    if name + "_signature" in bundle:
        signature = bundle[name + "_signature"]
    else:
        # The PCS's answer, {"tcbInfo": {...}, "signature": "..."}.
        answer = read_json(text.encode())
        signature, unique = _member(answer, "signature", str), answer.unique
        _member(answer, wrapped, dict)
        text = _raw_member(text, wrapped)
    chain = certificates.pem(bundle[name + "_issuer_chain"].encode(), "CERTIFICATE")
    body = text.encode()
    parsed = parse(body)
    return Signed(body, _hex(signature, 64), list(map(certificates.certificate, chain)), parsed,
                  unique and parsed.unique)


def _crl(text):
    """DER in hex or Base64, or PEM."""
    if text.lstrip().startswith("-----BEGIN"):
        blocks = certificates.pem(text.encode(), "X509 CRL")
        require(len(blocks) == 1, "CRL: one")
        return certificates.crl(blocks[0])
    try:
        return certificates.crl(_hex(text))
    except Malformed:
        return certificates.crl(certificates.strict_base64(text.encode()))


def parse(data):
    bundle = read_json(data)
    require(bundle.unique, "JSON: a member stands twice")
    for name in PARTS:
        _member(bundle, name, str)
    for name in ("tcb_info_signature", "qe_identity_signature"):
        require(isinstance(bundle.get(name, ""), str), name)
    try:
        for block in certificates.pem(bundle["pck_crl_issuer_chain"].encode(), "CERTIFICATE"):
            certificates.certificate(block)
        return Collateral(
            _crl(bundle["root_ca_crl"]), _crl(bundle["pck_crl"]),
            _signed(bundle, "tcb_info", "tcbInfo", tcb_info),
            _signed(bundle, "qe_identity", "enclaveIdentity", qe_identity))
    except UnicodeEncodeError as error:  # a surrogate that stands alone
        raise Malformed("JSON: no UTF-8") from error
