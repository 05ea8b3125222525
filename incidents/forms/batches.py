"""Forms of work on many requests at once: a list of devices, and the word to go ahead."""

from typing import Any, cast

from django import forms

from incidents import device_lists
from incidents.device_lists import MOST_DEVICES, ColumnUnclear, Given
from incidents.forms.install_code_requests import DayField
from ssi.refusals import Refusal
from ssi.web.forms import SsiForm, SuggestedError

LONGEST_FILE_NAME = 120
LONGEST_PASTED = 2_000_000


class NewBatchForm(SsiForm):
    """A list of devices whose install codes are asked for: pasted, or in a file.

    `given` is the list once the form is valid, `file_name` the name of the file it came in. Where two columns
    could hold the Device IDs, `column` appears to ask which.
    """

    device_ids = forms.CharField(
        label="Device IDs",
        required=False,
        max_length=LONGEST_PASTED,
        strip=False,
        help_text=f"One a line, or copied from a spreadsheet, up to {MOST_DEVICES:,}. Dashes do not matter.",
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"max_length": f"This is more text than {MOST_DEVICES:,} Device IDs need."},
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        max_length=LONGEST_FILE_NAME,
        help_text="CSV or XLSX, up to 10 MB. Of several columns, only that of the Device IDs is kept.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={
            "max_length": f"The name of the file has more than {LONGEST_FILE_NAME} letters.",
            "empty": "The file is empty.",
        },
    )
    column = forms.TypedChoiceField(
        label="Which column holds the Device IDs?",
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.HiddenInput,
    )
    needed_by_date = DayField(
        label="Needed by",
        required=False,
        help_text="The day of the first visit, for example. It does not shorten the five Working Days.",
    )

    given: Given
    file_name = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = str(self.data.get("column", "")) if self.is_bound else ""
        cast("forms.ChoiceField", self.fields["column"]).choices = [(asked, asked)] if asked.isdecimal() else []
        if not self.is_bound:
            self._call_needed()

    def _call_needed(self) -> None:
        """Show neither way as optional: one of them is needed."""
        for name in ("device_ids", "file"):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Read the list."""
        cleaned = super().clean() or self.cleaned_data
        pasted, file = cleaned.get("device_ids", ""), cleaned.get("file")
        if not {"device_ids", "file"} & self.errors.keys():
            if bool(pasted.strip()) == bool(file):
                self.add_error("device_ids", _BOTH if file else _NEITHER)
            else:
                self._read(pasted, file, cleaned.get("column"))
        self._call_needed()
        return cleaned

    def _read(self, pasted: str, file: Any, column: int | None) -> None:
        try:
            if file:
                self.given = device_lists.read_file(file, column=column)
                self.file_name = file.name
            else:
                self.given = device_lists.read_pasted(pasted, column=column)
        except ColumnUnclear as unclear:
            self._ask_for_the_column(unclear, again=bool(file))
        except Refusal as refusal:
            refusal.field = "file" if file else "device_ids"
            self.refuse(refusal)

    def _ask_for_the_column(self, unclear: ColumnUnclear, *, again: bool) -> None:
        """Show the columns to choose from; a browser lets nobody choose a file for its user."""
        field = cast("forms.ChoiceField", self.fields["column"])
        field.choices = [(str(each.number), each.name) for each in unclear.columns]
        field.widget = forms.RadioSelect(choices=field.choices)
        field.required = True
        way_out = unclear.way_out + (" Then choose the file once more." if again else "")
        self.add_error("column", SuggestedError(unclear.message, way_out, code="column_unclear"))

    @property
    def facts(self) -> dict[str, Any]:
        """Return the list as the action takes it; lines are counted where several entries stand on one."""
        lines = [line for line, _ in self.given]
        return {
            "given": [entry for _, entry in self.given],
            "lines": lines if len(set(lines)) == len(lines) else (),
            "file_name": self.file_name,
            "needed_by_date": self.cleaned_data["needed_by_date"],
        }


_NEITHER = SuggestedError(
    "There is no list yet.", "Paste the Device IDs, one a line, or choose a file.", code="required"
)
_BOTH = SuggestedError(
    "There are two lists: one pasted, one in a file.", "Send one of them; the other can be a batch of its own."
)


class ConfirmForm(SsiForm):
    """The word to go ahead with what was checked, where no statement is needed."""


class ConfirmBatchForm(ConfirmForm):
    """The word to ask for the codes of many devices, with the statement that goes with each of them."""

    responsible = forms.BooleanField(
        label="We are, or will be, the responsible supplier for each of these devices",
        help_text="DCC cannot check this now, so your statement is recorded with every request.",
        error_messages={
            "required": "Say that you are, or will be, the responsible supplier, by ticking the statement."
            " Only a gaining supplier may ask for an install code."
        },
    )
