"""The rows of a bulk job on their way into the database: by COPY, tens of thousands a second."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from incidents.models import BulkJob
from incidents.models.bulk import LONGEST_GIVEN
from inventory.install_code import BARE_DIGITS, holds_install_code
from ssi.eui64 import Eui64

MASKED = "(holds an install code: not kept)"
"""Stands in the place of what was given when that may not be stored."""

_LOOKED_INTO = 2_000
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


def is_long_enough_for_a_code(text: str) -> bool:
    """Tell whether a text has as many letters and digits as the shortest install code: else it holds none."""
    spelt = unicodedata.normalize("NFKD", text[:_LOOKED_INTO])
    return sum(map(str.isalnum, spelt)) >= BARE_DIGITS


def shown_back(text: str) -> str:
    """Return what was given as it may be stored and shown: at most 64 letters, and never an install code."""
    plain = " ".join(text[:_LOOKED_INTO].replace("\x00", "").split())
    if is_long_enough_for_a_code(plain) and holds_install_code(plain):
        return MASKED
    return plain if len(plain) <= LONGEST_GIVEN else f"{plain[: LONGEST_GIVEN - 1]}…"
