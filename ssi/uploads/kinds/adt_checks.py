"""What can be wrong with thresholds by what is in the database: F01 to F04, F23, F24 and F33."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from ssi.access.roles import UserRole
from ssi.accounts.models import UserIdRole
from ssi.uploads.findings import Found
from ssi.uploads.formats.fields import NEW
from ssi.uploads.kinds import file_references
from ssi.uploads.models import PreparedFile, Upload
from ssi.uploads.models.choices import Kind, State

FARTHEST_AHEAD: Final = timedelta(days=1)
"""By how much a creation time may be ahead of the portal's clock: no later file could be created after it."""

MOST_DAYS_AHEAD: Final = 366
"""So far ahead an effective date may be. Until it comes no other thresholds of the User Role can be submitted, so
one much later is a typing error; ours, nobody publishes one."""

_FETCHED_AT_ONCE: Final = 2_000
_ACCEPTED: Final = (State.ACCEPTED, State.APPLIED, State.SUPERSEDED)


def problems_with(upload: Upload) -> Iterator[Found]:
    """Yield what is wrong, what concerns the header first, then the thresholds in the order of the file."""
    yield from file_references.problems_with(upload)
    yield from _with_role_of_reference(upload)
    yield from _with_creation(upload)
    yield from _with_role(upload)
    yield from _with_effective_date(upload)
    yield from _twice(upload)


def _with_role_of_reference(upload: Upload) -> Iterator[Found]:
    """Yield F02 where the portal prepared the file for another User Role."""
    if upload.file_reference in {"", NEW} or not upload.user_role:
        return
    prepared = PreparedFile.objects.filter(
        reference=upload.file_reference, user_id=upload.user_id_id, kind=Kind.ADT
    )
    role = prepared.exclude(user_role=upload.user_role).values_list("user_role", flat=True).first()
    if role:
        message = f"{upload.file_reference} was prepared for thresholds as {role}, not {upload.user_role}."
        yield Found("F02", message, 1, "reference")


def _with_creation(upload: Upload) -> Iterator[Found]:
    """Yield F04 of a file that is not later than the one accepted last, F24 of one from the future."""
    created_at = upload.file_created_at
    if created_at is None:
        return
    last = last_created_at(upload, among=_ACCEPTED)
    if last is not None and created_at <= last:
        message = (
            f"A file that was created at {last:%Y-%m-%dT%H:%M:%SZ}, not before this one, was accepted already."
        )
        yield Found("F04", message, 1, "creation time")
    if created_at > timezone.now() + FARTHEST_AHEAD:
        message = f"The creation time {created_at:%Y-%m-%dT%H:%M:%SZ} is more than a day ahead."
        yield Found("F24", message, 1, "creation time")


def last_created_at(upload: Upload, *, among: Collection[State]) -> datetime | None:
    """Return when the latest file of the User ID and role was created, of the others in one of these states."""
    others = Upload.objects.filter(
        kind=Kind.ADT, state__in=among, user_id=upload.user_id_id, user_role=upload.user_role
    )
    last: datetime | None = others.exclude(pk=upload.pk).aggregate(last=Max("file_created_at"))["last"]
    return last


def _with_role(upload: Upload) -> Iterator[Found]:
    """Yield F23 of a User Role that the User ID is not registered in."""
    held = set(UserIdRole.objects.filter(held_by=upload.user_id_id).values_list("user_role", flat=True))
    if upload.user_role and upload.user_role not in held:
        named = ", ".join(role for role in UserRole.values if role in held)
        message = f"{upload.user_id_id} is not registered as {upload.user_role}, but as {named or 'nothing'}."
        yield Found("F23", message, 1, "User Role")


def _with_effective_date(upload: Upload) -> Iterator[Found]:
    """Yield F24 of an effective date that is over in London, or too far ahead."""
    if upload.effective_date is None:
        return
    today = timezone.localdate()
    if upload.effective_date < today:
        message = f"The effective date {upload.effective_date} is over."
        yield Found("F24", message, 1, "effective date", "Let it take effect today or later.")
    if upload.effective_date > today + timedelta(days=MOST_DAYS_AHEAD):
        message = f"The effective date {upload.effective_date} is more than {MOST_DAYS_AHEAD} days ahead."
        suggestion = "Check the year; send thresholds for a day that far ahead when it is nearer."
        yield Found("F24", message, 1, "effective date", suggestion)


# Of exceptions that overlap, each but the first is told, with the line of the one before that ends last: it is
# found in one pass over the exceptions in the order of their days, however many there are.
_TWICE: Final = """
SELECT line, other, srv, message_type, period, is_exception FROM (
    SELECT line, srv, message_type, period, exception_from_date IS NOT NULL AS is_exception,
           CASE WHEN exception_from_date IS NULL
                THEN min(line) OVER (PARTITION BY srv, message_type, period, exception_from_date IS NULL)
                ELSE max(((exception_to_date - date '2000-01-01')::bigint << 32) + line) OVER days
           END AS before,
           exception_from_date
      FROM uploads_threshold WHERE upload_id = %(upload)s AND is_in_file
    WINDOW days AS (PARTITION BY srv, message_type, period, exception_from_date IS NULL
                    ORDER BY exception_from_date, line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) each_row, LATERAL (SELECT before & 4294967295 AS other) the_other
 WHERE CASE WHEN is_exception THEN (before >> 32) >= exception_from_date - date '2000-01-01' ELSE before < line END
 ORDER BY line
"""


def _twice(upload: Upload) -> Iterator[Found]:
    """Yield F33 of each threshold that stands in the file already, and of each exception that overlaps another."""
    for row in _rows(_TWICE, {"upload": upload.pk}):
        line, other, srv, message_type, period, is_exception = row
        what = f"{srv} {message_type} {period}"
        if is_exception:
            message = f"The exception of {what} overlaps that of line {other:,}."
        else:
            message = f"The threshold of {what} stands in line {other:,} already."
        yield Found("F33", message, line)


def _rows(statement: str, facts: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield what a query finds without holding it all: the rows may be a million. Needs a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, facts)
        while rows := cursor.fetchmany(_FETCHED_AT_ONCE):
            yield from rows
