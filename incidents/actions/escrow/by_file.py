"""Codes deposited by file: every row is read, checked and sealed while the file is in memory, and only there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from incidents.actions.bulk import engine, findings
from incidents.actions.bulk.codes import code_in, sealed_until_used
from incidents.actions.bulk.engine import Instruction
from incidents.actions.bulk.rows import NewRow
from incidents.models import BulkJob
from incidents.models.choices import BulkKind
from inventory.install_code import FileNameHoldsInstallCode, InstallCode, holds_install_code
from inventory.install_code.shown import shown_back
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.web.idempotency import fingerprint_of
from ssi.web.sheets import Sheet, SpoiltBySpreadsheet, is_spoilt

MOST_CODES = 50_000
BATCH = 5_000
DEVICE_NAMES = ("Device ID", "Device", "EUI", "EUI-64", "GUID")
CODE_NAMES = ("Install code", "Code", "IC")
AGAIN_NAMES = ("Again", "Install code again", "Code again")


class CodeGivenTwice(Refusal):
    """This code stands on line {line} already."""

    suggestion = "Nothing needs to be done."
    source = "MP281, ours: one code a device"


class CodesForOneDeviceDiffer(Refusal):
    """Line {line} gives another code for this device."""

    suggestion = "Re-read the label, and send the one that is right."
    source = "MP281, ours: one code a device"


class ColumnsMissing(Refusal):
    """The file has no column for {what}."""

    suggestion = "Name the columns Device ID, Install code and, for codes without check digits, Again."
    field = "file"


@dataclass(frozen=True, slots=True)
class Given:
    """One row of the file: the code it gives, or why it gives none. What was typed for it is not kept."""

    line: int
    shown: str
    device_id: Eui64 | None = None
    code: InstallCode | None = field(default=None, repr=False)
    refusal: Refusal | None = None


def draft(sheet: Sheet, by: Actor, *, file_name: str = "") -> BulkJob:
    """Take the table of a file to be checked by a worker; its codes are sealed by the time this returns.

    Nothing is deposited before the job is confirmed; sealed codes that no row uses are erased within a day. Codes
    without check digits stand in two columns, alike. The same file again gives the job that waits. Raises
    NotAllowed, ColumnsMissing, FileNameHoldsInstallCode.
    """
    engine.require(BulkKind.DEPOSIT, by)
    if holds_install_code(file_name):
        raise FileNameHoldsInstallCode
    given = _without_doubles(list(_read(sheet)))
    try:
        with transaction.atomic():
            job = engine.begin(
                Instruction(
                    kind=BulkKind.DEPOSIT,
                    sha256=_fingerprint(given),
                    rows=list(_sealed(given, by)),
                    file_name=file_name,
                ),
                by=by,
                again=True,
            )
            if job.recognised:
                raise _KnownBefore(job)
    except _KnownBefore as known:
        return known.job
    return job


class _KnownBefore(Exception):  # noqa: N818 - no error: it takes back what was sealed a second time
    def __init__(self, job: BulkJob) -> None:
        super().__init__()
        self.job = job


def _read(sheet: Sheet) -> Iterator[Given]:
    """Yield each row of the table as it is given."""
    device, code, again = _columns_of(sheet)
    for line, cells in sheet.rows:
        yield _given(line, cells[device], cells[code], cells[again] if again is not None else "")


def _columns_of(sheet: Sheet) -> tuple[int, int, int | None]:
    """Return where Device ID, code and the code again stand: by their names, else the first three columns."""
    width = len(sheet.rows[0][1])
    if sheet.header is None:
        if width < 2:  # noqa: PLR2004 - a Device ID and a code
            raise ColumnsMissing(what="install codes")
        return 0, 1, 2 if width > 2 else None  # noqa: PLR2004 - and the code again
    device, code = sheet.place_of(*DEVICE_NAMES), sheet.place_of(*CODE_NAMES)
    if device is None or code is None:
        raise ColumnsMissing(what="Device IDs" if device is None else "install codes")
    return device, code, sheet.place_of(*AGAIN_NAMES)


def _given(line: int, device: str, code: str, again: str) -> Given:
    try:
        if is_spoilt(device):
            raise SpoiltBySpreadsheet
        device_id = Eui64.parse(device)
    except Refusal as refusal:
        return Given(line, shown_back(device), refusal=refusal)
    try:
        return Given(line, str(device_id), device_id, code_in(code, again))
    except Refusal as refusal:
        return Given(line, str(device_id), device_id, refusal=refusal)


def _without_doubles(given: Sequence[Given]) -> list[Given]:
    """Return the rows with those refused whose device has a code on another line: all of them, if codes differ."""
    of_device: dict[Eui64, list[Given]] = defaultdict(list)
    for each in given:
        if each.device_id is not None and each.code is not None:
            of_device[each.device_id].append(each)
    refused: dict[int, Refusal] = {}
    for rows in of_device.values():
        first, *others = rows
        if any(each.code != first.code for each in others):
            refused |= {each.line: CodesForOneDeviceDiffer(line=_another(each, rows)) for each in rows}
        else:
            refused |= {each.line: CodeGivenTwice(line=first.line) for each in others}
    return [
        Given(each.line, each.shown, each.device_id, refusal=refused[each.line]) if each.line in refused else each
        for each in given
    ]


def _another(one: Given, rows: Iterable[Given]) -> int:
    """Return the first line that gives another code than `one`."""
    return next(each.line for each in rows if each.code != one.code)


def _sealed(given: Sequence[Given], by: Actor) -> Iterator[NewRow]:
    """Seal the codes, and yield a row for each line."""
    at = timezone.now()
    codes = {
        each.line: sealed_until_used(each.code, device_id=each.device_id, given_by=by.user.user_id, at=at)
        for each in given
        if each.code is not None and each.device_id is not None
    }
    SealedInstallCode.objects.bulk_create(codes.values(), batch_size=BATCH)
    for each in given:
        finding, fact = findings.of(each.refusal) if each.refusal else ("", "")
        code_id = codes[each.line].pk if each.line in codes else None
        yield NewRow(each.line, each.shown, each.device_id, code_id=code_id, finding=finding, fact=fact)


def _fingerprint(given: Sequence[Given]) -> str:
    """Return a keyed digest of what the file says, in whatever order: it tells nobody a code."""
    said = sorted(f"{each.shown} {each.code.hex if each.code else ''}" for each in given)
    return fingerprint_of(*(each.encode() for each in said)).hex()


findings.declare(CodeGivenTwice, "line")
findings.declare(CodesForOneDeviceDiffer, "line")
