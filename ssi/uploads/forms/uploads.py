"""Forms of uploads: is what was sent well-formed? Whether it may be done, the actions decide."""

from typing import Any

from django import forms

from ssi.uploads.models.choices import Kind, State
from ssi.uploads.models.uploads import LONGEST_NAME
from ssi.web.forms import FilterForm, SsiForm


class UploadFilter(FilterForm):
    """What narrows the list of uploads."""

    state = forms.ChoiceField(label="State", choices=[("", "Any state"), *State.choices])
    kind = forms.ChoiceField(label="Kind", choices=[("", "Either kind"), *Kind.choices])


class UploadForm(SsiForm):
    """A signed file and its signature; a missing signature is a finding of the file, not of the form."""

    file = forms.FileField(
        label="The file",
        max_length=LONGEST_NAME,
        help_text="A CSV file, at most 100 MB and 1,000,000 lines, exactly as it was signed.",
        widget=forms.FileInput(attrs={"accept": ".csv"}),
        allow_empty_file=True,
        error_messages={"max_length": f"The name of the file has more than {LONGEST_NAME} letters."},
    )
    signature = forms.FileField(
        label="Its signature",
        required=False,
        max_length=LONGEST_NAME,
        help_text="The file of the same name that ends in .sig. Without it the file is rejected, finding F10.",
        widget=forms.FileInput(attrs={"accept": ".sig"}),
        allow_empty_file=True,
        error_messages={"max_length": f"The name of the file has more than {LONGEST_NAME} letters."},
    )


class SubmitForm(SsiForm):
    """The word to submit; where there are warnings, that they were checked."""

    checked = forms.BooleanField(label="I have checked each of these numbers, and they are meant", required=False)

    def __init__(self, *args: Any, has_warnings: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_warnings:
            del self.fields["checked"]


class ConfirmForm(SsiForm):
    """The word to go ahead."""


class DeclineForm(SsiForm):
    """Why thresholds are not approved."""

    because = forms.CharField(
        label="Why do you not approve it?",
        max_length=500,
        help_text="The officers of your company and DCC read this on its page.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
