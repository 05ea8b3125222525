"""How people ask for devices: the search box, the filters, the pasted list."""

from collections import Counter
from typing import Any, Self, cast

from django import forms

from inventory.meter_points import NotAMeterPoint, parse_typed
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search import Filters, every_user, identifiers_in
from ssi.eui64 import Eui64
from ssi.web.forms import FilterForm, RefusableForm, SuggestedError
from ssi.web.tones import tone_of

MOST_ON_SCREEN = 5_000


class SearchForm(RefusableForm):
    """The one search box; what it takes is told apart by its shape (inventory.recognise)."""

    blamed = "q"

    q = forms.CharField(
        label="Find a device",
        required=False,
        max_length=200_000,
        help_text="Device ID, MPAN, MPRN or incident reference. Several at once are looked up as a list.",
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "spellcheck": "false",
                "data-search-key": "",
            }
        ),
    )


def notifying_users() -> list[tuple[str, str]]:
    """Return the choices of a notifying party; its User ID stands beside it where it has several."""
    users = every_user()
    of_party = Counter(party for _, party in users)
    names = ((str(eui), party if of_party[party] == 1 else f"{party} ({eui})") for eui, party in users)
    return [("", "Any"), *names]


class DeviceFilter(FilterForm):
    """The filters of the list; each has an index behind it."""

    device_type = forms.TypedChoiceField(
        label="Device type",
        choices=[("", "Any"), *((each.duis, each.duis) for each in DeviceType)],
        coerce=DeviceType.of,
        empty_value=None,
    )
    smi_status = forms.TypedChoiceField(
        label="SMI Status",
        choices=[("", "Any"), *((each.duis, tone_of(each).words) for each in SmiStatus)],
        coerce=SmiStatus.of,
        empty_value=None,
    )
    model = forms.CharField(
        label="Model",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "Manufacturer or model", "autocomplete": "off"}),
    )
    notified_by = forms.TypedChoiceField(label="Notifying party", coerce=Eui64.parse, empty_value=None)
    mpxn = forms.CharField(label="MPAN or MPRN", max_length=40, widget=forms.TextInput(attrs={"class": "mono"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.data.get("mpxn"):
            self.fields["mpxn"].widget = forms.HiddenInput()  # the search box is the way to it
        cast("forms.ChoiceField", self.fields["notified_by"]).choices = notifying_users()

    def clean_mpxn(self) -> str:
        """Return the meter point's digits."""
        typed = self.cleaned_data["mpxn"]
        try:
            return parse_typed(typed).digits if typed else ""
        except NotAMeterPoint as refusal:
            raise SuggestedError(refusal.message, refusal.way_out) from refusal

    @property
    def filters(self) -> Filters:
        """Return what to search for."""
        chosen = self.active
        return Filters(**chosen | {"notified_by": [chosen["notified_by"]] if "notified_by" in chosen else []})


class LookupForm(RefusableForm):
    """A pasted list of identifiers."""

    blamed = "identifiers"

    identifiers = forms.CharField(
        label="Device IDs, MPANs or MPRNs",
        help_text=(
            f"One a line, or a column of a spreadsheet; up to {MOST_ON_SCREEN:,}. Dashes and case do not matter."
        ),
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={
            "required": "Nothing was pasted.",
            "max_length": f"This is more text than {MOST_ON_SCREEN:,} identifiers need.",
        },
    )

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the form as if `text` had been pasted into it, one identifier a line."""
        return cls({"identifiers": "\n".join(identifiers_in(text))})

    def clean_identifiers(self) -> list[str]:
        """Return the identifiers in what was pasted."""
        return identifiers_in(self.cleaned_data["identifiers"])
