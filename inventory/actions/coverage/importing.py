"""Importing SM WAN coverage: a full set that takes the place of the one before, or, if anything is wrong, nothing.

The rows go straight into the table by COPY, beside the former ones, which leave in the same transaction: whoever
looks meanwhile sees the former set whole, and then the new one.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from django.db import connection, transaction
from django.utils import timezone

from inventory.actions.coverage.findings import NothingInIt, PlaceGivenTwice
from inventory.actions.coverage.reading import Row, read
from inventory.actions.registrations.findings import Finding
from inventory.models import CoverageImport
from ssi.access.actor import Actor
from ssi.audit import log

IMPORTED: Final = "coverage.imported"
ROWS_A_FETCH: Final = 2_000

_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('SM WAN coverage'))"
_LAST: Final = "SELECT coalesce(max(id), 0) FROM inventory_wancoverage"
_COPY: Final = """
COPY inventory_wancoverage (id, csp_region, post_code, address_identifier, uprn, is_available, anticipated_date,
    technology, likelihood, auxiliary_equipment, additional_information) FROM STDIN
"""
_GO_ON: Final = """
SELECT setval(pg_get_serial_sequence('inventory_wancoverage', 'id'), greatest(max(id), 1))
FROM inventory_wancoverage
"""
_GIVEN_TWICE: Final = """
SELECT id, first FROM (
    SELECT id, min(id) OVER (PARTITION BY csp_region, uprn, post_code, upper(address_identifier)) AS first
    FROM inventory_wancoverage WHERE id > %s
) AS numbered WHERE id > first ORDER BY id
"""
_DROP_THE_FORMER: Final = "DELETE FROM inventory_wancoverage WHERE id <= %s"

Tell = Callable[[Finding], None]
Progress = Callable[[int], None]


@dataclass(slots=True)
class Summary:
    """What an import did, or would do. `was_there` says that the set is the one that is there already."""

    rows: int = 0
    findings: int = 0
    former_rows: int = 0
    was_there: bool = False

    @property
    def is_refused(self) -> bool:
        """Tell whether the file was rejected whole."""
        return self.findings > 0


class _Hashed:
    """The lines of a file, of which a digest is taken on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for line in self._file:
            self._sha256.update(line)
            yield line

    @property
    def digest(self) -> str:
        """Return the SHA-256 in hex of what was read so far."""
        return self._sha256.hexdigest()


def import_file(
    file: BinaryIO,
    *,
    name: str,
    by: Actor,
    is_rehearsal: bool = False,
    tell: Tell = lambda _: None,
    progress: Progress = lambda _: None,
) -> Summary:
    """Put a file of coverage in the place of what is there, or reject it whole; the same file changes nothing.

    `tell` gets each finding as it is found, `progress` the number of rows read so far. With `is_rehearsal` all is
    checked and counted, and nothing changed.
    """
    summary, hashed = Summary(), _Hashed(file)
    former = CoverageImport.objects.order_by("-id")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        for finding in _findings(hashed, cursor, summary, progress):
            summary.findings += 1
            tell(finding)
        last = former.first()
        summary.former_rows = last.rows if last else 0
        summary.was_there = last is not None and last.sha256 == hashed.digest
        if summary.is_refused or summary.was_there or is_rehearsal:
            transaction.set_rollback(True)
            return summary
        made = CoverageImport.objects.create(
            at=timezone.now(), name=name[:200], sha256=hashed.digest, rows=summary.rows
        )
        log.record(IMPORTED, by=by, about=made, rows=summary.rows, sha256=hashed.digest)
    return summary


def _findings(file: _Hashed, cursor: Any, summary: Summary, progress: Progress) -> Iterator[Finding]:
    """Copy the rows beside the former ones, drop those, and yield what is wrong on the way.

    The key of a new row is its line in the file, counted on from the last key there was.
    """
    cursor.execute(_LAST)
    last = cursor.fetchone()[0]
    with cursor.copy(_COPY) as copy:
        for each in read(file):
            if isinstance(each, Row):
                summary.rows += 1
                copy.write_row((last + each.line, *each[1:]))
                progress(summary.rows)
            else:
                yield each
    if not summary.rows:
        yield Finding.of(0, NothingInIt())
    cursor.execute(_GO_ON)
    cursor.execute(_GIVEN_TWICE, [last])
    while found := cursor.fetchmany(ROWS_A_FETCH):
        for key, first in found:
            yield Finding.of(key - last, PlaceGivenTwice(first=first - last))
    cursor.execute(_DROP_THE_FORMER, [last])
