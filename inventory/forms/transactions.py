"""How people choose what the reports of transactions count."""

from typing import Final

from django import forms

from ssi.eui64 import Eui64, Eui64FormField
from ssi.web.forms import FilterForm

FEW_MONTHS: Final = 3
SPANS: Final = {FEW_MONTHS: "Last 3 months", 12: "Last 12 months", 24: "Last 24 months"}


class MonthsFilter(FilterForm):
    """How many months the report goes back, the running one being the first."""

    months = forms.TypedChoiceField(
        label="Period", choices=[(number, words) for number, words in SPANS.items()], coerce=int, empty_value=None
    )

    @property
    def chosen(self) -> int:
        """Return the number of months; what makes no sense is the shortest."""
        return int(self.active.get("months", FEW_MONTHS))


class DeviceChoice(FilterForm):
    """Which device's transactions are counted."""

    device_id = Eui64FormField(
        label="Device ID", max_length=40, widget=forms.TextInput(attrs={"size": 26, "class": "mono"})
    )

    @property
    def chosen(self) -> Eui64 | None:
        """Return the device, None where none was given or what was given is none."""
        device_id: Eui64 | None = self.active.get("device_id")
        return device_id
