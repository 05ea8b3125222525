"""Forms of uploads: is what was sent well-formed? Whether it may be done, the actions decide."""

from typing import Any

from django import forms
from django.conf import settings

from ssi.uploads.models.choices import Kind, State
from ssi.uploads.models.uploads import LONGEST_NAME
from ssi.web.forms import FilterForm, SsiForm


class UploadFilter(FilterForm):
    """What narrows the list of uploads."""

    state = forms.ChoiceField(label="State", choices=[("", "Any state"), *State.choices])
    kind = forms.ChoiceField(label="Kind", choices=[("", "Either kind"), *Kind.choices])


class UploadForm(SsiForm):
    """A signed file and its signature. Programs may leave the signature out, and get finding F10 for it."""

    file = forms.FileField(
        label="File",
        max_length=LONGEST_NAME,
        widget=forms.FileInput(attrs={"accept": ".csv"}),
        allow_empty_file=True,
        error_messages={"max_length": f"The name of the file has more than {LONGEST_NAME} letters."},
    )
    signature = forms.FileField(
        label="Signature",
        max_length=LONGEST_NAME,
        help_text="The file of the same name that ends in .sig.",
        widget=forms.FileInput(attrs={"accept": ".sig"}),
        allow_empty_file=True,
        error_messages={
            "required": "Choose the signature file. Without one the file would be rejected, finding F10.",
            "max_length": f"The name of the file has more than {LONGEST_NAME} letters.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most, lines = settings.SSI_UPLOAD_MOST_BYTES // 1_000_000, settings.SSI_UPLOAD_MOST_LINES
        self.fields[
            "file"
        ].help_text = f"A CSV file, at most {most:,} MB and {lines:,} lines, exactly as it was signed."


class SubmitForm(SsiForm):
    """The word to submit what was `seen`; where there are warnings, that they were checked."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    checked = forms.BooleanField(label="I have checked each of these numbers, and they are meant")

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
