"""Why a row of a bulk job cannot be carried out: the very refusals of the single move, kept by their names.

A row keeps the name of the refusal's class in `finding` and, one a line, the facts of its sentence in `fact`;
what stands on the row itself (`device_id`) is taken from there.
"""

from incidents.actions.install_code_requests.locking import RequestUnknown
from incidents.actions.install_code_requests.raising import (
    AlreadyRequested,
    DeviceHasNoSupplierHeldCode,
    DeviceNotInInventory,
    DeviceStatusPermitsNoRequest,
)
from incidents.models import BulkRow
from incidents.models.bulk import LONGEST_FACT
from inventory.install_code import NoteHoldsInstallCode
from ssi.eui64 import NotAnEui64
from ssi.refusals import NotAllowed, NotInThisState, Refusal


class GivenTwice(Refusal):
    """It stands on line {first} already; one request serves both."""

    suggestion = "Nothing needs to be done."
    source = "MP121 R2: one request a device"


class MayNoLonger(Refusal):
    """Whoever gave this instruction may no longer do such work, so the rest was not carried out."""

    suggestion = "Ask a colleague who may do it to give the instruction anew."
    source = "SSI design 3: rights are looked up when the work is done"


class OtherwiseRefused(Refusal):
    """{why}"""  # noqa: D400, D415 - a whole sentence comes with it

    suggestion = "{way_out}"


_declared: dict[str, tuple[type[Refusal], tuple[str, ...]]] = {}


def declare(refusal: type[Refusal], *keeps: str) -> None:
    """Make a refusal known as a finding; `keeps` are the facts of its sentence that a row must keep."""
    if refusal.__name__ in _declared:
        raise ValueError(f"{refusal.__name__} is declared already.")
    _declared[refusal.__name__] = refusal, keeps


def key(refusal: type[Refusal]) -> str:
    """Return under which name a row keeps a declared refusal; for SQL that sets findings by itself."""
    if refusal.__name__ not in _declared:
        raise LookupError(f"{refusal.__name__} is not declared as a finding.")
    return refusal.__name__


def of(refusal: Refusal) -> tuple[str, str]:
    """Return `finding` and `fact` for a refusal, also for one that nobody declared."""
    name = type(refusal).__name__
    if name not in _declared:
        return of(OtherwiseRefused(why=refusal.message, way_out=refusal.way_out))
    _, keeps = _declared[name]
    return name, "\n".join(str(refusal.facts[each]) for each in keeps)[:LONGEST_FACT]


def refusal_of(row: BulkRow) -> Refusal | None:
    """Return the refusal that `row` met, or None if it met none."""
    if not row.finding:
        return None
    refusal, keeps = _declared[row.finding]
    facts: dict[str, object] = {"device_id": row.device_id, "reference": row.given}
    facts |= dict.fromkeys(keeps, "")
    facts |= zip(keeps, row.fact.split("\n"), strict=False)
    return refusal(**facts)


def sentence(row: BulkRow) -> tuple[str, str]:
    """Return what is wrong with `row` and what to do about it; nothing twice if nothing is."""
    refusal = refusal_of(row)
    return (refusal.message, refusal.way_out) if refusal else ("", "")


declare(GivenTwice, "first")
declare(MayNoLonger)
declare(OtherwiseRefused, "why", "way_out")
declare(NotAllowed, "why", "way_out")
declare(NotInThisState, "what", "state")
declare(NotAnEui64, "problem")
declare(NoteHoldsInstallCode)
declare(RequestUnknown)
declare(DeviceNotInInventory)
declare(DeviceHasNoSupplierHeldCode, "device_type")
declare(DeviceStatusPermitsNoRequest, "status")
declare(AlreadyRequested, "reference", "user_id")
