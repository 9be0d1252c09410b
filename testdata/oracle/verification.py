"""Is the quote genuine? The facts' sections 3 to 6 and RFC 5280, one rule after the other, none
left out because another failed already."""

import dataclasses
import hashlib
import typing

import certificates
import p256
import quote as quotes
import tcb
from reader import Malformed

PCK, TCB_SIGNING = "SGX PCK Certificate", "SGX TCB Signing"
PCK_CAS = ("SGX PCK Platform CA", "SGX PCK Processor CA")


@dataclasses.dataclass
class Verdict:
    genuine: bool
    failed: list  # names of the rules that did not hold
    tcb: typing.Optional[tcb.Result]  # none where it cannot be determined


class Rules:
    """What did not hold."""

    def __init__(self):
        self.failed = []

    def require(self, holds, name):
        if not holds:
            self.failed.append(name)


def _may_issue(certificate):
    """RFC 5280, 6.1.4 (k) and (n), and 6.3.3 (f) for CRLs."""
    usage = certificate.key_usage
    return certificate.is_ca and usage is not None and {
        certificates.KEY_CERT_SIGN, certificates.CRL_SIGN} <= usage


def _self_issued(certificate):
    return certificate.issuer == certificate.subject


def _pck_chain(quote):
    """Section 4: leaf, CA and root, in whatever order. None where there are no such three."""
    if quote.certification_type != 5:
        return None
    try:
        blocks = certificates.pem(quote.certification_data, "CERTIFICATE")
        chain = [certificates.certificate(block) for block in blocks]
    except Malformed:
        return None
    if len(chain) != 3:
        return None
    leaves = [c for c in chain if PCK in c.common_name and not _self_issued(c)]
    cas = [c for c in chain
           if any(name in c.common_name for name in PCK_CAS) and not _self_issued(c)]
    roots = [c for c in chain if _self_issued(c)]
    if not (len(leaves) == len(cas) == len(roots) == 1):
        return None
    leaf, ca, root = leaves[0], cas[0], roots[0]
    if leaf.issuer != ca.subject or ca.issuer != root.subject:
        return None
    return leaf, ca, root


def _check_dates(rules, now, first, last, name):
    """Section 5, "Time rules": the last second is inside. The beginning is stricter than Intel."""
    rules.require(now <= last, name + " expired")
    rules.require(now >= first, name + " not yet valid")


def _check_pck_chain(rules, leaf, ca, root, trusted_root, now):
    rules.require(_may_issue(ca) and _may_issue(root), "CA may not issue")
    rules.require(not leaf.is_ca, "PCK certificate may issue")
    rules.require(root.der == trusted_root, "root not trusted")
    rules.require(root.signed(root) and root.signed(ca) and ca.signed(leaf), "chain signature")
    for certificate in (leaf, ca, root):
        _check_dates(rules, now, certificate.not_before, certificate.not_after, "PCK chain")


def _check_crl(rules, crl, issuer, now, name):
    """Section 5, "CRLs"."""
    rules.require(crl.issuer == issuer.subject, name + " issuer")
    rules.require(crl.has_number and crl.has_authority_key, name + " extensions")
    rules.require(issuer.signed(crl), name + " signature")
    _check_dates(rules, now, crl.this_update, crl.next_update, name)


def _check_signed(rules, signed, root, crl, now, name):
    """Sections 4 and 5: a TCB signing certificate under the same root signed the exact bytes."""
    chain = signed.chain
    signers = [c for c in chain if TCB_SIGNING in c.common_name and not _self_issued(c)]
    roots = [c for c in chain if _self_issued(c)]
    if not (len(chain) == 2 and len(signers) == len(roots) == 1):
        rules.require(False, name + " chain")
        return
    signer = signers[0]
    rules.require(roots[0].der == root.der, name + " chain root")
    rules.require(signer.issuer == root.subject and not signer.is_ca, name + " signer")
    rules.require(root.signed(signer), name + " chain signature")
    rules.require(signer.serial not in crl.revoked, name + " signer revoked")
    rules.require(p256.verify(signer.public_key, signed.signature, signed.body),
                  name + " signature")
    rules.require(signed.unique, name + " members stand twice")  # stricter than Intel
    for certificate in (signer, roots[0]):
        _check_dates(rules, now, certificate.not_before, certificate.not_after, name + " chain")
    _check_dates(rules, now, signed.parsed.issue_date, signed.parsed.next_update, name)


def _check_module(rules, td, tcb_info):
    """Section 6, step 1."""
    expected = tcb_info.module
    if td.tee_tcb_svn[1] > 0:
        identity = tcb.module_identity(tcb_info, td.tee_tcb_svn[1])
        rules.require(identity is not None, "module identity")
        expected = identity and identity.module
    if expected is None:
        return
    rules.require(td.mr_signer_seam == expected.mr_signer, "MRSIGNERSEAM")
    rules.require(td.seam_attributes == bytes(8) and td.seam_attributes == expected.attributes,
                  "SEAMATTRIBUTES")


def _qe_id(quote):
    """Section 5: whose identity it must be."""
    return "TD_QE" if quote.tee_type == quotes.TDX else "QE"


def _check_qe(rules, quote, leaf, identity):
    """Section 3, "What is signed", and section 6, "QE report vs identity"."""
    report = quote.qe_report
    rules.require(p256.verify(leaf.public_key, quote.qe_report_signature, quote.qe_report_bytes),
                  "QE report signature")
    binding = hashlib.sha256(quote.attestation_key + quote.qe_auth).digest()
    rules.require(report.report_data[:32] == binding, "QE report data")
    rules.require(identity.id == _qe_id(quote), "QE identity id")
    rules.require(report.miscselect & identity.miscselect_mask == identity.miscselect, "MISCSELECT")
    masked = bytes(a & m for a, m in zip(report.attributes, identity.attributes_mask))
    rules.require(masked == identity.attributes, "ATTRIBUTES")
    rules.require(report.mr_signer == identity.mr_signer, "MRSIGNER")
    rules.require(report.isv_prod_id == identity.isv_prod_id, "ISVPRODID")
    rules.require(p256.verify(quote.attestation_key, quote.signature, quote.signed),
                  "quote signature")


def _sgx_extension(leaf):
    if leaf.sgx is None:
        return None
    try:
        return certificates.sgx_extension(leaf.sgx)
    except Malformed:
        return None


def verify(quote, collateral, now, trusted_root):
    chain = _pck_chain(quote)
    if chain is None:
        return Verdict(False, ["PCK chain"], None)
    rules = Rules()
    leaf, ca, root = chain
    _check_pck_chain(rules, leaf, ca, root, trusted_root, now)
    _check_crl(rules, collateral.root_ca_crl, root, now, "root CRL")
    _check_crl(rules, collateral.pck_crl, ca, now, "PCK CRL")
    rules.require(ca.serial not in collateral.root_ca_crl.revoked, "CA revoked")
    rules.require(leaf.serial not in collateral.pck_crl.revoked, "PCK revoked")
    _check_signed(rules, collateral.tcb_info, root, collateral.root_ca_crl, now, "TCB info")
    _check_signed(rules, collateral.qe_identity, root, collateral.root_ca_crl, now, "QE identity")

    tcb_info, identity = collateral.tcb_info.parsed, collateral.qe_identity.parsed
    tdx = quote.tee_type == quotes.TDX
    same_tee = (tcb_info.id == "TDX") == tdx and (tcb_info.version >= 3 or not tdx)
    rules.require(same_tee, "TCB info of another TEE")
    if same_tee and tdx:
        _check_module(rules, quote.td_report, tcb_info)
    _check_qe(rules, quote, leaf, identity)

    pck = _sgx_extension(leaf)
    rules.require(pck is not None, "SGX extension")
    if pck is None:
        return Verdict(False, rules.failed, None)
    rules.require(tcb_info.fmspc == pck.fmspc, "FMSPC")
    rules.require(tcb_info.pce_id == pck.pce_id, "PCEID")
    # Section 6, "Checks before matching": levels of something else say nothing of this platform.
    ours = (same_tee and tcb_info.fmspc == pck.fmspc and tcb_info.pce_id == pck.pce_id
            and identity.id == _qe_id(quote))
    if not ours:
        return Verdict(False, rules.failed, None)
    result = tcb.evaluate(pck, tcb_info, identity, quote)
    rules.require(result.date is not None, "TCB level")
    return Verdict(not rules.failed, rules.failed, result)
