"""How a file that is being prepared reads: what was found, row by row, and what to do with the file afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from ssi.uploads.actions.preparing import FIRST_LINE, Rehearsed
from ssi.uploads.findings import Found
from ssi.uploads.models import PreparedFile
from ssi.uploads.search.thresholds import Move
from ssi.uploads.typed_thresholds import Typed


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A finding with the row that it is about, as it was typed."""

    found: Found
    typed: Typed | None

    @property
    def where(self) -> str:
        """Return where it is: the line of what was typed, and that of the file, which findings speak of."""
        if self.typed is None:
            return "The header" if self.found.line == 1 else "The file"
        return f"Row {self.typed.line}, line {self.found.line} of the file"


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check found, as the page shows it."""

    rehearsed: Rehearsed
    rows: Sequence[Typed]

    @property
    def problems(self) -> Sequence[FoundLine]:
        """Return what the upload would be rejected for."""
        return [self._line(each) for each in self.rehearsed.problems]

    @property
    def warnings(self) -> Sequence[FoundLine]:
        """Return what a person is to check."""
        return [self._line(each) for each in self.rehearsed.warnings]

    @property
    def changes(self) -> str:
        """Return what changes, in a sentence."""
        difference = self.rehearsed.difference
        if difference is None:
            return ""
        told = [
            f"{difference.counts[move]:,} {move.label.lower()}"
            for move in Move
            if difference.counts[move] and move is not Move.UNCHANGED
        ]
        if difference.compared_with is None:
            return f"No thresholds are in force; {difference.total:,} would be."
        same = f"{difference.counts[Move.UNCHANGED]:,} unchanged"
        return f"Against what is in force: {', '.join([*told, same])}."

    def _line(self, found: Found) -> FoundLine:
        place = found.line - FIRST_LINE
        return FoundLine(found, self.rows[place] if 0 <= place < len(self.rows) else None)


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A prepared file as its page shows it."""

    prepared: PreparedFile

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be signed and sent."""
        return self.prepared.withdrawn_at is None and self.prepared.used_by_id is None

    @property
    def file_url(self) -> str:
        """Return where its bytes are."""
        return reverse("uploads:prepared_thresholds_file", args=[self.prepared.reference])
