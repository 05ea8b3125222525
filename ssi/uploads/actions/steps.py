"""What each step of the pipeline does with an upload. What it writes commits together with its own row.

A step returns False where it was not the one to end it: somebody else did, or the upload was withdrawn meanwhile.
It raises `Waits` where it cannot be done now.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from ssi.uploads import scanning, signatures, storage
from ssi.uploads.actions import keeping_findings
from ssi.uploads.findings import Found
from ssi.uploads.kinds.registry import kind_of
from ssi.uploads.models import DecisionLine, Threshold, Upload, UploadStep
from ssi.uploads.models.choices import Scan, State, Step, StepResult

BATCH: Final = 5_000
"""Items of a file that are kept in one transaction."""

HEADER_AND_TRAILER: Final = 2
MANY: Final = 1_000
"""Lines from which the planner is told of what was kept."""

LONGEST_DETAIL: Final = 500


def scan(upload: Upload) -> bool:
    """Have the file scanned. Infected, it goes to quarantine and nothing reads it any more."""
    with _opened(upload) as content:
        scanned = scanning.scan(content)
    is_infected = scanned.result == Scan.INFECTED
    was, now = upload.stored_as, upload.stored_as
    if is_infected:
        now = storage.copy_to_quarantine(was)
    with transaction.atomic():
        mine = _still_mine(upload, Step.SCAN)
        if mine is None:
            return False
        mine.scan, mine.stored_as = scanned.result, now
        mine.save(update_fields=["scan", "stored_as"])
        if is_infected:
            message = f"The malware scanner found {scanned.detail}. The file is quarantined: nobody can open it."
            _end(mine, Step.SCAN, [Found("F09", message)], scanned.detail)
            _leave_out(mine, (Step.VERIFY, Step.PARSE, Step.CHECK))
            transaction.on_commit(partial(storage.delete, was))
        else:
            not_done = scanned.result == Scan.NOT_SCANNED
            _end(mine, Step.SCAN, [], scanned.detail, result=StepResult.NOT_DONE if not_done else None)
    return True


def verify(upload: Upload) -> bool:
    """Verify the signature over the very bytes that are kept."""
    with _opened(upload) as content:
        verified = signatures.verify(upload, content, at=timezone.now())
    with transaction.atomic():
        mine = _still_mine(upload, Step.VERIFY)
        if mine is None:
            return False
        mine.signer, mine.signer_name = verified.signer, verified.signer_name
        mine.certificate_serial, mine.certificate_issuer = verified.serial, verified.issuer
        mine.signed_well = verified.is_good
        mine.save(
            update_fields=[
                "signer",
                "signer_name",
                "certificate_serial",
                "certificate_issuer",
                "signed_well",
            ]
        )
        said = f"Signed by {verified.signer_name}." if verified.is_good else "The signature does not count."
        _end(mine, Step.VERIFY, verified.findings, said)
    return True


def parse(upload: Upload) -> bool:
    """Read every line and keep what stands in it, batch by batch; go on where the last commit ended."""
    with _opened(upload) as content:
        lines = _lines_of(content)
        found = _too_long_or_empty(upload, lines)
        if found is None and not _read(upload, content, lines):
            return False
    if lines > MANY:
        _tell_planner()
    with transaction.atomic():
        mine = _still_mine(upload, Step.PARSE)
        if mine is None:
            return False
        mine.lines, mine.lines_read = lines, 0 if found else lines
        mine.save(update_fields=["lines", "lines_read"])
        _end(mine, Step.PARSE, [found] if found else [], "" if found else f"{lines:,} lines were read.")
    return True


def check(upload: Upload) -> bool:
    """Check what was read against what is in force; done again, it finds everything anew."""
    with transaction.atomic():
        mine = _still_mine(upload, Step.CHECK)
        if mine is None:
            return False
        keeping_findings.forget(mine, Step.CHECK)
        counts = keeping_findings.keep(mine, Step.CHECK, kind_of(mine).check(mine))
        _end_counted(mine, Step.CHECK, counts, _in_words(counts))
    return True


def _in_words(counts: keeping_findings.Counts) -> str:
    if counts.findings:
        return f"Wrong: {counts.findings:,}."
    return f"To be checked by a person: {counts.warnings:,}." if counts.warnings else "Nothing is wrong."


DO: Final[dict[Step, Callable[[Upload], bool]]] = {
    Step.SCAN: scan,
    Step.VERIFY: verify,
    Step.PARSE: parse,
    Step.CHECK: check,
}
"""The steps that come between receiving and applying, in their order."""


# --- Reading -------------------------------------------------------------------------------------------------


@contextmanager
def _opened(upload: Upload) -> Iterator[BinaryIO]:
    content = storage.opened(upload.stored_as, upload.sha256)
    try:
        yield content
    finally:
        content.close()


def _lines_of(content: BinaryIO) -> int:
    """Return how many lines there are, one without an end at the end included; go back to the beginning."""
    lines, last = 0, b"\n"
    while block := content.read(storage.CHUNK):
        lines, last = lines + block.count(b"\n"), block[-1:]
    content.seek(0)
    return lines + (last != b"\n")


def _too_long_or_empty(upload: Upload, lines: int) -> Found | None:
    if upload.size == 0:
        return Found("F06", "The file is empty.")
    most = settings.SSI_UPLOAD_MOST_LINES
    if lines > most + HEADER_AND_TRAILER:
        return Found("F06", f"The file has {lines:,} lines, and may have {most:,} besides header and trailer.")
    return None


def _read(upload: Upload, content: BinaryIO, lines: int) -> bool:
    """Keep what has not been kept yet; return False where somebody else keeps it, or nobody is to any more.

    The reader starts at the beginning, since what it says of a line may hang on those before. What is kept already
    is passed over: `lines_read` counts what was kept of the file, the findings of this step are the rest.
    """
    records, findings = upload.lines_read, keeping_findings.found_by(upload, Step.PARSE)
    items = islice(kind_of(upload).read(upload, content), records + findings, None)
    while batch := list(islice(items, BATCH)):
        founds = [item for item in batch if isinstance(item, Found)]
        if not _keep(upload, batch, founds, was=(records, findings), lines=lines):
            return False
        records, findings = records + len(batch) - len(founds), findings + len(founds)
    return True


@transaction.atomic
def _keep(upload: Upload, batch: list[Any], founds: list[Found], *, was: tuple[int, int], lines: int) -> bool:
    """Keep one batch, if nobody has the upload and it stands where `was` says; tell whether it was kept."""
    mine = (
        Upload.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk=upload.pk, state=State.RECEIVED, lines_read=was[0])
        .first()
    )
    if mine is None or keeping_findings.found_by(mine, Step.PARSE) != was[1]:
        return False
    kind_of(mine).keep(mine, [item for item in batch if not isinstance(item, Found)])
    counts = keeping_findings.keep(mine, Step.PARSE, founds)
    mine.lines, mine.lines_read = lines, was[0] + len(batch) - len(founds)
    mine.findings, mine.warnings = mine.findings + counts.findings, mine.warnings + counts.warnings
    mine.save(update_fields=["lines", "lines_read", "findings", "warnings"])
    return True


def _tell_planner() -> None:
    """Let PostgreSQL know how many rows were just kept: taken for few, checking them would take a time squared."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Threshold._meta.db_table}, {DecisionLine._meta.db_table}")


# --- Ending a step -------------------------------------------------------------------------------------------


def _still_mine(upload: Upload, step: Step) -> Upload | None:
    """Return the upload, locked, if this step of it is still to be ended."""
    mine = (
        Upload.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=upload.pk, state=State.RECEIVED)
        .first()
    )
    open_steps = UploadStep.objects.filter(upload=upload, step=step, ended_at__isnull=True)
    return mine if mine is not None and open_steps.exists() else None


def _end(
    upload: Upload, step: Step, founds: Iterable[Found], detail: str, *, result: StepResult | None = None
) -> None:
    """Write what a step found, and that it has ended."""
    _end_counted(upload, step, keeping_findings.keep(upload, step, founds), detail, result=result)


def _end_counted(
    upload: Upload,
    step: Step,
    counts: keeping_findings.Counts,
    detail: str,
    *,
    result: StepResult | None = None,
) -> None:
    upload.findings += counts.findings
    upload.warnings += counts.warnings
    upload.save(update_fields=["findings", "warnings"])
    rejects = counts.findings or (step == Step.PARSE and keeping_findings.found_by(upload, step))
    UploadStep.objects.filter(upload=upload, step=step).update(
        ended_at=timezone.now(),
        result=StepResult.FOUND if rejects else result or StepResult.DONE,
        detail=detail[:LONGEST_DETAIL],
    )


def _leave_out(upload: Upload, steps: Iterable[Step]) -> None:
    """Say of steps that they will not be done."""
    now = timezone.now()
    for step in steps:
        UploadStep.objects.update_or_create(
            upload=upload,
            step=step,
            defaults={"started_at": now, "ended_at": now, "result": StepResult.NOT_DONE},
        )
