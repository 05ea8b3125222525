"""How clocks read on a screen: the count day by day, and the clocks before this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from incidents.models import InstallCodeRequest, Obligation
from incidents.models.choices import ObligationEnd, State
from incidents.search.obligations import Clocks
from ssi.working_days import CountedDay, explain

THEIR_OWN = frozenset({ObligationEnd.ANSWERED, ObligationEnd.DECLINED})
"""How an installing supplier itself ends a clock."""


@dataclass(frozen=True, slots=True)
class EarlierClock:
    """A clock that ended: who was asked, when they were told, until when they had, and how it ended."""

    obligation: Obligation
    ended: str


@dataclass(frozen=True, slots=True)
class ClockPart:
    """The part of a request's page that is about its clock.

    `counted` is the count of the present clock day by day, empty before the notice; `first_due_date` is set where
    the calendar has moved the due date since.
    """

    counted: Sequence[CountedDay]
    first_due_date: date | None
    earlier: Sequence[EarlierClock]

    @property
    def working_days(self) -> int:
        """Return within how many Working Days an answer is due."""
        return settings.SSI_INSTALL_CODE_RESPONSE_WORKING_DAYS


def clock_of(request: InstallCodeRequest, clocks: Clocks) -> ClockPart:
    """Return what the request's page says about its clocks, as its reader may see them."""
    present, earlier = _divided(request, clocks.rows)
    moved = present is not None and present.first_due_date != present.due_date
    return ClockPart(
        counted=_counted(present, clocks) if present else (),
        first_due_date=present.first_due_date if present and moved else None,
        earlier=[EarlierClock(each, _ended(each)) for each in earlier],
    )


def _divided(
    request: InstallCodeRequest, newest_first: Sequence[Obligation]
) -> tuple[Obligation | None, Sequence[Obligation]]:
    """Return the clock that the page's head speaks of, if there is one, and those before it."""
    if not newest_first or request.state == State.WITH_SERVICE_DESK:
        return None, newest_first
    return newest_first[0], newest_first[1:]


def _counted(clock: Obligation, clocks: Clocks) -> Sequence[CountedDay]:
    """Return the count of Working Days (SEC App AC 4.16(c)), unless the calendar has changed since it ended."""
    if clock.notified_at is None or clock.due_date is None:
        return ()
    days = explain(clock.notified_at, settings.SSI_INSTALL_CODE_RESPONSE_WORKING_DAYS, clocks.days_over)
    return days if days[-1].day == clock.due_date else ()


def _ended(clock: Obligation) -> str:
    """Return how a clock ended and on which Working Day; of the installer's own moves also whether in time."""
    how = clock.get_ended_by_display() if clock.ended_by else "Ended"
    wrong = "; the code was wrong" if clock.answered_wrongly else ""
    if clock.notified_at is None or clock.working_days is None:
        return f"{how} before the clock ran{wrong}"
    in_time = f"{' in time' if clock.in_time else ' late'}," if clock.ended_by in THEIR_OWN else ""
    day = f"on Working Day {clock.working_days}" if clock.working_days else "before the first Working Day"
    return f"{how}{in_time} {day}{wrong}"
