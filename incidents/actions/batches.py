"""Lists of devices whose install codes are asked for, and what people do with bulk jobs of any kind.

What becomes of a list once it is taken is in `incidents/actions/bulk/raising.py`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from http import HTTPStatus

from django.db import transaction
from django.utils import timezone

from incidents.actions.bulk import codes, engine, findings
from incidents.actions.bulk.engine import Instruction
from incidents.actions.bulk.rows import NewRow
from incidents.actions.install_code_requests.raising import ResponsibilityNotClaimed, refuse_past
from incidents.models import BulkJob, BulkRow
from incidents.models.choices import BulkKind
from inventory.install_code import NoteHoldsInstallCode
from inventory.install_code.shown import MASKED, is_long_enough_for_a_code, shown_back
from ssi.access.actor import Actor
from ssi.eui64 import Eui64, NotAnEui64
from ssi.refusals import Refusal
from ssi.web.sheets import SpoiltBySpreadsheet, is_spoilt
from ssi.workflow import perform, require_move

MOST_DEVICES = 50_000
MOST_LOOKED_INTO = 50_000
"""Letters, of what is no Device ID: looking for install codes takes long; what else might hold one is not kept."""


class TooManyDevices(Refusal):
    """There are {given} Device IDs in this list, and one list takes {most}."""

    suggestion = "Send it in several parts."
    field = "device_ids"


class NoDeviceGiven(Refusal):
    """There is no Device ID in this list."""

    suggestion = "Give one Device ID a line, as printed on the label, such as 00-DB-12-34-56-78-90-A0."
    field = "device_ids"


class BatchUnknown(Refusal):
    """There is no batch {reference} that you may see."""

    suggestion = "Check the reference, and that you act for the User ID that sent the list."
    status = HTTPStatus.NOT_FOUND


def draft(
    given: Sequence[str],
    by: Actor,
    *,
    lines: Sequence[int] = (),
    file_name: str = "",
    needed_by_date: date | None = None,
    again: bool = False,
    confirmed: bool = False,
) -> BulkJob:
    """Take a list of Device IDs to be checked by a worker; nothing is raised before it is confirmed.

    `lines` are the lines they stood on, each another, where that is not simply counted.
    A list that was sent before gives the batch it made then (`recognised`), unless it was called off, made nothing
    or `again` is asked for. `confirmed` states with the list what `confirm` states: that the raiser is, or will
    be, the devices' responsible supplier; it then goes on by itself. Raises NotAllowed, TooManyDevices,
    NoDeviceGiven, NeededByDateIsPast.
    """
    engine.require(BulkKind.RAISE, by)
    if len(given) > MOST_DEVICES:
        raise TooManyDevices(given=f"{len(given):,}", most=f"{MOST_DEVICES:,}")
    if not given:
        raise NoDeviceGiven
    refuse_past(needed_by_date)
    rows = list(_read(lines or range(1, len(given) + 1), given))
    instruction = Instruction(
        kind=BulkKind.RAISE,
        sha256=_fingerprint(rows, needed_by_date),
        rows=rows,
        facts={"needed_by_date": needed_by_date.isoformat() if needed_by_date else None},
        file_name=file_name,
        confirmed=confirmed,
    )
    return engine.begin(instruction, by=by, again=again)


def draft_again(reference: str, by: Actor) -> BulkJob:
    """Have the list of an earlier batch checked anew: what was open or unknown then may not be so now.

    Raises BatchUnknown, NotAllowed. A day it was needed by that has passed is left out.
    """
    engine.require(BulkKind.RAISE, by)
    job = BulkJob.objects.visible_to(by).filter(reference=reference.upper(), kind=BulkKind.RAISE).first()
    if job is None:
        raise BatchUnknown(reference=reference)
    rows = list(BulkRow.objects.filter(job=job).order_by("line").values_list("line", "given"))
    return draft(
        [given for _, given in rows],
        by,
        lines=[line for line, _ in rows],
        file_name=job.file_name,
        needed_by_date=_still_ahead(job.facts.get("needed_by_date")),
        again=True,
    )


@transaction.atomic
def confirm(reference: str, by: Actor, *, responsible: bool = True) -> BulkJob:
    """Have a checked job carried out. Of a list of devices this states that `by` is, or will be, responsible.

    Raises BatchUnknown, NotAllowed, NotInThisState, and of a list ResponsibilityNotClaimed, NeededByDateIsPast,
    QuotaReached, RaisingStopped.
    """
    job = _locked(reference, by)
    if job.kind == BulkKind.RAISE and not responsible:
        raise ResponsibilityNotClaimed
    engine.confirm(job, by=by)
    return job


@transaction.atomic
def cancel(reference: str, by: Actor) -> BulkJob:
    """Call off a job that was not confirmed; codes that were sealed for it go.

    Raises BatchUnknown, NotAllowed, NotInThisState.
    """
    job = _locked(reference, by)
    require_move(job.cancel, by=by)
    codes.let_go(job)
    perform(job.cancel, by=by, event="bulk_job.cancelled")
    return job


def _locked(reference: str, by: Actor) -> BulkJob:
    found = (
        BulkJob.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("party")
        .filter(reference=reference.upper())
        .first()
    )
    if found is None:
        raise BatchUnknown(reference=reference)
    return found


def _still_ahead(day: str | None) -> date | None:
    """Return a day as the facts keep it, unless it has passed."""
    needed_by_date = date.fromisoformat(day) if day else None
    return None if needed_by_date is None or needed_by_date < timezone.localdate() else needed_by_date


def _read(lines: Sequence[int], given: Sequence[str]) -> Iterator[NewRow]:
    """Yield a row for each line: the Device ID it names, or why it names none; the first of two counts."""
    first: dict[Eui64, int] = {}
    left = MOST_LOOKED_INTO
    for line, text in zip(lines, given, strict=True):
        try:
            device_id = Eui64.parse(text)
        except NotAnEui64 as refusal:
            suspicious = is_long_enough_for_a_code(text)
            left -= suspicious * len(text)
            why = SpoiltBySpreadsheet() if is_spoilt(text) else refusal
            yield _refused(line, MASKED if suspicious and left < 0 else text, why)
            continue
        if (seen := first.setdefault(device_id, line)) == line:
            yield NewRow(line, str(device_id), device_id)
        else:
            finding, fact = findings.of(findings.GivenTwice(first=seen))
            yield NewRow(line, str(device_id), device_id, finding=finding, fact=fact)


def _refused(line: int, text: str, refusal: Refusal) -> NewRow:
    shown = shown_back(text)
    finding, fact = findings.of(NoteHoldsInstallCode() if shown == MASKED else refusal)
    return NewRow(line, shown, finding=finding, fact=fact)


def _fingerprint(rows: Sequence[NewRow], needed_by_date: date | None) -> str:
    """Return the digest of the list in its normal form: what it names, each once, in whatever order it came."""
    names = sorted({row.given for row in rows})
    return hashlib.sha256("\n".join([str(needed_by_date), *names]).encode()).hexdigest()
