"""Forms of DCC's desk for signed files: is what was typed well-formed? What may be done, the actions decide."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, cast

from django import forms
from django.db.models import TextChoices

from ssi.accounts.models import RoleGrant
from ssi.eui64 import Eui64FormField
from ssi.uploads.forms.uploads import UploadForm
from ssi.uploads.models.choices import Kind
from ssi.web.forms import SsiForm

_LINES = {"rows": 3}


class ConfirmFileForm(SsiForm):
    """DCC's word; that a file counts all the same which no scanner has looked at, or of whom is no officer now."""

    unscanned_accepted = forms.BooleanField(
        label="Nobody has scanned this file for malware. I take it all the same", required=False
    )

    ended_accepted = forms.BooleanField(
        label="An officer's role has ended since, as said above. I take the file all the same", required=False
    )

    def __init__(self, *args: Any, is_scanned: bool, has_ended: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_ended:
            del self.fields["ended_accepted"]
        if is_scanned:
            del self.fields["unscanned_accepted"]


class RefuseFileForm(SsiForm):
    """Why DCC does not take a file."""

    because = forms.CharField(
        label="Why does DCC not take it?",
        max_length=500,
        help_text="The officers of the User read this on its page. Say what would mend it.",
        widget=forms.Textarea(attrs=_LINES),
    )


class Do(TextChoices):
    """What is done about disaster recovery."""

    DECLARE = "declare", "Declare it"
    END = "end", "End it"


class DeclareForm(SsiForm):
    """That files are to be sent by e-mail for a time; it says that itself, whatever runs when it arrives."""

    do = forms.CharField(widget=forms.HiddenInput, initial=Do.DECLARE)
    because = forms.CharField(
        label="Why",
        max_length=500,
        help_text="Everybody who may send files reads this on every page, such as “The scanner is down.”",
        widget=forms.Textarea(attrs=_LINES),
    )
    instructions = forms.CharField(
        label="Where to send files, and how",
        max_length=1_000,
        help_text="The address, what to attach, and whom to call. Shown on every page and in the API.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class EndForm(SsiForm):
    """That the portal takes files again, after the disaster recovery that was on the page."""

    do = forms.CharField(widget=forms.HiddenInput, initial=Do.END)
    reference = forms.CharField(widget=forms.HiddenInput, max_length=15)


class RegisterForm(UploadForm):
    """A file that came by e-mail, for whom, when, and on whose word."""

    for_user_id = Eui64FormField(
        label="User ID",
        help_text="Whose file it is: it stands in the file's name and in its first line.",
        widget=forms.TextInput(attrs={"size": 26, "class": "mono"}),
    )
    kind = forms.ChoiceField(label="What is it?", choices=Kind.choices, widget=forms.RadioSelect)
    came_at = forms.DateTimeField(
        label="When did the e-mail come?",
        help_text="London time, such as 26/08/2026 14:05.",
        input_formats=["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        error_messages={"invalid": "This is no day and time. Write it like 26/08/2026 14:05."},
    )
    said_by = forms.TypedChoiceField(
        label="Who of the User said that the file is theirs?",
        coerce=int,
        help_text="Call an officer of the User at a number you have on file; the names stand under their User ID.",
    )

    def __init__(self, *args: Any, officers: Sequence[RoleGrant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped = groupby(officers, key=lambda each: f"{each.acting_for.party.name}, {each.acting_for_id}")
        _offer(self, [("", "Choose"), *((whose, _choices(list(theirs))) for whose, theirs in grouped)])

    field_order = ["for_user_id", "kind", "file", "signature", "came_at", "said_by"]


class OnTheirWordForm(SsiForm):
    """Who of the User said yes; where there are warnings, that they were checked."""

    said_by = forms.TypedChoiceField(
        label="Who of the User said so?",
        coerce=int,
        help_text="Call an officer of the User at a number you have on file, and choose the name.",
    )
    checked = forms.BooleanField(
        label="This officer has checked each unusual number, and they are meant", required=False
    )

    def __init__(
        self, *args: Any, officers: Sequence[RoleGrant], asks_for_warnings: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, [("", "Choose"), *_choices(officers)])
        if not asks_for_warnings:
            del self.fields["checked"]


def _choices(officers: Sequence[RoleGrant]) -> list[tuple[str, str]]:
    """Return officers as a select offers them, each once, with what they are."""
    roles: dict[tuple[str, str], list[str]] = {}
    for each in officers:
        roles.setdefault((str(each.person_id), each.person.name), []).append(each.job_type_role)
    return [(key, f"{name}, {' and '.join(sorted(held))}") for (key, name), held in roles.items()]


def _offer(form: SsiForm, choices: list[Any]) -> None:
    cast("forms.ChoiceField", form.fields["said_by"]).choices = choices
