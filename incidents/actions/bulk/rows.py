"""The rows of a bulk job on their way into the database: by COPY, tens of thousands a second."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from incidents.models import BulkJob
from ssi.eui64 import Eui64

_COPY = """
COPY incidents_bulkrow (job_id, line, given, device_id, request_id, code_id, choice, detail, finding, fact)
FROM STDIN
"""


@dataclass(frozen=True, slots=True)
class NewRow:
    """One row as it was given; `finding` and `fact` if it is refused already (`findings.of` gives both)."""

    line: int
    given: str
    device_id: Eui64 | None = None
    request_id: int | None = None
    code_id: UUID | None = None
    choice: str = ""
    detail: str = ""
    finding: str = ""
    fact: str = ""


def copy_in(job: BulkJob, rows: Iterable[NewRow]) -> int:
    """Store the rows of `job` in one COPY, inside the caller's transaction; return how many they are."""
    stored = 0
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            stored += 1
            copy.write_row(
                (
                    job.pk,
                    row.line,
                    row.given,
                    row.device_id.as_bigint if row.device_id else None,
                    row.request_id,
                    row.code_id,
                    row.choice,
                    row.detail,
                    row.finding,
                    row.fact,
                )
            )
    return stored
