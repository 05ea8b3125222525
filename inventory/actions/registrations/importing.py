"""Importing a file of registration data: all of it or, if anything is wrong with it, nothing.

The file is copied into a temporary table, and everything from there on is a handful of statements, however many
lines there are: what is in the way of what, what is new, what changed, what is taken back.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, ClassVar

from django.db import connection, transaction

from inventory.actions.registrations.findings import Finding, GivenTwice, Overlaps
from inventory.actions.registrations.reading import Row, read
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.audit import log
from ssi.eui64 import Eui64

IMPORTS_WAIT_FOR_EACH_OTHER = 8_700_901
"""Key of the advisory lock: what one import found overlapping must not change under it."""
ROWS_A_FETCH = 2_000

_STAGE = """
DROP TABLE IF EXISTS pg_temp.given_registration, pg_temp.wanted_registration;
CREATE TEMPORARY TABLE given_registration (
    line integer NOT NULL, mpxn varchar(13) NOT NULL, kind smallint NOT NULL, user_id bigint NOT NULL,
    from_date date NOT NULL, to_date date, is_cancelled boolean NOT NULL
) ON COMMIT DROP
"""

# What each line means for what is there: its meter point and registration, if there are such.
_COMPARE = """
CREATE TEMPORARY TABLE wanted_registration ON COMMIT DROP AS
SELECT given.*, point.id AS meter_point_id, there.id AS registration_id,
    CASE
        WHEN given.is_cancelled AND there.id IS NOT NULL THEN 'cancelled'
        WHEN given.is_cancelled THEN 'unchanged'
        WHEN there.id IS NULL THEN 'added'
        WHEN there.user_id = given.user_id AND there.to_date IS NOT DISTINCT FROM given.to_date THEN 'unchanged'
        ELSE 'changed'
    END AS outcome
FROM given_registration given
LEFT JOIN inventory_meterpoint point ON point.mpxn = given.mpxn
LEFT JOIN inventory_registration there
    ON there.meter_point_id = point.id AND there.kind = given.kind AND there.from_date = given.from_date
"""

_GIVEN_TWICE = """
SELECT line, first FROM (
    SELECT line, min(line) OVER (PARTITION BY mpxn, kind, from_date) AS first FROM given_registration
) AS numbered WHERE line > first ORDER BY line
"""

# How all would stand afterwards at every meter point and kind that the file names; then whose days meet others'.
_OVERLAPS = """
WITH afterwards AS (
    SELECT line, mpxn, kind, user_id, from_date, to_date FROM wanted_registration WHERE NOT is_cancelled
    UNION ALL
    SELECT NULL, named.mpxn, there.kind, there.user_id, there.from_date, there.to_date
    FROM (SELECT DISTINCT mpxn, meter_point_id, kind FROM wanted_registration) AS named
    JOIN inventory_registration there ON there.meter_point_id = named.meter_point_id AND there.kind = named.kind
    WHERE NOT EXISTS (
        SELECT FROM wanted_registration given
        WHERE given.mpxn = named.mpxn AND given.kind = there.kind AND given.from_date = there.from_date
    )
), ordered AS (
    SELECT *, max(ARRAY[coalesce(to_date, 'infinity'), from_date]) OVER (
        PARTITION BY mpxn, kind ORDER BY from_date, line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS longest_before
    FROM afterwards
)
SELECT coalesce(later.line, earlier.line),
    CASE WHEN later.line IS NULL THEN later.user_id ELSE earlier.user_id END,
    CASE WHEN later.line IS NULL THEN later.from_date ELSE earlier.from_date END,
    CASE WHEN later.line IS NULL THEN NULL ELSE earlier.line END
FROM ordered later
JOIN afterwards earlier
    ON earlier.mpxn = later.mpxn AND earlier.kind = later.kind AND earlier.from_date = later.longest_before[2]
WHERE later.longest_before[1] >= later.from_date AND later.from_date > earlier.from_date
    AND (later.line IS NOT NULL OR earlier.line IS NOT NULL)
ORDER BY 1, 3
"""

_COUNT = "SELECT outcome, count(*) FROM wanted_registration GROUP BY outcome"

_APPLY = (
    """
    INSERT INTO inventory_meterpoint (mpxn, post_code, address_identifier)
    SELECT DISTINCT mpxn, '', '' FROM wanted_registration
    WHERE outcome = 'added' AND meter_point_id IS NULL ORDER BY mpxn
    ON CONFLICT (mpxn) DO NOTHING
    """,
    """
    DELETE FROM inventory_registration there USING wanted_registration wanted
    WHERE wanted.outcome = 'cancelled' AND there.id = wanted.registration_id
    """,
    """
    UPDATE inventory_registration there SET user_id = wanted.user_id, to_date = wanted.to_date
    FROM wanted_registration wanted WHERE wanted.outcome = 'changed' AND there.id = wanted.registration_id
    """,
    """
    INSERT INTO inventory_registration (meter_point_id, kind, user_id, from_date, to_date)
    SELECT point.id, wanted.kind, wanted.user_id, wanted.from_date, wanted.to_date
    FROM wanted_registration wanted JOIN inventory_meterpoint point ON point.mpxn = wanted.mpxn
    WHERE wanted.outcome = 'added' ORDER BY point.id, wanted.kind, wanted.from_date
    """,
)

Tell = Callable[[Finding], None]
Progress = Callable[[int], None]


@dataclass(slots=True)
class Summary:
    """What an import did, or would do: the file's rows by what became of them, and how many findings there are."""

    rows: int = 0
    findings: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def is_refused(self) -> bool:
        """Tell whether the file was rejected whole."""
        return self.findings > 0


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file of registration data, as the audit log knows it."""

    audit_name: ClassVar[str] = "registration_data"
    name: str

    @property
    def audit_ref(self) -> str:
        """Return the file's name."""
        return self.name


def import_file(
    file: BinaryIO,
    *,
    name: str,
    by: Actor,
    is_rehearsal: bool = False,
    tell: Tell = lambda _: None,
    progress: Progress = lambda _: None,
) -> Summary:
    """Apply a file of registrations whole, or reject it whole; a file that was applied already changes nothing.

    `tell` gets each finding as it is found: first what single lines say, then what they say together. `progress`
    gets the number of rows read so far. With `is_rehearsal` all is checked and counted, and nothing changed.
    """
    summary = Summary()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTS_WAIT_FOR_EACH_OTHER])
        for finding in _findings(file, cursor, summary, progress):
            summary.findings += 1
            tell(finding)
        cursor.execute(_COUNT)
        summary.outcomes.update(dict(cursor.fetchall()))
        if summary.is_refused or is_rehearsal:
            transaction.set_rollback(True)
            return summary
        for statement in _APPLY:
            cursor.execute(statement)
        log.record("registrations.imported", by=by, about=ImportedFile(name), **summary.outcomes)
    return summary


def _findings(file: BinaryIO, cursor: Any, summary: Summary, progress: Progress) -> Iterator[Finding]:
    cursor.execute(_STAGE)
    yield from _copied(file, cursor, summary, progress)
    cursor.execute("ANALYZE given_registration")
    cursor.execute(_GIVEN_TWICE)
    for line, first in _fetched(cursor):
        yield Finding.of(line, GivenTwice(first=first))
    cursor.execute(_COMPARE)
    cursor.execute("ANALYZE wanted_registration")
    cursor.execute(_OVERLAPS)
    for line, user_id, from_date, other_line in _fetched(cursor):
        where = f", in line {other_line}" if other_line else ""
        yield Finding.of(line, Overlaps(user_id=Eui64(user_id), from_date=from_date, where=where))


def _copied(file: BinaryIO, cursor: Any, summary: Summary, progress: Progress) -> Iterator[Finding]:
    """Copy the well-formed rows of the file into the temporary table, and yield what is wrong with the others."""
    known = frozenset(UserId.objects.values_list("eui", flat=True))
    with cursor.copy("COPY given_registration FROM STDIN") as copy:
        for each in read(file, known):
            if isinstance(each, Row):
                summary.rows += 1
                copy.write_row(each)
                progress(summary.rows)
            else:
                yield each


def _fetched(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(ROWS_A_FETCH):
        yield from rows
