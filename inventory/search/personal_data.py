"""Whose address one sees: personal data of meter points shows to parties registered there, and to DCC.

The address and UPRN of a meter point show to a party of which any User ID has a registration for it, as supplier
or network operator, that runs today or is agreed for later. The day after its last registration ended it sees
nothing more. A User ID that a party took over (Succession) counts as one of its own: registration data name the
failed supplier for a while longer. Source: SEC H8.16; DUIS 8.2 (domain 8); of successors ours.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, DateField, F, Q
from django.utils import timezone

from inventory.models import Device, Registration
from inventory.search.related import METER_POINTS, AnyOf
from ssi.access.actor import Actor
from ssi.accounts.search import Successor, successors
from ssi.eui64 import Eui64, Eui64Field
from ssi.prepared import Prepared, Slot

FIELDS: Final = ("uprn", "post_code", "address_identifier")
"""The fields of a meter point that are personal data."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What an actor sees of the meter points asked for: all of them, or those with these keys."""

    points: frozenset[int]
    is_all: bool = False

    def shows(self, point_id: int | None) -> bool:
        """Tell whether the personal data of a meter point shows; of none at all there is nothing to withhold."""
        return self.is_all or point_id is None or point_id in self.points

    @classmethod
    def of_devices(
        cls, devices: Iterable[Device], actor: Actor, *, taken_over: Mapping[Eui64, Successor] | None = None
    ) -> Self:
        """Return what `actor` sees of the meter points of these devices; two queries, none for DCC."""
        points = {getattr(device, name) for device in devices for name in METER_POINTS}
        return cls.of_points(points, actor, taken_over=taken_over)

    @classmethod
    def of_points(
        cls,
        points: Collection[int | None],
        actor: Actor,
        *,
        taken_over: Mapping[Eui64, Successor] | None = None,
    ) -> Self:
        """Return what `actor` sees of the meter points with these keys; two queries, none for DCC.

        `taken_over` is what `successors` says of today, where the caller knows it already.
        """
        if actor.is_dcc or actor.is_system:
            return cls(frozenset(), is_all=True)
        if actor.party_id is None:
            return cls(frozenset())
        keys = [each for each in points if each is not None]
        return cls(points_registered_for(actor.party_id, keys, taken_over=taken_over))


_REGISTERED: Final = Prepared(
    lambda: Registration.objects.filter(
        Q(to_date__isnull=True) | Q(to_date__gte=Slot("on", DateField())),
        AnyOf(F("meter_point"), Slot("points", ArrayField(BigIntegerField()))),
        Q(user_id__party=Slot("party", BigIntegerField()))
        | Q(AnyOf(F("user_id"), Slot("taken_over", ArrayField(Eui64Field())))),
    ).values_list("meter_point_id", flat=True)
)


def points_registered_for(
    party_id: int,
    points: Collection[int],
    on: date | None = None,
    *,
    taken_over: Mapping[Eui64, Successor] | None = None,
) -> frozenset[int]:
    """Return which of the meter points with these keys a party is registered for on a day (today) or later.

    So it is where a User ID is that it had taken over by then; two queries, none where there are no points.
    """
    if not points:
        return frozenset()
    heirs = successors(on) if taken_over is None else taken_over
    its_own = [user_id for user_id, heir in heirs.items() if heir.user_id.party_id == party_id]
    today = on or timezone.localdate()
    return frozenset(_REGISTERED(on=today, points=list(points), party=party_id, taken_over=its_own))
