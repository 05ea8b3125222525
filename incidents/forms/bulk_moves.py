"""Forms of moving many requests at once: which were chosen, what to say of them, and files of answers."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict

from incidents.actions.bulk_moves import MOST_ANSWERS
from incidents.forms.install_code_requests import (
    CloseForm,
    DeclineForm,
    RequestFilter,
    RevealForm,
    WithdrawForm,
)
from incidents.search.selections import Chosen
from ssi.refusals import Refusal
from ssi.web.forms import SsiForm
from ssi.web.sheets import Sheet, read_sheet

LARGEST_FILE = 10_000_000
LONGEST_FILE_NAME = 120
REFERENCE, EVERYTHING = "request", "all"


class Choice:
    """Which requests of a list were chosen, as an address or a form says: ticked, or all that the filter finds."""

    def __init__(self, sent: QueryDict) -> None:
        self._filter = RequestFilter(sent)
        self._sent = sent
        self.chosen = Chosen(
            references=sent.getlist(REFERENCE),
            everything=EVERYTHING in sent,
            narrowing=self._filter.narrowing(),
        )

    @property
    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield the names and values that say the same again."""
        if not self.chosen.everything:
            yield from ((REFERENCE, reference) for reference in self.chosen.references)
            return
        yield EVERYTHING, "yes"
        yield from ((name, str(self._sent[name])) for name in self._filter.fields if self._sent.get(name))

    @property
    def query(self) -> str:
        """Return the same as the end of an address."""
        query = QueryDict(mutable=True)
        for name, value in self.fields:
            query.appendlist(name, value)
        return query.urlencode()


class SeenForm(SsiForm):
    """A form about requests that were shown: `seen` says which these were."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def show_anew(self, seen: str) -> None:
        """Have the form stand for what is shown now."""
        if self.is_bound:
            self._set("seen", seen)
        else:
            self.initial["seen"] = seen


class CloseSelectedForm(CloseForm, SeenForm):
    """What became of the codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].label = "What became of these codes?"


class WithdrawSelectedForm(WithdrawForm, SeenForm):
    """Why these requests are withdrawn."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "Why do you withdraw them?"
        self.fields["reason"].help_text = "The other suppliers read this on each request."


class DeclineSelectedForm(DeclineForm, SeenForm):
    """Why there will be no answers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "Why can you not answer them?"


class ExportForm(RevealForm, SeenForm):
    """What the codes are needed for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "What do you need these codes for?"


class AnswerFileForm(SsiForm):
    """A file of codes and declines. `sheet` is its table once the form is valid; the file itself is not kept."""

    file = forms.FileField(
        label="File with your answers",
        max_length=LONGEST_FILE_NAME,
        help_text=f"XLSX or CSV, up to {MOST_ANSWERS:,} lines and 10 MB. Lines that you leave blank are left out.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        error_messages={
            "max_length": f"The name of the file has more than {LONGEST_FILE_NAME} letters.",
            "empty": "The file is empty.",
        },
    )
    again = forms.BooleanField(
        label="Check it again even if I sent it before",
        required=False,
        help_text="Otherwise a file that was sent already leads to what became of it.",
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
                self.sheet = read_sheet(file, most_rows=MOST_ANSWERS, largest_bytes=LARGEST_FILE)
            except Refusal as refusal:
                self.refuse(refusal)
        return cleaned
