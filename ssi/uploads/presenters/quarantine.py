"""How quarantine events, and what they hold, read on their pages and in files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.uploads.models import PreparedFile, QuarantinedCommunication, QuarantineEvent, Upload
from ssi.uploads.models.choices import Decision, Fate
from ssi.uploads.search.quarantine import Narrowing, Row, Sums
from ssi.uploads.service_reference_variants import name_of
from ssi.web.pages import Page
from ssi.web.tones import ATTENTION, BAD, GOOD, OVER, UNDER_WAY

_HOUR: Final = 3_600
_DAY: Final = 24 * _HOUR
_SOON: Final = 6 * _HOUR

FATE_TONES: Final = {
    Fate.HELD: ATTENTION,
    Fate.DECIDED: UNDER_WAY,
    Fate.RELEASED: GOOD,
    Fate.DELETED: OVER,
}

CSV_HEADER: Final = (
    "RequestID",
    "Service Reference Variant",
    "Quarantined at",
    "Stands",
    "Decided on screen",
    "Reason",
    "Decided by the signed file",
    "Signed file",
    "Ended at",
)


def duration(seconds: float) -> str:
    """Return a duration in its largest unit, such as "3 hours"."""
    for unit, length in (("day", _DAY), ("hour", _HOUR), ("minute", 60)):
        if seconds >= (2 * length if unit == "day" else length):
            number = int(seconds // length)
            return f"{number:,} {unit}{'' if number == 1 else 's'}"
    return "less than a minute"


@dataclass(frozen=True, slots=True)
class Due:
    """How much time is left to decide, in words; nothing where nothing is held any more."""

    event: QuarantineEvent
    now: datetime

    @property
    def is_open(self) -> bool:
        """Tell whether something still waits for a signed file."""
        return self.event.held > 0

    @property
    def is_overdue(self) -> bool:
        """Tell whether the time has passed."""
        return self.is_open and self.event.due_at < self.now

    @property
    def words(self) -> str:
        """Return how long there is, or was."""
        seconds = (self.event.due_at - self.now).total_seconds()
        return f"Overdue by {duration(-seconds)}" if seconds < 0 else f"{duration(seconds)} left"

    @property
    def tone(self) -> str:
        """Return how the words are marked."""
        if self.is_overdue:
            return BAD
        return ATTENTION if (self.event.due_at - self.now).total_seconds() < _SOON else UNDER_WAY


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event as a line of the cockpit."""

    event: QuarantineEvent
    due: Due

    @property
    def number(self) -> str:
        """Return the Quarantine Event Ref."""
        return digits(self.event.event_ref)

    @property
    def stands(self) -> str:
        """Return where an event stands of which nothing is held any more."""
        return "Decided, with DCC" if self.event.decided else "Ended"

    @property
    def age(self) -> str:
        """Return how long ago it began."""
        return duration((self.due.now - self.event.began_at).total_seconds())


def event_lines(page: Page[QuarantineEvent]) -> list[EventLine]:
    """Return the lines of a page of the cockpit."""
    now = timezone.now()
    return [EventLine(event, Due(event, now)) for event in page.rows]


@dataclass(frozen=True, slots=True)
class CommunicationLine:
    """A communication as a line of its event's page; `device_url` is "" where the target is no device."""

    communication: QuarantinedCommunication
    device_url: str

    @property
    def key(self) -> str:
        """Return what its tick sends."""
        return f"{self.communication.target}:{int(self.communication.counter)}"

    @property
    def counter(self) -> int:
        """Return the last part of its RequestID."""
        return int(self.communication.counter)

    @property
    def is_held(self) -> bool:
        """Tell whether it may be decided about."""
        return bool(self.communication.fate == Fate.HELD)

    @property
    def tone(self) -> str:
        """Return how its state is marked."""
        return FATE_TONES[Fate(self.communication.fate)]

    @property
    def srv_name(self) -> str:
        """Return what its Service Reference Variant is called."""
        return name_of(self.communication.srv)

    @property
    def decision(self) -> str:
        """Return what a signed file decided, else what is decided on screen, in words."""
        decided = self.communication.decision or (self.communication.wish if self.is_held else "")
        return Decision(decided).label if decided else ""


@dataclass(frozen=True, slots=True)
class SumLine:
    """The sums of one Service Reference Variant."""

    sums: Sums

    @property
    def name(self) -> str:
        """Return what the Service Reference Variant is called."""
        return name_of(self.sums.srv)


@dataclass(frozen=True, slots=True)
class EventPage:
    """An event as its page shows it; `devices` are the addresses of the targets that are devices."""

    event: QuarantineEvent
    actor: Actor
    rows: Sequence[QuarantinedCommunication]
    sums: Sequence[Sums]
    prepared: PreparedFile | None
    uploads: Sequence[Upload]
    history: Sequence[AuditEvent]
    devices: Mapping[Eui64, str]
    now: datetime

    @property
    def due(self) -> Due:
        """Return how much time is left."""
        return Due(self.event, self.now)

    @property
    def number(self) -> str:
        """Return the Quarantine Event Ref."""
        return digits(self.event.event_ref)

    @property
    def lines(self) -> list[CommunicationLine]:
        """Return the communications of this page of the list."""
        return [CommunicationLine(each, self.devices.get(each.target, "")) for each in self.rows]

    @property
    def sum_lines(self) -> list[SumLine]:
        """Return the sums by Service Reference Variant."""
        return [SumLine(each) for each in self.sums]

    @property
    def held(self) -> int:
        """Return how many are to be decided about."""
        return sum(each.held for each in self.sums)

    @property
    def wished(self) -> int:
        """Return how many of these are decided on screen."""
        return self.held - self.left

    @property
    def left(self) -> int:
        """Return how many are to be decided yet."""
        return sum(each.left for each in self.sums)

    @property
    def may_decide(self) -> bool:
        """Tell whether the reader may decide here."""
        may = self.actor.may(Component.EXIT_QUARANTINE_SUBMISSION)
        return may and self.actor.user_id == self.event.user_id_id and self.held > 0

    @property
    def may_read_files(self) -> bool:
        """Tell whether the reader may have the file to be signed."""
        return self.actor.user_id == self.event.user_id_id and self.actor.may(Component.EXIT_QUARANTINE_SUBMISSION)

    @property
    def why_not_build(self) -> str:
        """Return why no file can be built yet, "" where one can."""
        if not self.left:
            return ""
        return f"{self.left:,} of {self.held:,} are not decided yet"

    @property
    def open_file(self) -> PreparedFile | None:
        """Return the newest prepared file where it can still be signed and sent."""
        prepared = self.prepared
        return prepared if prepared and prepared.withdrawn_at is None and prepared.used_by_id is None else None

    @property
    def was_withdrawn(self) -> bool:
        """Tell whether the newest prepared file was withdrawn, and none took its place."""
        return self.prepared is not None and self.prepared.withdrawn_at is not None

    @property
    def is_file_old(self) -> bool:
        """Tell whether more was quarantined since the file was built: it would not be complete."""
        return self.open_file is not None and self.open_file.lines != self.held

    @property
    def happened(self) -> list[Mapping[str, Any]]:
        """Return the event's history for the timeline."""
        return [_happened(each, self.actor) for each in self.history]


def digits(value: Decimal | int) -> str:
    """Return a number of the database as its digits."""
    return str(int(value))


_TITLES: Final = {
    "quarantine_event.opened": "Quarantined by DCC",
    "quarantine_event.opened_again": "More quarantined by DCC after it was over",
    "quarantine_event.file_prepared": "File to sign built",
}


def chosen_in_words(narrowing: Narrowing) -> list[tuple[str, object]]:
    """Return which communications are meant, as label and value."""
    facts: list[tuple[str, object]] = []
    if narrowing.srv:
        facts.append(("Service Reference Variant", f"{narrowing.srv} {name_of(narrowing.srv)}"))
    if narrowing.target is not None:
        facts.append(("Target Device ID", narrowing.target))
    if narrowing.is_wished is not None:
        facts.append(("Decided on screen", "Yes" if narrowing.is_wished else "Not yet"))
    return facts


_FATES: Final = dict(Fate.choices)


def decided_in_words(number: int, decision: str) -> str:
    """Say what was just decided on screen."""
    what = f"{number:,} communication{'' if number == 1 else 's'}"
    if decision == Decision.RELEASE:
        return f"You decided to release {what}."
    if decision == Decision.DELETE:
        return f"You decided to delete {what}."
    return f"The decision about {what} was taken back."


def _happened(event: AuditEvent, actor: Actor) -> Mapping[str, Any]:
    title = _TITLES.get(event.event) or _decided_in_words(event.detail)
    return {"title": title, "at": event.at, "by": _who(event, actor), "detail": event.detail.get("because", "")}


def _decided_in_words(detail: Mapping[str, Any]) -> str:
    """Say what was decided on screen, about how many, and which."""
    decision = detail.get("decision", "")
    done = f"Decided on screen: {Decision(decision).label.lower()}" if decision else "Decision taken back"
    number = int(detail.get("communications", 0))
    chosen = str(detail.get("chosen", ""))
    return f"{done}, {number:,} communication{'' if number == 1 else 's'} ({chosen})"


def _who(event: AuditEvent, actor: Actor) -> str:
    if event.via == "system" or not event.person_email:
        return "the portal"
    return event.person_email if event.party_name != "DCC" or actor.is_dcc else "DCC"


def csv_rows(event: QuarantineEvent, found: Iterator[Row]) -> Iterator[Sequence[object]]:
    """Yield the communications as rows of a CSV file; times are in London's."""
    for each in found:
        yield (
            f"{event.user_id_id}:{each.target}:{each.counter}",
            each.srv,
            _moment(each.held_at),
            _FATES[each.fate],
            each.wish,
            each.wish_because,
            each.decision,
            each.upload or "",
            _moment(each.ended_at),
        )


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""
