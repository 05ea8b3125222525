"""An ARO decides on screen what is to become of quarantined communications. Only a signed file binds.

One statement decides about one or a million. Two AROs at once: the later one wins, and the audit log, which the
page shows, says who decided what and when.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.refusals import Refusal
from ssi.uploads.actions.rights import require_now
from ssi.uploads.formats.exit_quarantine import LONGEST_REASON
from ssi.uploads.formats.fields import problem_with_text
from ssi.uploads.models import PreparedFile, QuarantinedCommunication, QuarantineEvent
from ssi.uploads.models.choices import Decision, Fate
from ssi.uploads.search.quarantine import EventUnknown, Narrowing, RequestKey

MOST_CHOSEN = 500
DECIDED = "quarantine_event.decided_on_screen"


class NothingChosen(Refusal):
    """No communication was chosen."""

    suggestion = "Tick those that you decide about, or decide about all that the filters show."
    field = "chosen"


class NothingHeld(Refusal):
    """None of the communications chosen is still quarantined."""

    suggestion = "Reload the page to see what became of them meanwhile."


class ReasonNotFit(Refusal):
    """The reason {problem}."""

    suggestion = "Say it in one line of up to 200 characters that begins with a letter or a number."
    field = "because"
    source = "Format of the Exit Quarantine file: F30"


@dataclass(frozen=True, slots=True)
class Decided:
    """How many communications fit and are held, and how many of these were decided otherwise before."""

    fitting: int
    changed: int


@transaction.atomic
def decide(
    *,
    reference: str,
    decision: Decision | None,
    because: str = "",
    chosen: Collection[RequestKey] | None = None,
    narrowing: Narrowing | None = None,
    by: Actor,
) -> Decided:
    """Note a decision, or with None take it back, about those held that are `chosen` and fit `narrowing`.

    Without either, about all of the event. A file that was built of other decisions is withdrawn. Raises
    NotAllowed, RoleEnded, EventUnknown, NothingChosen, NothingHeld, ReasonNotFit.
    """
    by.require(Component.EXIT_QUARANTINE_SUBMISSION)
    because = _checked_reason(because) if decision else ""
    if chosen is not None and not chosen:
        raise NothingChosen
    require_now(by, Component.EXIT_QUARANTINE_SUBMISSION)
    event = locked(reference, by=by)
    held = _held(event, chosen, narrowing)
    wish = decision.value if decision else ""
    fitting = held.count()
    if not fitting:
        raise NothingHeld
    changed = held.exclude(wish=wish, wish_because=because).update(wish=wish, wish_because=because)
    if changed:
        withdraw_prepared(event)
        log.record(
            DECIDED,
            by=by,
            about=event,
            decision=wish,
            because=because,
            communications=fitting,
            changed=changed,
            chosen=_in_words(chosen, narrowing),
        )
    return Decided(fitting, changed)


def locked(reference: str, *, by: Actor) -> QuarantineEvent:
    """Return the event with its row locked until the transaction ends. Raises EventUnknown."""
    found = QuarantineEvent.objects.visible_to(by).select_for_update(no_key=True)
    event = found.filter(reference=reference.upper()).first()
    if event is None:
        raise EventUnknown(reference=reference.upper())
    return event


def withdraw_prepared(event: QuarantineEvent) -> None:
    """Withdraw what was built for an event and not taken yet: it says something else than is decided now."""
    unused = PreparedFile.objects.filter(event=event, used_by__isnull=True, withdrawn_at__isnull=True)
    unused.update(withdrawn_at=timezone.now())


def _held(
    event: QuarantineEvent, chosen: Collection[RequestKey] | None, narrowing: Narrowing | None
) -> QuerySet[QuarantinedCommunication]:
    found = (narrowing or Narrowing()).of(event).filter(fate=Fate.HELD)
    if chosen is None:
        return found
    return found.filter(reduce(or_, (Q(target=each.target, counter=each.counter) for each in chosen)))


def _checked_reason(because: str) -> str:
    text = because.strip(" ")
    if problem := problem_with_text(text, LONGEST_REASON):
        raise ReasonNotFit(problem=problem)
    return text


def _in_words(chosen: Collection[RequestKey] | None, narrowing: Narrowing | None) -> str:
    """Say which were meant, for the audit log; a Device ID is not repeated there."""
    if chosen is not None:
        return "ticked"
    if narrowing is None or narrowing == Narrowing():
        return "all"
    words = [f"SRV {narrowing.srv}"] if narrowing.srv else []
    words += ["one target"] if narrowing.target is not None else []
    if narrowing.is_wished is not None:
        words.append("decided before" if narrowing.is_wished else "not decided before")
    return ", ".join(words) or "all"
