"""How people narrow their audit trail of Service Requests."""

import re
from typing import Final

from django import forms

from inventory.forms.moments import MomentField
from inventory.models.choices import TrailKind
from inventory.search.service_requests import TrailFilters
from ssi.eui64 import Eui64FormField
from ssi.web.forms import FilterForm, SuggestedError

KINDS: Final = {kind.name.lower(): kind for kind in TrailKind}
"""The kinds of messages as addresses and the API name them."""

_SRV: Final = re.compile(r"\d{1,2}(\.\d{1,2}){1,2}", re.ASCII)
_CODE: Final = re.compile(r"[A-Z0-9-]{1,24}", re.ASCII)


class TrailFilter(FilterForm):
    """The filters of the list; an index serves each but the kind."""

    device_id = Eui64FormField(
        label="Device ID", max_length=40, widget=forms.TextInput(attrs={"size": 26, "class": "mono"})
    )
    srv = forms.CharField(
        label="SRV", max_length=8, widget=forms.TextInput(attrs={"size": 6, "placeholder": "8.11"})
    )
    code = forms.CharField(
        label="Code", max_length=24, widget=forms.TextInput(attrs={"size": 8, "placeholder": "E5"})
    )
    kind = forms.TypedChoiceField(
        label="Kind",
        choices=[("", "Any"), *((name, kind.label) for name, kind in KINDS.items())],
        coerce=KINDS.__getitem__,
        empty_value=None,
    )
    from_at = MomentField(label="From")
    to_at = MomentField(label="To", is_end=True)

    def clean_srv(self) -> str:
        """Return the Service Reference Variant, without the letters that people write before it."""
        typed = self.cleaned_data["srv"].upper().removeprefix("SRV").removeprefix("SR").strip()
        if typed and not _SRV.fullmatch(typed):
            raise SuggestedError("This is no Service Reference Variant.", "Write it like 8.11 or 8.1.1.")
        return str(typed)

    def clean_code(self) -> str:
        """Return the code in capitals."""
        typed = self.cleaned_data["code"].strip().upper()
        if typed and not _CODE.fullmatch(typed):
            raise SuggestedError("This is no response or alert code.", "Write it like I0, E5 or N24.")
        return str(typed)

    @property
    def filters(self) -> TrailFilters:
        """Return what to search for."""
        chosen = self.active
        return TrailFilters(
            device_id=chosen.get("device_id"),
            srv=chosen.get("srv", ""),
            code=chosen.get("code", ""),
            kind=chosen.get("kind"),
            from_at=chosen.get("from_at"),
            before_at=chosen.get("to_at"),
        )
