"""How people ask for SM WAN coverage: by postcode, or UPRN."""

from django import forms
from django.core.exceptions import ValidationError

from inventory.search.coverage import NoSuchPlace, Place
from ssi.web.forms import RefusableForm, SuggestedError

LONGEST_ADDRESS_IDENTIFIER = 30


class CoverageForm(RefusableForm):
    """A place; which of the two was typed is told by its shape."""

    place = forms.CharField(
        label="Postcode or UPRN",
        help_text="Such as NL1 4QX, with or without the space, or 1 to 12 digits.",
        max_length=40,
        error_messages={"required": "Enter a postcode or a UPRN."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    premises = forms.CharField(
        label="House name or number, and street",
        help_text="Optional, and only with a postcode: its address identifier, such as 12 Alder Row.",
        required=False,
        max_length=LONGEST_ADDRESS_IDENTIFIER,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_place(self) -> str:
        """Check that it is a postcode or a UPRN."""
        typed: str = self.cleaned_data["place"]
        try:
            Place.typed(typed)
        except NoSuchPlace as refusal:
            raise SuggestedError(refusal.message, refusal.way_out) from refusal
        return typed

    @property
    def asked(self) -> Place:
        """Return the place of a form that is valid."""
        if not self.is_valid():
            raise ValidationError("The form has errors.")
        return Place.typed(self.cleaned_data["place"], self.cleaned_data["premises"])
