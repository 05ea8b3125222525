"""Writing down what is wrong with a file: up to a million findings, by COPY."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db import connection

from ssi.uploads.findings import Found
from ssi.uploads.models import Upload, UploadFinding
from ssi.uploads.models.choices import Step

BATCH: Final = 5_000
MOST_LINES: Final = 2**31 - 1
_COPY: Final = """
COPY uploads_uploadfinding (upload_id, step, code, line, field, message, suggestion) FROM STDIN
"""
LONGEST_FIELD: Final = 40
LONGEST_TEXT: Final = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings reject the file, and how many are only to be checked."""

    findings: int = 0
    warnings: int = 0


def keep(upload: Upload, step: Step, founds: Iterable[Found]) -> Counts:
    """Write findings of a step, as they come, in the caller's transaction; return how many there were."""
    findings = warnings = 0
    coming = iter(founds)
    while batch := list(islice(coming, BATCH)):  # whole before COPY begins: they may come from this connection
        _copy(upload, step, batch)
        of_warnings = sum(found.is_warning for found in batch)
        findings, warnings = findings + len(batch) - of_warnings, warnings + of_warnings
    return Counts(findings, warnings)


def forget(upload: Upload, step: Step) -> None:
    """Remove what a step found, before it is done anew."""
    UploadFinding.objects.filter(upload=upload, step=step).delete()


def found_by(upload: Upload, step: Step) -> int:
    """Return how many findings a step has written."""
    return UploadFinding.objects.filter(upload=upload, step=step).count()


def _copy(upload: Upload, step: Step, batch: Sequence[Found]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for found in batch:
            copy.write_row(
                (
                    upload.pk,
                    step.value,
                    found.code,
                    min(found.line, MOST_LINES),
                    _text(found.field, LONGEST_FIELD),
                    _text(found.message, LONGEST_TEXT),
                    _text(found.way_out, LONGEST_TEXT),
                )
            )


def _text(value: str, longest: int) -> str:
    """Return what a column can hold: what stands in a file may be long, or no text at all."""
    value = value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    value = value.encode("utf-8", "replace").decode("utf-8")
    return value if len(value) <= longest else f"{value[: longest - 1]}…"
