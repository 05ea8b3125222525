"""What people are written to about: a kind of e-mail is declared here before it can be written.

Each app declares its own in its `notices.py`: who is told, when, and whether the law lets a person choose another
pace. The sending code, the page of a person's preferences and `docs/reference/notifications.md` read the same
declaration.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices

from ssi.access.components import Component


class Pace(TextChoices):
    """How soon a person is written to; from the soonest to none."""

    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "In one summary each Working Day"
    NEVER = "never", "Not by e-mail"


PACES = tuple(Pace)


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of e-mail.

    `event` is its key, "<thing>.<what happened>"; `name` is how a person's preferences call it. `when` and `to`
    say in words when it is sent and to whom. `least` is the slowest pace a person may choose; where that is not
    NEVER, `because` says why. `reaches` are the Functional Components whose people get it; empty: everybody.
    """

    event: str
    name: str
    when: str
    to: str
    least: Pace = Pace.NEVER
    because: str = ""
    reaches: tuple[Component, ...] = ()

    def __post_init__(self) -> None:
        if (self.least == Pace.NEVER) == bool(self.because):
            raise ValueError(f"{self.event}: say why it must arrive, exactly where it must.")

    @property
    def field(self) -> str:
        """Return the name of its field in the form of a person's preferences."""
        return self.event.replace(".", "-")

    @property
    def paces(self) -> tuple[Pace, ...]:
        """Return the paces a person may choose among."""
        return PACES[: PACES.index(self.least) + 1]

    def held_to(self, pace: Pace) -> Pace:
        """Return `pace`, or the slowest one allowed where that is sooner."""
        return pace if pace in self.paces else self.least


_declared: dict[str, Notice] = {}


def declare(notice: Notice) -> Notice:
    """Make a kind of e-mail known, once, and return it."""
    if notice.event in _declared:
        raise ValueError(f"{notice.event} is declared already.")
    _declared[notice.event] = notice
    return notice


def declared() -> Sequence[Notice]:
    """Return every declared kind of e-mail, in the order of their events."""
    return [_declared[event] for event in sorted(_declared)]


def find(event: str) -> Notice | None:
    """Return what is declared under `event`, if anything."""
    return _declared.get(event)


DIGEST = declare(
    Notice(
        event="digest.due",
        name="The summary of the Working Day",
        when="Each Working Day at half past eight, unless there is nothing to tell.",
        to="Each person who chose the summary for some kind of e-mail.",
        least=Pace.AT_ONCE,
        because="It is what the person chose in place of e-mails at once.",
    )
)
