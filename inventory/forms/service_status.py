"""How DCC's staff ask for the DCC Service Status of a meter point."""

from django import forms

from ssi.web.forms import RefusableForm


class MeterPointForm(RefusableForm):
    """One meter point, as somebody types it."""

    blamed = "mpxn"

    mpxn = forms.CharField(
        label="Find a meter point",
        help_text="An MPAN or MPRN.",
        max_length=40,
        error_messages={"required": "Enter an MPAN or MPRN."},
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )
