"""What a run would do, without doing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from inventory.search.housekeeping import Due, due_by
from ssi.access.actor import Actor
from ssi.access.components import Component


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the run of a day would do, by device type and party. Held devices count among the due ones."""

    run_date: date
    due: Sequence[Due]

    @property
    def held(self) -> int:
        """Return how many devices would stay although their time is over."""
        return sum(each.count.held for each in self.due)

    @property
    def removed(self) -> int:
        """Return how many devices would leave the inventory."""
        return sum(each.count.devices for each in self.due) - self.held


def simulate(*, by: Actor) -> Simulation:
    """Return what a run would do now; reads alone. Raises NotAllowed."""
    by.require(Component.SERVICE_DESK)
    today = timezone.localdate()
    return Simulation(today, due_by(today))
