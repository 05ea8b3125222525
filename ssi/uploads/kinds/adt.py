"""Anomaly Detection Thresholds: how their rows are kept, checked, and put in force.

The check makes of the file the whole set that it results in, a DELTA with the rows that it leaves alone. Applying
is then only that the set before gives way: until that one transaction commits, the old thresholds are in force.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, BinaryIO, Final

from django.db import connection
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.uploads.findings import Found
from ssi.uploads.formats import registry as formats
from ssi.uploads.formats.adt import AdtDetail, AdtHeader
from ssi.uploads.kinds import adt_checks, file_references
from ssi.uploads.kinds.warnings import warnings_of
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import Replaces
from ssi.uploads.search import thresholds
from ssi.workflow import perform

MOST_SENTENCES: Final = 50
"""So many reasons why a second officer must approve are written out; the difference on the page shows them all."""

_HEADER: Final = (
    "format_version",
    "user_role",
    "file_reference",
    "file_created_at",
    "effective_date",
    "replaces",
)

_COPY: Final = """
COPY uploads_threshold (upload_id, line, is_in_file, srv, message_type, period, warning, quarantine,
                        exception_from_date, exception_to_date, note) FROM STDIN
"""
_NULL: Final = r"\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

# What a DELTA names takes the place of the same threshold in force; an exception that of every exception of the
# same threshold whose days it touches, so that never two count on one day.
_TAKE_OVER: Final = """
INSERT INTO uploads_threshold (upload_id, line, is_in_file, srv, message_type, period, warning, quarantine,
                               exception_from_date, exception_to_date, note)
SELECT %(new)s, 0, false, old.srv, old.message_type, old.period, old.warning, old.quarantine,
       old.exception_from_date, old.exception_to_date, old.note
  FROM uploads_threshold old
 WHERE old.upload_id = %(old)s
   AND NOT EXISTS (
       SELECT FROM uploads_threshold new
        WHERE new.upload_id = %(new)s AND new.is_in_file
          AND new.srv = old.srv AND new.message_type = old.message_type AND new.period = old.period
          AND coalesce(new.exception_from_date <= old.exception_to_date
                       AND new.exception_to_date >= old.exception_from_date,
                       new.exception_from_date IS NULL AND old.exception_from_date IS NULL))
"""


class ThresholdsChangedMeanwhile(Refusal):
    """{reference} was checked against other thresholds than those in force now."""

    suggestion = "Make the file anew, sign that one and upload it: it is then checked against what is in force."
    status = HTTPStatus.CONFLICT
    source = "Ours: what comes into force is what was shown"


class AdtFile:
    """Thresholds of a User ID in one of its User Roles."""

    def read(self, upload: Upload, content: BinaryIO) -> Iterator[Any]:
        """Yield the header, the details and what is wrong."""
        return formats.read(upload, content)

    def keep(self, upload: Upload, items: Sequence[Any]) -> None:
        """Keep the header on the upload, and the thresholds by COPY."""
        for item in items:
            if isinstance(item, AdtHeader):
                _keep_header(upload, item)
        rows = [_row(upload.pk, item) for item in items if isinstance(item, AdtDetail)]
        if rows:
            with connection.cursor() as cursor, cursor.copy(_COPY) as stream:
                stream.write("".join(rows))

    def clear(self, upload: Upload) -> None:
        """Remove the thresholds, and what the header said."""
        Threshold.objects.filter(upload=upload).delete()
        for name in _HEADER:
            setattr(upload, name, None if name in {"file_created_at", "effective_date"} else "")
        upload.save(update_fields=_HEADER)

    def check(self, upload: Upload) -> Iterator[Found]:
        """Yield what is wrong; of a good file keep the resulting set, and yield what a person is to check."""
        Threshold.objects.filter(upload=upload, is_in_file=False).delete()
        is_good = not upload.findings
        for found in adt_checks.problems_with(upload):
            is_good = False
            yield found
        upload.compared_with, upload.second_because = None, []
        if is_good:
            upload.compared_with = thresholds.in_force(upload.user_id_id, upload.user_role)
            if upload.replaces == Replaces.DELTA and upload.compared_with is not None:
                _take_over(upload)
            upload.second_because = _second_because(upload)
        upload.save(update_fields=["compared_with", "second_because"])
        if is_good:
            yield from warnings_of(upload)

    def accepted(self, upload: Upload) -> None:
        """Take the reference of the file that the portal prepared. Raises ReferenceUsedMeanwhile."""
        file_references.use(upload)

    def given_up(self, upload: Upload) -> None:
        """Do nothing: what is in force has not changed, and a file is taken once."""

    def apply(self, upload: Upload, *, by: Actor, at: datetime) -> bool:
        """Let the set in force give way, if the effective date has come, a day in London.

        The caller moves `upload` itself, in the same transaction. Raises ThresholdsChangedMeanwhile.
        """
        if upload.effective_date is None or upload.effective_date > timezone.localdate():
            return False
        current = thresholds.in_force(upload.user_id_id, upload.user_role)
        if current is not None:
            current = Upload.objects.select_for_update(of=("self",), no_key=True).get(pk=current.pk)
        if (current.pk if current else None) != upload.compared_with_id:
            raise ThresholdsChangedMeanwhile(reference=upload.reference)
        if current is not None:
            perform(current.supersede, by=by, event="upload.superseded", at=at)
        return True


def _keep_header(upload: Upload, header: AdtHeader) -> None:
    basics = header.basics
    upload.format_version, upload.file_reference = basics.version, basics.reference
    upload.file_created_at, upload.effective_date = basics.created_at, header.effective_date
    upload.user_role, upload.replaces = header.user_role, header.replaces
    upload.save(update_fields=_HEADER)


def _row(upload_id: int, detail: AdtDetail) -> str:
    """Return a row in the text form of COPY."""
    line, srv, message_type, period, warning, quarantine, from_date, to_date, note = detail
    cells = (upload_id, line, "t", srv, message_type, period, warning, quarantine, from_date, to_date)
    return "\t".join([*(_NULL if cell is None else str(cell) for cell in cells), note.translate(_ESCAPES)]) + "\n"


def _take_over(upload: Upload) -> None:
    """Add the thresholds in force that a DELTA does not name."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OVER, {"new": upload.pk, "old": upload.compared_with_id})


def _second_because(upload: Upload) -> list[str]:
    """Return why a second officer must approve it, a sentence each; empty where nobody must."""
    big, lines = thresholds.big_lines(upload, MOST_SENTENCES)
    sentences = [line.sentence for line in lines]
    if big > len(lines):
        sentences.append(f"The same goes for {big - len(lines):,} more.")
    return sentences
