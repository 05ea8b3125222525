"""Forms of thresholds: which are shown, and the rows of a file to be prepared."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final, cast

from django import forms
from django.utils import timezone

from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.uploads.kinds.adt_checks import MOST_DAYS_AHEAD
from ssi.uploads.models import Threshold
from ssi.uploads.models.choices import MessageType, Replaces
from ssi.uploads.search.versions import ThresholdFilters
from ssi.uploads.service_reference_variants import SERVICE_REFERENCE_VARIANTS
from ssi.uploads.typed_thresholds import COLUMNS, MOST_ROWS, Typed, columns_of, typed_rows
from ssi.web.forms import FilterForm, SsiForm, SuggestedError
from ssi.web.sheets import MEGABYTE, read_sheet

_ANY_SRV: Final = [("", "Any"), *((srv, f"{srv} {each.name}") for srv, each in SERVICE_REFERENCE_VARIANTS.items())]


class UserChoice(FilterForm):
    """Whose thresholds; a User sees its own alone, so only DCC's staff choose."""

    user_id = forms.ChoiceField(label="User")

    def __init__(self, *args: Any, user_ids: Sequence[UserId], may_choose: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user_ids = user_ids
        if may_choose:
            choices = [(str(each.eui), f"{each.party.name} {each.eui}") for each in user_ids]
            cast("forms.ChoiceField", self.fields["user_id"]).choices = [("", "Choose a User"), *choices]
        else:
            del self.fields["user_id"]

    @property
    def chosen(self) -> UserId | None:
        """Return whose thresholds are meant, None where nobody was chosen."""
        if "user_id" not in self.fields:
            return self.user_ids[0] if self.user_ids else None
        value = self.active.get("user_id")
        wanted = Eui64.parse(value) if value else None
        return next((each for each in self.user_ids if each.eui == wanted), None)


class ThresholdFilter(UserChoice):
    """What narrows the thresholds in force."""

    srv = forms.ChoiceField(label="SRV", choices=_ANY_SRV)
    message_type = forms.ChoiceField(label="Message type", choices=[("", "Either"), *MessageType.choices])

    @property
    def filters(self) -> ThresholdFilters:
        """Return what to search for."""
        active = self.active
        return ThresholdFilters(active.get("srv", ""), active.get("message_type", ""))


class PrepareForm(SsiForm):
    """The rows of a file that the portal is to write; whether they are good thresholds, the checks say."""

    LARGEST_BYTES = 2 * MEGABYTE

    user_role = forms.ChoiceField(label="User Role")
    replaces = forms.ChoiceField(
        label="What it replaces",
        choices=[
            (Replaces.ALL, "All: what has no row below is removed"),
            (Replaces.DELTA, "Some: what has no row below stays as it is"),
        ],
        widget=forms.RadioSelect,
        initial=Replaces.ALL,
    )
    effective_date = forms.DateField(
        label="Effective from",
        help_text=(
            f"Today or later, at most {MOST_DAYS_AHEAD} days ahead. DCC confirms a file within a Working Day; it"
            " counts from then at the earliest."
        ),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )
    rows = forms.CharField(
        label="Thresholds, one a line",
        required=False,
        strip=False,
        max_length=MEGABYTE,
        help_text=f"{', '.join(COLUMNS)}. What is not needed stays empty. Rows may be pasted from a spreadsheet.",
        widget=forms.Textarea(attrs={"rows": 16, "class": "mono", "spellcheck": "false", "wrap": "off"}),
    )
    file = forms.FileField(
        label="Or start from a CSV",
        required=False,
        help_text=(
            "Such as a version that you downloaded and changed in a spreadsheet. It takes the place of the rows"
            " above, where you can go on."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )

    def __init__(self, *args: Any, user_roles: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["user_role"]).choices = [(role, role) for role in user_roles]

    def clean_effective_date(self) -> date:
        """Return the day; one very far ahead is mistyped. One that is over the checks tell of."""
        day = cast("date", self.cleaned_data["effective_date"])
        if day > timezone.localdate() + timedelta(days=MOST_DAYS_AHEAD):
            raise SuggestedError(f"{day:%Y-%m-%d} is more than {MOST_DAYS_AHEAD} days ahead.", "Check the year.")
        return day

    def clean_rows(self) -> list[Typed]:
        """Return the rows as they were typed, each with its line."""
        try:
            found = typed_rows(self.cleaned_data["rows"])
        except csv.Error as wrong:
            message = "The quotes of a row are not closed."
            raise SuggestedError(message, "Close each quote in its line.") from wrong
        if len(found) > MOST_ROWS:
            raise SuggestedError(
                f"These are {len(found):,} rows, and the page takes {MOST_ROWS:,}.",
                "Write a larger file with a program of your own, as the reference page shows.",
            )
        for row in found:
            if len(row.fields) > len(COLUMNS):
                raise SuggestedError(
                    f"Line {row.line} has {len(row.fields)} fields, and a threshold {len(COLUMNS)}.",
                    "Put a note that has commas into double quotes.",
                )
        return found

    def read_file(self) -> bool:
        """Put the rows of the file into the field for them; tell whether that went well, else show why not."""
        given = self.files.get("file")
        if given is None:
            self.add_error("file", SuggestedError("Choose the file first.", "Then press “Read the file” again."))
            return False
        try:
            sheet = read_sheet(given, most_rows=MOST_ROWS, largest_bytes=self.LARGEST_BYTES)
            self._set("rows", columns_of(sheet))
        except Refusal as refusal:
            self.add_error("file", SuggestedError(refusal.message, refusal.way_out))
            return False
        return True


def initial_rows(thresholds: Iterable[Threshold]) -> str:
    """Return thresholds as one types them, a line each."""
    return "".join(f"{Typed.of(each).text}\n" for each in thresholds)
