"""Forms of corrections: is what was typed well-formed? Whether it may be corrected, the rules decide."""

from collections.abc import Collection
from typing import Any, cast

from django import forms

from inventory.actions.corrections.reading import LARGEST_BYTES, MOST_IN_WORKBOOK, MOST_LINES
from inventory.duis.messages import DetailsUpdate
from inventory.models import Device
from inventory.models.choices import EsmeVariant
from inventory.presenters.devices import variant_in_words
from ssi.web.forms import SsiForm

LONGEST_FILE_NAME = 120
LONGEST_REASON = 2_000
MEGABYTE = 1_000_000
MODEL_FIELDS = ("manufacturer", "model", "smets_version", "firmware_version")
_MONO = {"class": "mono", "autocomplete": "off", "spellcheck": "false"}


def _text(label: str, longest: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, help_text=help_text, widget=forms.TextInput(attrs=_MONO)
    )


class CorrectForm(SsiForm):
    """What a device should carry. It has the fields that may be corrected; one left as it is changes nothing."""

    esme_variant = forms.TypedChoiceField(
        label="ESME Variant",
        choices=[("", "Choose"), *((each.duis, variant_in_words(each)) for each in EsmeVariant)],
        coerce=EsmeVariant.of,
    )
    manufacturer = _text("Manufacturer", 30, "As on the Central Products List, such as 106C.")
    model = _text("Model", 30, "Model and hardware version together, as DUIS has them, such as 433100AC.")
    smets_version = _text("SMETS or CHTS version", 20)
    firmware_version = _text("Firmware version", 8)

    def __init__(self, *args: Any, device: Device, allowed: Collection[str], **kwargs: Any) -> None:
        model = device.device_model
        variant = EsmeVariant(device.esme_variant).duis if device.esme_variant else ""
        self.before = {"esme_variant": variant, **{name: getattr(model, name) for name in MODEL_FIELDS}}
        super().__init__(*args, initial=self.before, **kwargs)
        for name in self.before.keys() - set(allowed):
            del self.fields[name]
        for name in ("smets_version", "firmware_version"):
            if name in self.fields:
                self.fields[name].required = bool(self.before[name])

    @property
    def wanted(self) -> DetailsUpdate:
        """Return what was changed in the form."""
        return DetailsUpdate(**{name: self.cleaned_data[name] for name, _, _ in self.differences})

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Return the fields that were changed, each with what stands there now and what was typed."""
        typed = {name: self.cleaned_data[name] for name in self.before if name in self.fields}
        texts = {name: each.duis if isinstance(each, EsmeVariant) else each for name, each in typed.items()}
        return [(name, self.before[name], text) for name, text in texts.items() if text != self.before[name]]

    @property
    def answers(self) -> list[tuple[str, str, str]]:
        """Return the differences under the names that the page gives the fields."""
        return [(str(self.fields[name].label), before, after) for name, before, after in self.differences]


class GoAheadForm(SsiForm):
    """The word to go ahead with what is shown."""


class ManualForm(SsiForm):
    """What the desk is asked to correct."""

    manufacturer = _text("Right manufacturer", 30, "As on the Central Products List, such as 106C.")
    model = _text("Right model", 30, "Model and hardware version together, as DUIS has them, such as 433100AC.")
    reason = forms.CharField(
        label="How you know",
        max_length=LONGEST_REASON,
        help_text="What shows it: the label, a photo, the manufacturer's list. The DCC service desk reads it.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NewFileForm(SsiForm):
    """A file of ESME Variants."""

    file = forms.FileField(
        label="File",
        max_length=LONGEST_FILE_NAME,
        help_text=(
            f"CSV of up to {MOST_LINES:,} lines and {LARGEST_BYTES // MEGABYTE} MB, or XLSX of up to "
            f"{MOST_IN_WORKBOOK:,} rows. Two columns: “Device ID” and “ESME Variant”."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={
            "max_length": f"The name of the file has more than {LONGEST_FILE_NAME} letters.",
            "empty": "The file is empty.",
        },
    )

    @property
    def upload(self) -> Any:
        """Return the file."""
        return cast("Any", self.cleaned_data["file"])
