"""Forms of the Central Products List: narrowing it, sending a new one, and the word to apply it."""

from typing import Any

from django import forms

from inventory.actions.products.importing import LARGEST
from inventory.actions.products.reading import LISTED_TYPES
from inventory.models.choices import DeviceType
from inventory.search.products import Filters, Standing
from ssi.web.forms import FilterForm, SsiForm

LONGEST_FILE_NAME = 120
STANDINGS = {Standing.LISTED: "On the list", Standing.REMOVED: "Removed"}


class ProductFilter(FilterForm):
    """The filters of the list."""

    device_type = forms.TypedChoiceField(
        label="Device type",
        choices=[("", "Any"), *((each.duis, each.duis) for each in DeviceType if each in LISTED_TYPES)],
        coerce=DeviceType.of,
        empty_value=None,
    )
    manufacturer = forms.CharField(
        label="Manufacturer",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "ID or name", "autocomplete": "off"}),
    )
    model = forms.CharField(
        label="Model", max_length=40, widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"})
    )
    firmware = forms.CharField(
        label="Firmware version",
        max_length=8,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    standing = forms.TypedChoiceField(
        label="Status",
        choices=[("", "Any"), *((each.value, words) for each, words in STANDINGS.items())],
        coerce=Standing,
        empty_value=None,
    )

    @property
    def filters(self) -> Filters:
        """Return what to search for."""
        return Filters(**self.active)


class NewListForm(SsiForm):
    """A full list, to be checked; the file itself is kept until it is applied, a day at most."""

    file = forms.FileField(
        label="File",
        max_length=LONGEST_FILE_NAME,
        help_text=f"CSV in UTF-8 with the whole list, up to {LARGEST // 1_000_000} MB.",
        widget=forms.FileInput(attrs={"accept": ".csv"}),
        error_messages={
            "max_length": f"The name of the file has more than {LONGEST_FILE_NAME} letters.",
            "empty": "The file is empty.",
        },
    )
    blamed = "file"


class ApplyListForm(SsiForm):
    """The word to apply a checked list; where it removes more than half of the entries, with a tick of its own."""

    remove_many = forms.BooleanField(label="This is the full list, and more than half of the entries are to go")

    def __init__(self, *args: Any, removes_many: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not removes_many:
            del self.fields["remove_many"]
