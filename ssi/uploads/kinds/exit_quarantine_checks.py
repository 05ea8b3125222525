"""What is wrong with the lines of an Exit Quarantine file by what is in the database: F60 to F63, each a query.

Findings are streamed, so that memory does not grow with a file all of whose lines are wrong.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db import connection

from ssi.eui64 import Eui64
from ssi.uploads.findings import Found
from ssi.uploads.formats.exit_quarantine import EVENT_REF, REQUEST_ID
from ssi.uploads.models import QuarantineEvent, Upload
from ssi.uploads.models.choices import Fate

_AT_ONCE: Final = 2_000

_FOREIGN: Final = """
SELECT line, originator, target, counter FROM uploads_decisionline
 WHERE upload_id = %(upload)s AND originator <> %(user_id)s ORDER BY line
"""

_DOUBLED: Final = """
SELECT line, originator, target, counter, first FROM (
    SELECT line, originator, target, counter,
           min(line) OVER (PARTITION BY originator, target, counter) AS first
      FROM uploads_decisionline WHERE upload_id = %(upload)s
) numbered WHERE line > first ORDER BY line
"""

_NOT_HELD: Final = """
SELECT d.line, d.originator, d.target, d.counter, coalesce(c.fate, ''), coalesce(u.reference, '')
  FROM uploads_decisionline d
  LEFT JOIN uploads_quarantinedcommunication c
         ON c.event_id = %(event)s AND c.target = d.target AND c.counter = d.counter
  LEFT JOIN uploads_upload u ON u.id = c.decided_in_id
 WHERE d.upload_id = %(upload)s AND d.originator = %(user_id)s AND c.fate IS DISTINCT FROM %(held)s
 ORDER BY d.line
"""

_MISSING: Final = """
SELECT c.target, c.counter FROM uploads_quarantinedcommunication c
 WHERE c.event_id = %(event)s AND c.fate = %(held)s AND NOT EXISTS (
       SELECT FROM uploads_decisionline d
        WHERE d.upload_id = %(upload)s AND d.originator = %(user_id)s
          AND d.target = c.target AND d.counter = c.counter)
 ORDER BY c.id
"""


def of_lines(upload: Upload, event: QuarantineEvent | None) -> Iterator[Found]:
    """Yield what is wrong with the lines; without an event, only what can be told without it."""
    facts = {
        "upload": upload.pk,
        "user_id": upload.user_id_id.as_bigint,
        "event": event.pk if event else None,
        "held": Fate.HELD.value,
    }
    for line, *request_id in _rows(_FOREIGN, facts):
        message = f"{_request_id(*request_id)} is another User's."
        yield Found("F61", message, line, REQUEST_ID)
    for line, *request_id, first in _rows(_DOUBLED, facts):
        message = f"{_request_id(*request_id)} stands in line {first} already."
        yield Found("F62", message, line, REQUEST_ID)
    if event is None:
        return
    for line, *request_id, fate, reference in _rows(_NOT_HELD, facts):
        message = f"{_request_id(*request_id)} {_stands(fate, reference, event)}."
        yield Found("F60", message, line, REQUEST_ID)
    for target, counter in _rows(_MISSING, facts):
        message = f"{event.user_id_id}:{Eui64(target)}:{counter} is quarantined in event {event.event_ref}."
        yield Found("F63", f"{message} The file does not decide about it.", 0, EVENT_REF)


def _rows(statement: str, facts: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query as they are asked for; the caller's transaction keeps its cursor."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, facts)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows


def _request_id(originator: int, target: int, counter: object) -> str:
    return f"{Eui64(originator)}:{Eui64(target)}:{counter}"


def _stands(fate: str, reference: str, event: QuarantineEvent) -> str:
    """Say why a RequestID is not to be decided about."""
    if not fate:
        return f"was not quarantined in event {event.event_ref}"
    done = {Fate.DECIDED.value: "was decided about", Fate.RELEASED.value: "was released"}.get(fate, "was deleted")
    return f"{done} by {reference}" if reference else done
