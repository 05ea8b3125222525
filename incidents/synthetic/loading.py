"""Writing a synthetic estate's requests: chosen among the devices that are there, told, and copied in order."""

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection

from incidents.models import InstallCodeRequest, InstallCodeRequestEvent, Obligation
from incidents.models.choices import Outcome, Responsibility, State
from incidents.models.install_code_requests import reveals_at_first
from incidents.rules import PERMITTED_STATUSES
from incidents.synthetic.stories import Asked, Story, Teller, because
from inventory.models.choices import DeviceType, SmiStatus
from inventory.synthetic.products import first_and_last
from ssi.access.roles import UserRole
from ssi.accounts.models import UserId
from ssi.calendar.search import overrides
from ssi.copying import (
    NULL,
    Load,
    bigint,
    boolean,
    count,
    days,
    go_on_after,
    integer,
    loading,
    moment,
    next_key,
    smallint,
    text,
)
from ssi.db import REFERENCE_PREFIX
from ssi.partitions import KEYS_A_YEAR, keep_years, keys_of
from ssi.web.progress import Progress
from ssi.web.synthetic import Order

BYTES_A_REQUEST: Final = 2_000
"""Of all tables and indexes of the work together."""

_EFFORT: Final = 10
"""A request is so much more work than a device: its story, its clock and some five lines of history."""

_OPEN: Final = 0.12
_PAST: Final = timedelta(days=730)
_TYPES: Final = (DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID, DeviceType.HCALCS)
_TABLES: Final = tuple(model._meta.db_table for model in (InstallCodeRequest, Obligation, InstallCodeRequestEvent))

_REQUEST: Final = (
    "id",
    "reference",
    "state",
    "device_id",
    "device_type",
    "mpxn",
    "needed_by_date",
    "raised_by_id",
    "raised_by_party_id",
    "raised_in_role",
    "responsibility_claimed_at",
    "assigned_to_id",
    "assigned_because",
    "with_desk_because",
    "created_at",
    "notified_at",
    "due_date",
    "answered_at",
    "ended_at",
    "outcome",
    "reveals",
    "reveals_allowed",
    "responsibility",
)
_OBLIGATION: Final = (
    "id",
    "request_id",
    "installer_id",
    "asked_at",
    "notified_at",
    "first_due_date",
    "due_date",
    "ended_at",
    "ended_by",
    "answered_wrongly",
    "working_days",
    "in_time",
)
_EVENT: Final = ("id", "request_id", "at", "event", "party_name", "text")

# Every so manieth of them, by Device ID, until there are enough.
_DEVICES: Final = """
WITH device AS (
    SELECT device_id, device_type, import_meter_point_id, notified_by_id, notified_at, status_since,
           row_number() OVER (ORDER BY device_id) AS number, count(*) OVER () AS many
    FROM inventory_device
    WHERE device_id >= %(first)s AND device_id < %(last)s AND device_type = ANY(%(types)s)
      AND smi_status = ANY(%(statuses)s) AND status_since >= %(since)s
)
SELECT device.device_id, device_type, coalesce(mpxn, ''), notified_by_id, notified_at, status_since
FROM device LEFT JOIN inventory_meterpoint point ON point.id = import_meter_point_id
WHERE (number - 1) %% greatest(many / greatest(%(wanted)s, 1), 1) = 0 ORDER BY device_id LIMIT %(wanted)s
"""


def prepare(order: Order) -> None:
    """Make nothing: the suppliers and devices come from the floors below."""


def bytes_for(order: Order) -> int:
    """Return how much disk the work takes, indexes included."""
    return order.incidents * BYTES_A_REQUEST


def effort(order: Order) -> float:
    """Return how much work it is, in devices."""
    return float(order.incidents * _EFFORT)


def load(order: Order, progress: Progress) -> str:
    """Raise requests for the devices of the estate and tell each to its end; return a phrase, "" for none."""
    if not order.incidents:
        return ""
    progress.begin("choosing devices for requests")
    with loading(_TABLES) as load:
        stories = Teller(order.seed, order.as_of, overrides()).tell(_choose(order))
        _make_years(stories)
        writing = _Writing(load, stories, order.seed, progress)
        writing.requests()
        writing.obligations()
        writing.history()
        load.finish(lambda work: progress.begin(work.words))
    return f"{len(stories):,} Requests for Install Code"


def _make_years(stories: Sequence[Story]) -> None:
    """Make the years in which the stories begin, where the table lacks them."""
    if not stories:
        return
    first, last = stories[0].created_at.date(), stories[-1].created_at.date()
    keep_years(_TABLES[0], today=last, back=last.year - first.year, ahead=0)


def _choose(order: Order) -> list[Asked]:
    """Return devices that wait for their codes, and those commissioned lately, or earlier if these are too few."""
    now = datetime(order.as_of.year, order.as_of.month, order.as_of.day, tzinfo=UTC)
    waiting = _devices(PERMITTED_STATUSES, now - _PAST, round(order.incidents * _OPEN))
    wanted = order.incidents - len(waiting)
    past = _devices({SmiStatus.COMMISSIONED}, now - _PAST, wanted)
    if len(past) < wanted:
        past = _devices({SmiStatus.COMMISSIONED}, now - 5 * _PAST, wanted)
    return [each._replace(since_at=None) for each in waiting] + past


def _devices(statuses: Set[SmiStatus], since: datetime, wanted: int) -> list[Asked]:
    first, last = first_and_last()
    with connection.cursor() as cursor:
        cursor.execute(
            _DEVICES,
            {
                "first": first.as_bigint,
                "last": last.as_bigint,
                "types": [each.value for each in _TYPES],
                "statuses": sorted(each.value for each in statuses),
                "since": since,
                "wanted": wanted,
            },
        )
        return [Asked(*row) for row in cursor]


class _Writing:
    """Stories on their way into the tables, their keys in the order of their beginnings: year and number."""

    def __init__(self, load: Load, stories: Sequence[Story], seed: int, progress: Progress) -> None:
        self.load = load
        self.stories = stories
        self.seed = seed
        self.progress = progress
        self.first = _last_number() + 1
        self.parties = dict(UserId.objects.values_list("eui", "party_id"))
        self.reveals_allowed = smallint(reveals_at_first())

    def requests(self) -> None:
        """Copy the requests."""
        self.load.copy(_TABLES[0], _REQUEST, map(self._request, self._told("requests", 5)))
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [_TABLES[0], _last_number()])

    def obligations(self) -> None:
        """Copy one clock for each."""
        begin = next_key(_TABLES[1])
        told = enumerate(self._told("clocks", 2), start=begin)
        rows = (_obligation(number, key, story) for number, (key, story) in told)
        self.load.copy(_TABLES[1], _OBLIGATION, rows)
        go_on_after(_TABLES[1])

    def history(self) -> None:
        """Copy the steps of each."""
        self.load.copy(_TABLES[2], _EVENT, self._steps(next_key(_TABLES[2])))
        go_on_after(_TABLES[2])

    def _told(self, what: str, effort: int) -> Iterator[tuple[int, Story]]:
        self.progress.begin(what)
        for number, story in enumerate(self.stories, start=self.first):
            yield keys_of(story.created_at) + number, story
            self.progress.advance(effort)

    def _steps(self, next_key: int) -> Iterator[bytes]:
        for key, story in self._told("history of requests", 3):
            for event, at, company, words in story.steps():
                party = company.name if company else ""
                yield b"".join(
                    (_STEP, bigint(next_key), bigint(key), moment(at), text(event), text(party), text(words))
                )
                next_key += 1

    def _request(self, keyed: tuple[int, Story]) -> bytes:
        key, story = keyed
        created_at = moment(story.created_at)
        is_closed, is_over = story.state == State.CLOSED, story.state in (State.CLOSED, State.WITHDRAWN)
        is_declined = story.state == State.WITH_SERVICE_DESK
        return b"".join(
            (
                _ROW,
                bigint(key),
                text(_reference(self.seed, key)),
                text(story.state),
                bigint(story.asked.device_id),
                smallint(story.asked.device_type),
                text(story.asked.mpxn),
                NULL,
                bigint(story.raiser.user_id.as_bigint),
                bigint(self.parties[story.raiser.user_id]),
                text(UserRole.GS if story.is_gas else UserRole.IS),
                created_at,
                bigint(story.installer.user_id.as_bigint),
                text(because(story)),
                text(f"{story.installer.name} declined: {story.text}." if is_declined else ""),
                created_at,
                moment(story.notified_at),
                NULL if is_declined else integer(days(story.due_date)),
                moment(story.answered_at),
                moment(story.ended_at if is_over else None),
                text(Outcome.WORKED if is_closed else ""),
                smallint(1 if is_closed else 0),
                self.reveals_allowed,
                text(Responsibility.CONFIRMED if is_closed else Responsibility.UNCHECKED),
            )
        )


_ROW: Final = count(len(_REQUEST))
_CLOCK: Final = count(len(_OBLIGATION))
_STEP: Final = count(len(_EVENT))
_REFERENCES: Final = 10**12
_STRIDE: Final = 387_420_489_131
"""No divisor in common with the number of references: each key has a reference of its own that tells no order."""


def _last_number() -> int:
    """Return the last number that a request's key holds behind its year, 0 where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id %% %s), 0) FROM {_TABLES[0]}", [KEYS_A_YEAR])  # noqa: S608 - a model's
        return int(cursor.fetchone()[0])


def _reference(seed: int, key: int) -> str:
    return f"{REFERENCE_PREFIX}{(seed * 7_919 + key % KEYS_A_YEAR * _STRIDE) % _REFERENCES:012d}"


def _obligation(key: int, request: int, story: Story) -> bytes:
    ended_at = story.answered_at or story.ended_at
    due = integer(days(story.due_date))
    in_time = ended_at.date() <= story.due_date if ended_at else None
    return b"".join(
        (
            _CLOCK,
            bigint(key),
            bigint(request),
            bigint(story.installer.user_id.as_bigint),
            moment(story.created_at),
            moment(story.notified_at),
            due,
            due,
            moment(ended_at if story.ended_by else None),
            text(story.ended_by or ""),
            boolean(False),
            smallint(story.working_days),
            boolean(in_time),
        )
    )
