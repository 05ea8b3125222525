"""How a User's audit trail reads on a screen and in a file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils import timezone

from inventory.models import TrailMessage
from inventory.models.choices import SENT_KINDS, TrailKind
from inventory.presenters.duis_words import meaning_of, name_of, succeeded
from inventory.search.service_requests import address_key

MOST_IN_A_FILE: Final = 50_000
CSV_HEADER: Final = (
    "At (London)",
    "Kind",
    "SRV",
    "Service Reference",
    "Device ID",
    "RequestID",
    "Code",
    "Meaning",
    "Detail",
    "Suggestion",
)
_ALERT: Final = ("Alert", "waiting")
_WARNING: Final = ("With a warning", "attention")
_REQUEST: Final = {True: ("Accepted", "good"), False: ("Refused", "bad")}
_RESPONSE: Final = {True: ("Succeeded", "good"), False: ("Failed", "bad")}


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a list or its own page shows it."""

    entry: TrailMessage

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return reverse("inventory:service_request", args=[address_key(self.entry)])

    @property
    def kind(self) -> TrailKind:
        """Return what it is."""
        return TrailKind(self.entry.kind)

    @property
    def name(self) -> str:
        """Return the name of its Service Reference Variant, "" where it is not known or there is none."""
        return name_of(self.entry.srv)

    @property
    def meaning(self) -> str:
        """Return what its code means, or where that stands."""
        return meaning_of(self.entry.code, self.kind)

    @property
    def outcome(self) -> str:
        """Return in a word what came of it."""
        return self._tag[0]

    @property
    def tone(self) -> str:
        """Return the tone of that word."""
        return self._tag[1]

    @property
    def _tag(self) -> tuple[str, str]:
        went_well = succeeded(self.entry.code, self.kind)
        if went_well is None:
            return _ALERT
        if self.entry.code.startswith("W"):
            return _WARNING
        return (_REQUEST if self.kind in SENT_KINDS else _RESPONSE)[went_well]


def lines(entries: Iterable[TrailMessage]) -> Sequence[Line]:
    """Return messages as a list shows them."""
    return [Line(entry) for entry in entries]


def csv_rows(entries: Iterable[TrailMessage]) -> Iterator[Sequence[object]]:
    """Yield messages as lines of a CSV file, the last one saying so if there are more than a file holds."""
    for number, entry in enumerate(entries):
        if number == MOST_IN_A_FILE:
            yield [f"More than {MOST_IN_A_FILE:,} messages fit. Narrow the filters to have the rest."]
            return
        line = Line(entry)
        yield [
            f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}",
            line.kind.label,
            entry.srv,
            line.name,
            str(entry.device_id or ""),
            entry.request_id,
            entry.code,
            line.meaning,
            entry.detail,
            entry.suggestion,
        ]
