"""How work on many requests at once leaves in a file: the rows that cannot be done, and every row's result."""

from collections.abc import Iterable, Iterator

from incidents.actions.bulk import findings
from incidents.models import BulkRow
from incidents.presenters.batches import bad_row

BAD_ROWS_HEADER = ("Line", "Given", "What is wrong", "What to do")
RESULTS_HEADER = (
    "Line",
    "Given",
    "Result",
    "Reference",
    "State",
    "Asked",
    "What is wrong",
    "What to do",
)


def bad_row_lines(rows: Iterable[BulkRow]) -> Iterator[tuple[object, ...]]:
    """Yield the rows that cannot be done as lines of a file."""
    for row in rows:
        bad = bad_row(row)
        yield bad.line, bad.given, bad.message, bad.way_out


def result_lines(rows: Iterable[BulkRow]) -> Iterator[tuple[object, ...]]:
    """Yield every row with what became of it."""
    for row in rows:
        request = row.request
        asked = request.assigned_to if request else None
        yield (
            row.line,
            row.given,
            _result_of(row),
            request.reference if request else "",
            request.get_state_display() if request else "",
            asked.party.name if asked else "",
            *findings.sentence(row),
        )


def _result_of(row: BulkRow) -> str:
    if row.finding:
        return "Not done"
    return "Done" if row.done_at else "Not done yet"
