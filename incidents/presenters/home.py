"""How the home page reads: a greeting, what one can do, and how urgent each pile is."""

from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone
from django.utils.formats import date_format

from incidents.search.home import Pile
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.uploads.search.quarantine import ToDecide
from ssi.web.templatetags.ssi import count_of

NOON, EVENING = time(12), time(18)


@dataclass(frozen=True, slots=True)
class Can:
    """What an actor may work on, as far as the home page needs to know."""

    search: bool
    raise_requests: bool
    answer_requests: bool
    read_incidents: bool
    read_signed_files: bool
    submit_signed_files: bool
    work_at_the_desk: bool


def can_of(actor: Actor) -> Can:
    """Return what `actor` may work on."""
    return Can(
        search=actor.may(Component.INVENTORY_SEARCH),
        raise_requests=actor.may(Component.INSTALL_CODE_REQUEST_RAISE),
        answer_requests=actor.may(Component.INSTALL_CODE_REQUEST_RESPOND),
        read_incidents=actor.may(Component.INCIDENTS),
        read_signed_files=actor.may(Component.ADT_AND_QUARANTINE_VIEW),
        submit_signed_files=actor.may(Component.ADT_SUBMISSION),
        work_at_the_desk=actor.may(Component.SERVICE_DESK),
    )


@dataclass(frozen=True, slots=True)
class Card:
    """How urgent a pile of work is, as a tone and in a sentence."""

    tone: str
    line: str


def to_answer_card(pile: Pile) -> Card:
    """Return how urgent it is to answer what one is asked."""
    if not pile.count:
        return Card("over", "Nobody is waiting for you.")
    if not pile.overdue:
        return Card("attention", "None is overdue.")
    if pile.overdue == pile.count:
        return Card("bad", "It is overdue." if pile.count == 1 else "All are overdue.")
    return Card("bad", "One is overdue." if pile.overdue == 1 else f"{count_of(pile.overdue)} are overdue.")


def to_decide_card(pile: ToDecide) -> Card:
    """Return how urgent it is to decide about what is quarantined."""
    if pile.first_due_at is None:
        return Card("over", "Nothing of yours is held.")
    if pile.overdue:
        return Card("bad", "One is overdue." if pile.overdue == 1 else f"{count_of(pile.overdue)} are overdue.")
    due_at = timezone.localtime(pile.first_due_at)
    return Card("attention", f"The first decision is due {date_format(due_at, 'D j M, H:i')}.")


def greeting(now: datetime, name: str) -> str:
    """Return "Good morning, Gina": by the clock in London, to the first name."""
    hour = timezone.localtime(now).time()
    part = "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"
    first = name.split(" ", maxsplit=1)[0]
    return f"Good {part}, {first}" if first else f"Good {part}"
