"""Finding devices that are in the inventory no more: for a year each is known by its Device ID."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, OuterRef, Subquery

from inventory.models import RemovedDevice
from inventory.models.choices import Removal
from inventory.search.related import AnyOf
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.working_days import LONDON, day_in_words


@dataclass(frozen=True, slots=True)
class Removed:
    """A device that left the inventory, and the name of the party that had pre-notified it, "" if unknown."""

    device: RemovedDevice
    party: str

    @property
    def in_words(self) -> str:
        """Return when and how it left, such as "removed on Wed 3 Jun 2026 by housekeeping"."""
        day = day_in_words(self.device.removed_at.astimezone(LONDON).date())
        how = Removal(self.device.how)
        return f"removed on {day} {how.label}" if how == Removal.HOUSEKEEPING else f"{how.label} on {day}"


def removed_among(device_ids: Collection[Eui64]) -> dict[Eui64, Removed]:
    """Return those of the devices that left the inventory, each as it left last; one query, none for none."""
    if not device_ids:
        return {}
    name = UserId.objects.filter(pk=OuterRef("notified_by")).values("party__name")[:1]
    rows = RemovedDevice.objects.filter(AnyOf(F("device_id"), [each.as_bigint for each in device_ids]))
    found = rows.annotate(party_name=Subquery(name)).order_by("removed_at", "pk")
    return {each.device_id: Removed(each, each.party_name or "") for each in found}
