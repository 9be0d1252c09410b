"""Quotes of version 3, 4 and 5: the facts' sections 1 to 3."""

import dataclasses
import typing

from reader import Reader, require

SGX, TDX = 0x00, 0x81
ECDSA_P256 = 2
INTEL_QE_VENDOR = bytes.fromhex("939A7233F79C4CA9940A0DB3957F0607")
QE_REPORT_CERTIFICATION_DATA = 6

SGX_REPORT, TD_REPORT_10, TD_REPORT_15, TD_REPORT_15_EX = 1, 2, 3, 4
BODY_SIZES = {SGX_REPORT: 384, TD_REPORT_10: 584, TD_REPORT_15: 648, TD_REPORT_15_EX: 885}


@dataclasses.dataclass
class EnclaveReport:
    miscselect: int
    attributes: bytes
    mr_signer: bytes
    isv_prod_id: int
    isv_svn: int
    report_data: bytes


@dataclasses.dataclass
class TdReport:
    tee_tcb_svn: bytes
    mr_signer_seam: bytes
    seam_attributes: bytes
    tee_tcb_svn2: typing.Optional[bytes]  # of body types 3 and 4


@dataclasses.dataclass
class Quote:
    version: int
    tee_type: int
    td_report: typing.Optional[TdReport]
    signed: bytes
    signature: bytes
    attestation_key: bytes
    qe_report: EnclaveReport
    qe_report_bytes: bytes
    qe_report_signature: bytes
    qe_auth: bytes
    certification_type: int
    certification_data: bytes


def enclave_report(body):
    """Section 2, "SGX report"."""
    return EnclaveReport(
        int.from_bytes(body[16:20], "little"), body[48:64], body[128:160],
        int.from_bytes(body[256:258], "little"), int.from_bytes(body[258:260], "little"),
        body[320:384])


def td_report(body, body_type):
    """Section 2, "TD report 1.0" and "TD report 1.5 adds"."""
    return TdReport(body[0:16], body[64:112], body[112:120],
                    body[584:600] if body_type in (TD_REPORT_15, TD_REPORT_15_EX) else None)


def _body_type(reader, version, tee_type):
    """Section 2: versions 3 and 4 have it from the TEE type, version 5 writes type and size."""
    if version < 5:
        return SGX_REPORT if tee_type == SGX else TD_REPORT_10
    body_type, size = reader.number(2), reader.number(4)
    require(BODY_SIZES.get(body_type) == size, "body: type or size")
    require((tee_type == SGX) == (body_type == SGX_REPORT), "body: of another TEE")
    return body_type


def parse(data):
    reader = Reader(data)
    # Section 1.
    version, key_type, tee_type = reader.number(2), reader.number(2), reader.number(4)
    reader.take(4)
    vendor = reader.take(16)
    reader.take(20)
    require(version in (3, 4, 5), "version")
    require(key_type == ECDSA_P256, "attestation key type")
    require(tee_type in (SGX, TDX), "TEE type")
    require(version != 3 or tee_type == SGX, "version 3 is for SGX")
    require(vendor == INTEL_QE_VENDOR, "QE vendor")
    # Section 2.
    body_type = _body_type(reader, version, tee_type)
    body = reader.take(BODY_SIZES[body_type])
    signed = data[:reader.at]
    # Section 3. What stands behind the signature data is nobody's.
    auth = Reader(reader.take(reader.number(4)))
    signature, attestation_key = auth.take(64), auth.take(64)
    if version >= 4:
        require(auth.number(2) == QE_REPORT_CERTIFICATION_DATA, "outer certification data type")
        require(auth.number(4) == auth.left(), "outer certification data size")
    qe_report_bytes, qe_report_signature = auth.take(384), auth.take(64)
    qe_auth = auth.take(auth.number(2))
    certification_type = auth.number(2)
    require(1 <= certification_type <= 5, "certification data type")
    require(auth.number(4) == auth.left(), "certification data size")
    return Quote(
        version, tee_type, td_report(body, body_type) if tee_type == TDX else None, signed,
        signature, attestation_key, enclave_report(qe_report_bytes), qe_report_bytes,
        qe_report_signature, qe_auth, certification_type, auth.take(auth.left()))
