"""Forms of codes in escrow: depositing one or a file, choosing the rule, taking codes back, narrowing the list."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.actions.escrow.by_file import MOST_CODES
from incidents.forms.install_codes import AnswerForm
from incidents.models.choices import ReleaseRule
from incidents.search.escrow import Which
from ssi.eui64 import Eui64, Eui64FormField, NotAnEui64
from ssi.refusals import Refusal
from ssi.web.forms import FilterForm, SsiForm
from ssi.web.sheets import Sheet, read_sheet

LARGEST_FILE = 10_000_000
LONGEST_FILE_NAME = 120
MOST_SELECTED = 500

_ID = {"size": 26, "class": "mono"}


class DepositForm(AnswerForm):
    """A code for a device, sealed as an answer's is."""

    device_id = Eui64FormField(
        label="Device ID",
        help_text="A device that your User ID pre-notified and left uncommissioned.",
        widget=forms.TextInput(attrs=_ID),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("device_id", *self.field_order))


class UploadForm(SsiForm):
    """A file of Device IDs and codes. `sheet` is its table once the form is valid; the file itself is not kept."""

    file = forms.FileField(
        label="File",
        max_length=LONGEST_FILE_NAME,
        help_text=f"CSV or XLSX of up to {MOST_CODES:,} lines and 10 MB, with columns Device ID and Install code."
        " A code without check digits is given a second time, in a third column named Again.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={
            "max_length": f"The name of the file has more than {LONGEST_FILE_NAME} letters.",
            "empty": "The file is empty.",
        },
    )
    blamed = "file"

    sheet: Sheet
    file_name = ""

    def clean(self) -> dict[str, Any]:
        """Read the table."""
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file is not None:
            self.file_name = file.name
            try:
                self.sheet = read_sheet(file, most_rows=MOST_CODES, largest_bytes=LARGEST_FILE)
            except Refusal as refusal:
                refusal.field = "file"
                self.refuse(refusal)
        return cleaned


RULE_MEANS = {
    ReleaseRule.AT_ONCE: "Within seconds the code goes to any supplier that states it is, or will be, responsible"
    " for the device. Nobody here looks first, and DCC cannot check that statement when it is made.",
    ReleaseRule.AFTER_ONE_WORKING_DAY: "You are told of the request as of any other, and have one whole Working"
    " Day to look at it: to decline it, to answer it yourselves, or to withdraw the code. Then the code goes. What"
    " is raised on a Monday by 17:00 is answered as Wednesday begins.",
    ReleaseRule.NEVER: "Codes stay sealed in escrow. You answer each request yourselves, in five Working Days.",
}


def _with_hint(label: str, hint: str) -> SafeString:
    return format_html('<span>{}<span class="way-out quiet">{}</span></span>', label, hint)


class RuleForm(SsiForm):
    """When codes in escrow answer by themselves, with the statement that one knows what that means."""

    rule = forms.ChoiceField(
        label="When do your codes in escrow answer a request?",
        choices=[(each.value, _with_hint(each.label, RULE_MEANS[each])) for each in ReleaseRule],
        widget=forms.RadioSelect,
    )
    understood = forms.BooleanField(
        label="I know what this rule does, and that a code that has left escrow cannot be taken back",
        help_text="The rule holds for every code of your User ID from now on, also for requests that wait.",
        error_messages={
            "required": "Say that you know what the rule does, by ticking the statement. Read what it means first."
        },
    )


class DeviceIdsField(forms.Field):
    """Several Device IDs, each in a hidden field of one name."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[Eui64]:
        """Return the Device IDs; what is none was not sent by our page."""
        try:
            found = [Eui64.parse(str(each)) for each in value or []]
        except NotAnEui64 as refusal:
            raise ValidationError(str(refusal), code="invalid") from None
        if len(found) > MOST_SELECTED:
            raise ValidationError(f"More than {MOST_SELECTED} codes were chosen.", code="too_many")
        return found


class WithdrawForm(SsiForm):
    """Taking codes out of escrow."""

    device = DeviceIdsField(error_messages={"required": "Choose the codes to withdraw on the list first."})

    @property
    def chosen(self) -> list[Eui64]:
        """Return the Device IDs that were chosen; none where the address was tampered with."""
        given: list[str] = self["device"].value() or []
        field = DeviceIdsField()
        try:
            return field.to_python(given)
        except ValidationError:
            return []


class DepositFilter(FilterForm):
    """What narrows the list of deposits."""

    which = forms.ChoiceField(
        label="Codes", choices=[(Which.HELD.value, "In escrow"), (Which.WRONG.value, "Found wrong by a raiser")]
    )
    device_id = Eui64FormField(label="Device ID", widget=forms.TextInput(attrs=_ID))

    def narrowing(self) -> dict[str, Any]:
        """Return the filters as the search takes them; one that makes no sense does not narrow."""
        chosen = self.active
        which = Which(chosen.pop("which", Which.HELD))
        return {"which": which, **chosen}
