"""TCB evaluation: the facts' section 6, step by step. SGX quotes go the same way without a module
([QVL] sgxEvaluateTCB)."""

import dataclasses
import typing

from collateral import UNRECOGNIZED

NOT_SUPPORTED = "NotSupported"


@dataclasses.dataclass
class Result:
    status: str
    date: typing.Optional[int] = None
    advisories: typing.FrozenSet[str] = frozenset()


def module_identity(tcb_info, ver):
    """Step 1, ver > 0: the entry whose id, upper-cased, is TDX_ and two upper-case hex digits."""
    for identity in tcb_info.identities or []:
        if identity.id.upper() == f"TDX_{ver:02X}":
            return identity
    return None


def _at_least(have, want, first=0):
    return all(have[i] >= want[i] for i in range(first, 16))


def _platform_level(pck, tcb_info, tee_tcb_svn):
    """Step 2. The levels are in descending order already."""
    for level in tcb_info.levels:
        sgx, pce_svn, tdx = level.svns
        if not _at_least(pck.components, sgx):  # a
            continue
        if pck.pce_svn < pce_svn:  # b
            continue
        if tee_tcb_svn is not None:  # c
            first = 0 if tee_tcb_svn[1] == 0 else 2
            if not _at_least(tee_tcb_svn, tdx, first):
                continue
        return level
    return None


def _isv_svn_level(levels, isv_svn):
    """Steps 3 and 4."""
    for level in levels:
        if isv_svn >= level.svns[0]:
            return level
    return None


def _converge(platform, components):
    """Step 5."""
    status = platform
    if "OutOfDate" in components:
        if platform in ("UpToDate", "SWHardeningNeeded"):
            status = "OutOfDate"
        elif platform in ("ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded"):
            status = "OutOfDateConfigurationNeeded"
    if "Revoked" in components:
        status = "Revoked"
    return status


def _evaluate_once(pck, tcb_info, qe_identity, qe_isv_svn, tee_tcb_svn):
    """Steps 2 to 6 for one module; `tee_tcb_svn` is none in an SGX quote."""
    platform = _platform_level(pck, tcb_info, tee_tcb_svn)
    if platform is None:
        return Result(NOT_SUPPORTED)
    if platform.status == UNRECOGNIZED:
        return Result(UNRECOGNIZED)
    levels = [platform]
    if tee_tcb_svn is not None and tee_tcb_svn[1] > 0:  # step 3
        identity = module_identity(tcb_info, tee_tcb_svn[1])
        module = identity and _isv_svn_level(identity.levels, tee_tcb_svn[0])
        if not module:
            return Result(NOT_SUPPORTED)
        if module.status == UNRECOGNIZED:
            return Result(UNRECOGNIZED)
        levels.append(module)
    qe = _isv_svn_level(qe_identity.levels, qe_isv_svn)  # step 4
    if qe is None:
        return Result(NOT_SUPPORTED)
    if qe.status == UNRECOGNIZED:
        return Result(UNRECOGNIZED)
    levels.append(qe)
    status = _converge(platform.status, [level.status for level in levels[1:]])
    return Result(status, min(level.date for level in levels),  # step 6
                  frozenset(name for level in levels for name in level.advisories))


def _needs_configuration(status):
    return status in ("ConfigurationNeeded", "OutOfDateConfigurationNeeded",
                      "ConfigurationAndSWHardeningNeeded")


def evaluate(pck, tcb_info, qe_identity, quote):
    """The status, its date and advisories."""
    isv_svn = quote.qe_report.isv_svn
    td = quote.td_report
    launch = _evaluate_once(pck, tcb_info, qe_identity, isv_svn, td.tee_tcb_svn if td else None)
    if td is None or td.tee_tcb_svn2 is None or launch.date is None:
        return launch
    # Step 7.
    current = _evaluate_once(pck, tcb_info, qe_identity, isv_svn, td.tee_tcb_svn2)
    if current.date is None:
        return current
    if launch.status in ("OutOfDate", "OutOfDateConfigurationNeeded") and current.status in (
            "UpToDate", "SWHardeningNeeded", "ConfigurationNeeded",
            "ConfigurationAndSWHardeningNeeded"):
        configuration = _needs_configuration(launch.status) or _needs_configuration(current.status)
        launch.status = "TDRelaunchAdvised" + ("ConfigurationNeeded" if configuration else "")
    return launch
