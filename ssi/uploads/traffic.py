"""How many messages a User sent, by hour: thresholds are held against it.

The floor that keeps the messages hands its source over when the portal starts; without one there is no traffic to
compare with.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from ssi.eui64 import Eui64


class Hour(NamedTuple):
    """How many messages of one kind were sent in the hour that began at `began_at` (UTC).

    `message_type` is SR or SPC, as in a threshold.
    """

    srv: str
    message_type: str
    began_at: datetime
    messages: int


Source = Callable[[Eui64, datetime, datetime, Collection[str]], Iterator[Hour]]
"""Yields the hours of a User ID from a moment up to another, of some Service Reference Variants; empty: all."""

Since = Callable[[], datetime | None]
"""Returns since when Signed Pre-Commands are told from Service Requests; None: not known yet."""

_sources: list[Source] = []
_sinces: list[Since] = []


def add(source: Source, *, pre_commands_since: Since) -> None:
    """Let `source` be asked; called once when the portal starts."""
    _sources.append(source)
    _sinces.append(pre_commands_since)


def pre_commands_since() -> datetime | None:
    """Return since when every source tells Signed Pre-Commands apart; before, they count as Service Requests."""
    told = [since() for since in _sinces]
    return None if None in told else max(filter(None, told), default=None)


def hours(user_id: Eui64, begin: datetime, end: datetime, srvs: Collection[str] = ()) -> Iterator[Hour]:
    """Yield what the User ID sent from `begin` up to `end`, by hour; hours without any message are left out."""
    for source in _sources:
        yield from source(user_id, begin, end, srvs)
