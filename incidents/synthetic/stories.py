"""What became of each synthetic request: who asked whom for which device, and the moments of every step."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Final, NamedTuple

from incidents.models.choices import Event, ObligationEnd, State
from inventory.meter_points import MPAN_DIGITS
from ssi.accounts.synthetic import SUPPLIERS, Company
from ssi.working_days import Overrides, count_between, due, is_working_day

IN_THE_MARKET: Final = tuple(each for each in SUPPLIERS if each.left_days_ago is None)
_SHARES: Final = [each.share for each in IN_THE_MARKET]
_BY_USER_ID: Final = {each.user_id.as_bigint: each for each in SUPPLIERS}
_OPENS: Final = 8
_MINUTES_OPEN: Final = 7 * 60
_DECLINED: Final = 0.2
_WITHDRAWN: Final = 0.15
_SLOW: Final = 0.12
_LATELY: Final = 6
_LATE: Final = 11

REASONS: Final = ("We no longer hold the code", "We did not pre-notify this device", "The device was scrapped")
WITHDRAWALS: Final = ("The customer moved out before the visit.", "Our engineer exchanged the meter.")


class Asked(NamedTuple):
    """A device to be asked for; `since_at` is when it was commissioned, None while it waits for that."""

    device_id: int
    device_type: int
    mpxn: str
    notified_by: int
    notified_at: datetime
    since_at: datetime | None


class Story(NamedTuple):
    """One request: its device, who raised it and who was asked instead of whom, its end and its moments."""

    asked: Asked
    raiser: Company
    notifier: Company
    installer: Company
    state: State
    created_at: datetime
    notified_at: datetime
    due_date: date
    ended_by: ObligationEnd | None
    answered_at: datetime | None
    ended_at: datetime | None
    working_days: int | None
    text: str

    @property
    def is_gas(self) -> bool:
        """Tell whether it was raised as a Gas Supplier."""
        return 0 < len(self.asked.mpxn) < MPAN_DIGITS

    def steps(self) -> Iterator[tuple[Event, datetime, Company | None, str]]:
        """Yield its history: what happened, when, by whom (None for the portal), and in which words."""
        yield Event.RAISED, self.created_at, self.raiser, ""
        yield Event.ASSIGNED, self.created_at, None, because(self)
        yield Event.NOTIFIED, self.notified_at, None, "The mail server accepted the e-mail."
        if self.state == State.CLOSED and self.answered_at and self.ended_at:
            yield Event.ANSWERED, self.answered_at, self.installer, ""
            yield Event.REVEALED, self.ended_at - timedelta(hours=3), self.raiser, ""
            yield Event.CLOSED, self.ended_at, self.raiser, "The code worked"
        elif self.state == State.WITH_SERVICE_DESK and self.ended_at:
            yield Event.DECLINED, self.ended_at, self.installer, self.text
        elif self.state == State.WITHDRAWN and self.ended_at:
            yield Event.WITHDRAWN, self.ended_at, self.raiser, self.text


def because(story: Story) -> str:
    """Return why the installing supplier is asked, as the portal puts it."""
    if story.notifier is not story.installer:
        return (
            f"{story.notifier.name}, which pre-notified this device, left the market; "
            f"{story.installer.name} took over its User IDs."
        )
    at = story.asked.notified_at
    return (
        f"{story.notifier.name} pre-notified this device on {at.day} {at:%B %Y} under User ID "
        f"{story.notifier.user_id}."
    )


class Teller:
    """Makes stories out of one stream of chance, by the calendar as it stands."""

    def __init__(self, seed: int, as_of: date, overrides: Overrides) -> None:
        self.random = Random(f"{seed}/requests")  # noqa: S311 - the same estate every time is the point
        self.as_of = as_of
        self.overrides = overrides
        self.due = cache(self._due)
        self.count_between = cache(lambda first, last: count_between(first, last, overrides))

    def tell(self, devices: Iterable[Asked]) -> list[Story]:
        """Return a story for each device, in the order of their beginnings."""
        stories = [self._waiting(each) if each.since_at is None else self._past(each) for each in devices]
        return sorted(stories, key=lambda story: (story.created_at, story.asked.device_id))

    def _due(self, day: date) -> date:
        return due(datetime(day.year, day.month, day.day, _OPENS, tzinfo=UTC), overrides=self.overrides)

    def _waiting(self, asked: Asked) -> Story:
        """A device not commissioned yet: most of its requests wait, some were declined."""
        ago = self._up_to(_LATE if self._happens(_SLOW) else _LATELY)
        created_at = max(self._moment(self.as_of - timedelta(days=1 + ago)), asked.notified_at)
        if not self._happens(_DECLINED):
            return self._story(asked, State.ASSIGNED, created_at, None, None)
        declined_at = created_at + timedelta(minutes=30 + self._up_to(600))
        return self._story(
            asked,
            State.WITH_SERVICE_DESK,
            created_at,
            ObligationEnd.DECLINED,
            declined_at,
            text=self._one(REASONS),
        )

    def _past(self, asked: Asked) -> Story:
        """A device commissioned since: its code was given a few days before, or was not needed after all."""
        commissioned_at = asked.since_at or asked.notified_at
        took = self._up_to(_LATE if self._happens(_SLOW) else _LATELY)
        created_at = self._moment(commissioned_at.date() - timedelta(days=took + 1 + self._up_to(5)))
        created_at = max(created_at, asked.notified_at)
        ended_at = min(created_at + timedelta(days=took, minutes=50 + self._up_to(200)), commissioned_at)
        if self._happens(_WITHDRAWN):
            return self._story(
                asked, State.WITHDRAWN, created_at, ObligationEnd.WITHDRAWN, ended_at, text=self._one(WITHDRAWALS)
            )
        story = self._story(asked, State.CLOSED, created_at, ObligationEnd.ANSWERED, ended_at)
        return story._replace(answered_at=ended_at, ended_at=commissioned_at + timedelta(hours=4))

    def _story(
        self,
        asked: Asked,
        state: State,
        created_at: datetime,
        ended_by: ObligationEnd | None,
        ended_at: datetime | None,
        *,
        text: str = "",
    ) -> Story:
        notifier = _BY_USER_ID[asked.notified_by]
        installer = notifier if notifier.successor is None else SUPPLIERS[notifier.successor]
        notified_at = created_at + timedelta(seconds=5 + self._up_to(90))
        day = notified_at.date()
        return Story(
            asked=asked,
            raiser=self._raiser(notifier, installer),
            notifier=notifier,
            installer=installer,
            state=state,
            created_at=created_at,
            notified_at=notified_at,
            due_date=self.due(day),
            ended_by=ended_by,
            answered_at=None,
            ended_at=ended_at,
            working_days=self.count_between(day, ended_at.date()) if ended_at else None,
            text=text,
        )

    def _raiser(self, notifier: Company, installer: Company) -> Company:
        """Return some other supplier, by its share of the market."""
        while True:
            raiser = self.random.choices(IN_THE_MARKET, _SHARES)[0]
            if raiser not in (notifier, installer):
                return raiser

    def _moment(self, day: date) -> datetime:
        """Return a moment of a Working Day, that day or the last before, in office hours on both clocks."""
        while not is_working_day(day, self.overrides):
            day -= timedelta(days=1)
        opens = datetime(day.year, day.month, day.day, _OPENS, tzinfo=UTC)
        return opens + timedelta(minutes=self._up_to(_MINUTES_OPEN), seconds=self._up_to(60))

    def _happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def _up_to(self, many: int) -> int:
        return int(self.random.random() * many)

    def _one(self, texts: tuple[str, ...]) -> str:
        return texts[self._up_to(len(texts))]
