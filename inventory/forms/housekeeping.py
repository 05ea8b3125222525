"""How people ask about housekeeping: DCC's staff choose whose devices, everybody a device type."""

from typing import Any

from django import forms

from inventory.models.choices import DeviceType
from ssi.access.actor import Actor
from ssi.accounts.models import Party
from ssi.web.forms import FilterForm


class PartyFilter(FilterForm):
    """Whose devices to look at: DCC's staff choose, for others there is nothing to choose."""

    party = forms.TypedChoiceField(label="Notifying party", coerce=int, empty_value=None)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if actor.is_dcc:
            parties = Party.objects.order_by("name").values_list("pk", "name")
            self.fields["party"].choices = [("", "All parties"), *parties]  # type: ignore[attr-defined]
        else:
            del self.fields["party"]

    @property
    def party_id(self) -> int | None:
        """Return the party chosen."""
        return self.active.get("party")


class MonthFilter(PartyFilter):
    """Which devices of a month to list."""

    device_type = forms.TypedChoiceField(
        choices=[(each.duis, each.duis) for each in DeviceType], coerce=DeviceType.of, empty_value=None
    )

    @property
    def chosen_type(self) -> DeviceType | None:
        """Return the device type chosen."""
        return self.active.get("device_type")
