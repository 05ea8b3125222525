"""The demo's audit trail: three months of what its Users sent and received, in line with the devices' histories.

What changed a device's status stands here as the Service Requests that did it; between them suppliers read meters,
a network operator hears of outages, and now and then a device does not answer. The same every time, dated from
today, and nothing of it holds an install code.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from inventory.models import AuditTrailEntry, Device, DeviceStatusChange
from inventory.models.choices import DeviceType, SmiStatus, TrailKind
from ssi.accounts.demo_accounts import PENNINE, THIRDWAYS
from ssi.eui64 import Eui64

SEED: Final = 8_16
DAYS: Final = 91
FIRST_COUNTER: Final = 4_100
METERS_READ: Final = 620
METERS_OUT: Final = 420
METERS_PROFILED: Final = 90
DCC: Final = Eui64.parse("90-B3-D5-1F-30-00-00-02")
"""The target of Service Requests that go to no device, as in the public DUIS test set."""

REQUEST, RESPONSE = TrailKind.SERVICE_REQUEST, TrailKind.SERVICE_RESPONSE
PRE_COMMAND = TrailKind.SIGNED_PRE_COMMAND
DEVICE_ALERT, DCC_ALERT = TrailKind.DEVICE_ALERT, TrailKind.DCC_ALERT

ACKNOWLEDGED: Final = "The request was sent on to the device; its response comes by itself."
_READ: Final = ("I0", "The device answered.", "")
_UNREACHED: Final = ("E20", "The device could not be communicated with.", "Send the request again later.")
_SILENT: Final = (
    "E21",
    "The device did not respond.",
    "Send it again; if it stays silent, raise an incident with the DCC service desk.",
)
_NOT_OURS: Final = (
    "E4",
    "The User Role is not authorised for the device on this day.",
    "Check the registration of its meter point.",
)
_READS: Final = (("4.6.1", 60), ("4.1.1", 20), ("7.4", 14), ("11.2", 6))


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the story; those of the same `request` share its RequestID."""

    at: datetime
    user_id: Eui64
    kind: TrailKind
    code: str
    detail: str
    srv: str = ""
    device_id: Eui64 | None = None
    suggestion: str = ""
    request: tuple[datetime, Eui64] | None = None
    """When the Service Request was sent, and its target; None for alerts that belong to none."""


def load(supplier_now: Mapping[Eui64, Eui64]) -> str:
    """Write the trail of a newly made estate; return a phrase for the terminal. Does nothing if there is one.

    `supplier_now` says who supplies the homes of those that have left the market.
    """
    if AuditTrailEntry.objects.exists():
        return ""
    story = _Story(Random(SEED), timezone.now(), supplier_now)  # noqa: S311 - the same trail every time is the point
    messages = sorted(story.messages(), key=lambda each: (each.at, each.user_id, each.kind, each.code))
    _copy(messages)
    return f"{len(messages):,} messages"


class _Story:
    """Tells what was sent and received, out of one stream of chance."""

    def __init__(self, random: Random, now: datetime, supplier_now: Mapping[Eui64, Eui64]) -> None:
        self.random = random
        self.supplier_now = supplier_now
        self.now = now
        self.begin = now - timedelta(days=DAYS)

    def messages(self) -> Iterator[Message]:
        """Yield all messages up to now."""
        meters = self._meters()
        told = [
            *self._changes(),
            *self._reads(self.random.sample(meters, min(METERS_READ, len(meters)))),
            *self._profiles(self.random.sample(meters, min(METERS_PROFILED, len(meters)))),
            *self._outages(self.random.sample(meters, min(METERS_OUT, len(meters)))),
        ]
        return (each for each in told if self.begin <= each.at <= self.now)

    def _meters(self) -> Sequence[tuple[Eui64, DeviceType, Eui64]]:
        """Return the meters in service with who supplies them: whoever installed them, in the demo's estate."""
        found = Device.objects.filter(
            smi_status=SmiStatus.COMMISSIONED, device_type__in=[DeviceType.ESME, DeviceType.GSME]
        )
        facts = found.order_by("pk").values_list("pk", "device_type", "notified_by_id")
        return [
            (pk, DeviceType(device_type), self.supplier_now.get(user_id, user_id))
            for pk, device_type, user_id in facts
            if user_id is not None
        ]

    # --- What changed the devices ---

    def _changes(self) -> Iterator[Message]:
        hubs = dict(Device.objects.filter(comms_hub__isnull=False).values_list("pk", "comms_hub_id"))
        changes = DeviceStatusChange.objects.filter(at__gte=self.begin, told_by__isnull=False).order_by("at", "pk")
        for change in changes:
            told_by = change.told_by
            if told_by is not None:
                yield from self._of_change(change, told_by, hubs.get(change.device_id))

    def _of_change(self, change: DeviceStatusChange, user_id: Eui64, hub: Eui64 | None) -> Iterator[Message]:
        device_id, at = change.device_id, change.at
        match change.because:
            case "12.2":
                detail = f"{device_id} was pre-notified and is Pending."
                yield self._sent("12.2", at, user_id, to=DCC, about=device_id, answer=("I99", detail, ""))
            case "8.3":
                detail = f"{device_id} was decommissioned."
                yield self._sent("8.3", at, user_id, to=DCC, about=device_id, answer=("I99", detail, ""))
            case "8.11" if hub is not None:
                sent_at = at - self._minutes(1, 12)
                yield self._sent("8.11", sent_at, user_id, to=hub, about=device_id)
                detail = f"{hub} has {device_id} in its device log."
                yield Message(at, user_id, RESPONSE, "I0", detail, "8.11", device_id, "", (sent_at, hub))
                yield Message(at, user_id, DCC_ALERT, "N24", detail, "", device_id, "", (sent_at, hub))
            case "8.1.1":
                sent_at = at - self._minutes(1, 4)
                request = (sent_at - timedelta(seconds=20), device_id)
                yield self._sent("8.1.1", request[0], user_id, to=device_id, about=device_id)
                yield Message(sent_at, user_id, PRE_COMMAND, "I99", ACKNOWLEDGED, "8.1.1", device_id, "", request)
                detail = f"{device_id} is Commissioned."
                yield Message(at, user_id, RESPONSE, "I0", detail, "8.1.1", device_id, "", request)
            case "CPL removal":
                detail = f"{device_id} is Suspended: its Device Model left the Central Products List."
                yield Message(at, user_id, DCC_ALERT, "N28", detail, "", device_id)

    # --- What went on beside ---

    def _reads(self, meters: Iterable[tuple[Eui64, DeviceType, Eui64]]) -> Iterator[Message]:
        """Let suppliers read some meters, each every week or so."""
        for device_id, _, user_id in meters:
            at = self.begin + timedelta(days=self.random.random() * 7)
            while at < self.now:
                yield from self._read(self._one_of(_READS), at, user_id, device_id)
                at += timedelta(days=self.random.choice((5, 6, 7, 7, 7, 9)), minutes=self.random.randint(0, 90))

    def _read(self, srv: str, at: datetime, user_id: Eui64, device_id: Eui64) -> Iterator[Message]:
        chance = self.random.random()
        if chance < 0.006:  # noqa: PLR2004 - six in a thousand are refused
            yield self._sent(srv, at, user_id, to=device_id, about=device_id, answer=_NOT_OURS)
            return
        code, detail, suggestion = _UNREACHED if chance < 0.02 else _SILENT if chance < 0.035 else _READ  # noqa: PLR2004
        yield self._sent(srv, at, user_id, to=device_id, about=device_id)
        later = at + timedelta(seconds=self.random.randint(4, 40) * (1 if code == "I0" else 90))
        yield Message(later, user_id, RESPONSE, code, detail, srv, device_id, suggestion, (at, device_id))

    def _profiles(self, meters: Iterable[tuple[Eui64, DeviceType, Eui64]]) -> Iterator[Message]:
        """Let an Other User read the profile data of its customers' electricity meters, each month."""
        reader = Eui64.parse(THIRDWAYS.user_id)
        for device_id, device_type, _ in meters:
            if device_type is DeviceType.ESME:
                for month in range(3):
                    at = self.begin + timedelta(days=30 * month, minutes=self.random.randint(0, 2_000))
                    yield from self._read("4.8.1", at, reader, device_id)

    def _outages(self, meters: Iterable[tuple[Eui64, DeviceType, Eui64]]) -> Iterator[Message]:
        """Let the network operator hear of outages: a street at a time, and of the supply's return."""
        operator = Eui64.parse(PENNINE.user_id)
        electricity = [device_id for device_id, device_type, _ in meters if device_type is DeviceType.ESME]
        while electricity:
            street = [electricity.pop() for _ in range(min(self.random.randint(3, 26), len(electricity)))]
            at = self.begin + timedelta(minutes=self.random.randint(0, DAYS * 1_440))
            back = at + self._minutes(4, 170)
            for device_id in street:
                heard = at + timedelta(seconds=self.random.randint(60, 180))
                yield Message(heard, operator, DCC_ALERT, "AD1", "The supply was interrupted.", "", device_id)
                returned = back + timedelta(seconds=self.random.randint(0, 90))
                yield Message(returned, operator, DEVICE_ALERT, "8F36", "The supply is back.", "", device_id)

    def _sent(
        self,
        srv: str,
        at: datetime,
        user_id: Eui64,
        *,
        to: Eui64,
        about: Eui64,
        answer: tuple[str, str, str] = ("I99", ACKNOWLEDGED, ""),
    ) -> Message:
        code, detail, suggestion = answer
        return Message(at, user_id, REQUEST, code, detail, srv, about, suggestion, (at, to))

    def _minutes(self, fewest: int, most: int) -> timedelta:
        return timedelta(seconds=self.random.randint(fewest * 60, most * 60))

    def _one_of(self, weighted: Sequence[tuple[str, int]]) -> str:
        return self.random.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]


_COLUMNS: Final = "at, user_id, device_id, target, counter, kind, srv, code, detail, suggestion"


def _copy(messages: Sequence[Message]) -> None:
    with connection.cursor() as cursor, cursor.copy(_INTO) as copy:
        for row in _rows(messages):
            copy.write_row(row)


_INTO: Final = f"COPY {AuditTrailEntry._meta.db_table} ({_COLUMNS}) FROM STDIN"


def _rows(messages: Sequence[Message]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows; the counters of a User's RequestIDs rise as it sends."""
    counters: Counter[Eui64] = Counter()
    given: dict[tuple[Eui64, tuple[datetime, Eui64], str], int] = {}
    for each in messages:
        counter: Decimal | None = None
        if each.request is not None:
            key = (each.user_id, each.request, str(each.device_id))
            if key not in given:
                counters[each.user_id] += 1
                given[key] = FIRST_COUNTER + counters[each.user_id]
            counter = Decimal(given[key])
        yield (
            each.at,
            each.user_id.as_bigint,
            each.device_id.as_bigint if each.device_id else None,
            each.request[1].as_bigint if each.request else None,
            counter,
            int(each.kind),
            each.srv,
            each.code,
            each.detail,
            each.suggestion,
        )
