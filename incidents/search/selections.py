"""Requests that somebody chose from a list, ticked one by one or all that a filter finds, to do something with."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, Q

from incidents.models import InstallCodeRequest
from incidents.models.choices import Side, State
from incidents.search.install_code_requests import NEWEST_FIRST, Requests, requests_of, with_parties
from ssi.access.actor import Actor
from ssi.refusals import NotInThisState, Refusal

MOST_SHOWN: Final = 20


class NothingChosen(Refusal):
    """No request is chosen."""

    suggestion = "Tick some in the list, or choose all that its filter finds."


class TooManyChosen(Refusal):
    """More than {most:,} requests are chosen."""

    suggestion = "Tick fewer, or narrow the filter, and do it in parts."


class ChoiceChanged(NotInThisState):
    """Meanwhile other requests than you saw can be dealt with."""

    suggestion = "Look at the numbers once more; they are new."


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen: by reference, or with `everything` all that the `narrowing` of a list finds."""

    references: Sequence[str] = ()
    everything: bool = False
    narrowing: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen, as it is now: those that can be dealt with, and the first of those that cannot.

    `seen` stands for exactly these requests: whoever confirms says with it what they saw.
    """

    able: Sequence[int]
    unable_by_state: Mapping[State, int]
    some_unable: Sequence[InstallCodeRequest]

    @property
    def unable(self) -> int:
        """Return how many requests cannot be dealt with."""
        return sum(self.unable_by_state.values())

    @property
    def total(self) -> int:
        """Return how many requests were chosen."""
        return len(self.able) + self.unable

    @property
    def seen(self) -> str:
        """Return a digest of the requests that can be dealt with."""
        return hashlib.sha256(",".join(map(str, self.able)).encode()).hexdigest()[:32]

    def require(self, seen: str) -> None:
        """Pass if these are the requests that were seen. Raises ChoiceChanged."""
        if seen != self.seen:
            raise ChoiceChanged


def select(chosen: Chosen, *, side: Side, can: Q, most: int, by: Actor) -> Selection:
    """Return what `by` chose on one side of requests; those that meet `can` can be dealt with.

    Raises NothingChosen, TooManyChosen.
    """
    found = _found(chosen, side, by)
    able = list(found.filter(can).order_by("pk").values_list("pk", flat=True)[: most + 1])
    if len(able) > most:
        raise TooManyChosen(most=most)
    rest = found.exclude(can)
    counted = rest.order_by("state").values_list("state").annotate(requests=Count("pk"))
    by_state = {State(state): requests for state, requests in counted}
    selection = Selection(able, by_state, list(with_parties(rest).order_by(*NEWEST_FIRST)[:MOST_SHOWN]))
    if not selection.total:
        raise NothingChosen
    return selection


def of_keys(keys: Iterable[int]) -> Requests:
    """Return the requests with these keys, in the order of their keys."""
    return InstallCodeRequest.objects.filter(pk__in=keys).order_by("pk")


def _found(chosen: Chosen, side: Side, by: Actor) -> Requests:
    if chosen.everything:
        return requests_of(by, side=side, **chosen.narrowing)
    return requests_of(by, side=side).by_reference(*(each.upper() for each in chosen.references))
