"""Forms of the incidents floor: is what was typed well-formed? Whether it may be done, the actions decide."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.actions.install_code_requests.notes import LONGEST_TEXT
from incidents.forms.askings import AskingFields, asking_in_words, asking_of
from incidents.models.choices import DeclineReason, Outcome, State
from inventory.meter_points import MpxnKind, NotAMeterPoint, parse_typed
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64, Eui64FormField, NotAnEui64
from ssi.web.forms import FilterForm, SsiForm, SuggestedError

_ID = {"size": 26, "class": "mono"}


class DayField(forms.DateField):
    """A day, given by the browser's own calendar or typed as 26/08/2026."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y"], **options)


class TextField(forms.CharField):
    """A few sentences that both sides may read."""

    def __init__(self, *, rows: int = 4, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), max_length=LONGEST_TEXT, **options)


class RaiseForm(SsiForm):
    """A new Request for Install Code."""

    device_id = Eui64FormField(
        label="Device ID",
        help_text="On the device's label, 16 digits such as 00-DB-12-34-56-78-90-A0. Dashes may be left out.",
        widget=forms.TextInput(attrs=_ID),
    )
    mpxn = forms.CharField(
        label="MPAN or MPRN",
        required=False,
        max_length=40,
        help_text="The meter point, if you know it. It helps the other supplier to find its records.",
        widget=forms.TextInput(attrs=_ID),
    )
    mpxn_is_right = forms.BooleanField(
        label="The number is right: it stands like this in my records", required=False
    )
    needed_by_date = DayField(
        label="Needed by",
        required=False,
        help_text="The day of the visit, for example. It does not shorten the five Working Days.",
    )
    note = TextField(
        label="Note for the installing supplier",
        required=False,
        help_text="Both suppliers and the DCC service desk read it. Never write an install code here.",
    )
    responsible = forms.BooleanField(
        label="We are, or will be, the responsible supplier for this device",
        help_text="DCC cannot check this now, so your statement is recorded with the request.",
        error_messages={
            "required": "Say that you are, or will be, the responsible supplier, by ticking the statement."
            " Only a gaining supplier may ask for an install code."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self._doubts_mpxn():
            self.fields["mpxn_is_right"].widget = forms.HiddenInput()

    def _doubts_mpxn(self) -> bool:
        return self.is_bound and _check_digits_fail(str(self.data.get("mpxn", "")))

    def clean_mpxn(self) -> str:
        """Return the digits, or say what is wrong with them."""
        typed = self.cleaned_data["mpxn"]
        try:
            return parse_typed(typed).digits if typed else ""
        except NotAMeterPoint as refusal:
            raise SuggestedError(refusal.message, refusal.way_out) from None

    def clean(self) -> dict[str, Any]:
        """Warn of a number whose check digits do not match; people may overrule it (domain 8.3)."""
        cleaned = super().clean() or self.cleaned_data
        mpxn = cleaned.get("mpxn", "")
        if mpxn and _check_digits_fail(mpxn) and not cleaned.get("mpxn_is_right"):
            kind = parse_typed(mpxn).kind
            digits = "last digit does" if kind is MpxnKind.MPAN else "last two digits do"
            self.add_error(
                "mpxn",
                SuggestedError(
                    f"The {digits} not fit the rest of this {kind}.",
                    "Compare it with the bill. If it stands like this in your records, tick the box below it.",
                    code="check_digits",
                ),
            )
        return cleaned

    @property
    def facts(self) -> dict[str, Any]:
        """Return what was asked for, as the actions take it."""
        names = ("device_id", "mpxn", "needed_by_date", "note")
        return {name: self.cleaned_data[name] for name in names}


class DeclineForm(SsiForm):
    """Why there will be no answer."""

    reason = forms.ChoiceField(label="Why can you not answer?", choices=DeclineReason, widget=forms.RadioSelect)
    detail = TextField(
        label="Detail",
        required=False,
        help_text="Anything that helps the DCC service desk to find who holds the code, such as the supplier you"
        " transferred the device to. The raising supplier reads it too.",
    )


class NoteForm(SsiForm):
    """A note that both sides and the desk read."""

    text = TextField(
        label="Note",
        help_text="The other side gets an e-mail that there is a note. Never write an install code here.",
    )


class WithdrawForm(SsiForm):
    """Taking a request back."""

    reason = TextField(label="Why do you withdraw it?", rows=3, help_text="The other supplier reads this.")


_OUTCOME_HINTS = {
    Outcome.WORKED: "The device has joined, or is ready to join, the home's network.",
    Outcome.WRONG_CODE: "The request goes back to the installing supplier, which has five new Working Days.",
    Outcome.NOT_TRIED: "For example because the device was exchanged.",
}


def _with_hint(label: str, hint: str) -> SafeString:
    """Return the label of one of several choices, with its hint on a line of its own."""
    return format_html('<span>{}<span class="way-out quiet">{}</span></span>', label, hint)


class CloseForm(SsiForm):
    """What became of the code."""

    outcome = forms.ChoiceField(
        label="What became of the code?",
        choices=[(each.value, _with_hint(each.label, _OUTCOME_HINTS[each])) for each in Outcome],
        widget=forms.RadioSelect,
    )


class RevealForm(SsiForm):
    """What the code is needed for."""

    reason = forms.CharField(
        label="What do you need the code for?",
        max_length=300,
        help_text="It goes into the audit log. The supplier that gave the code sees that it was read, not why.",
    )


class UserIdField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django has no generics
    """A choice of User IDs, by the names of their parties."""

    def label_from_instance(self, obj: UserId) -> str:
        """Return the party first: that is what one looks for."""
        return f"{obj.party.name} · {obj.eui}"


class RerouteForm(SsiForm):
    """The desk gives a request to another User ID."""

    to = UserIdField(label="User ID that is asked", queryset=UserId.objects.none(), empty_label="Choose a User ID")
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = TextField(
        label="Why this User ID?", rows=3, help_text="Both suppliers read this on the request's page."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = (  # type: ignore[attr-defined]  # a ModelChoiceField
            UserId.objects.current().select_related("party").order_by("party__name", "eui")
        )


class UnlockForm(SsiForm):
    """The desk lets a code be read again."""

    reason = TextField(
        label="Why is it needed again?",
        rows=3,
        help_text="Both suppliers read this on the request's page. Never write an install code here.",
    )


class ReferenceField(forms.CharField):
    """The reference of a batch or a work pack that a link brings along."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> str:
        """Return the reference in capitals; what is none cannot be found, and so narrows to nothing."""
        return str(value or "").strip().upper()


NOBODY = "nobody"


class AskedField(forms.CharField):
    """Who is asked, by their User ID, or "nobody"; brought along by a link."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Eui64 | str | None:
        """Return the User ID, or "nobody", or None for no filter."""
        if not value or value == NOBODY:
            return value or None
        try:
            return Eui64.parse(str(value))
        except NotAnEui64 as refusal:
            raise SuggestedError(refusal.message, refusal.way_out) from None


class RequestFilter(AskingFields, FilterForm):
    """What narrows a list of requests; the hidden ones come with a link, and are shown as chips."""

    state = forms.ChoiceField(label="State", choices=[("", "Any state"), *State.choices])
    answer = forms.ChoiceField(
        label="Answer",
        choices=[("", "Due at any time"), ("overdue", "Overdue"), ("not_notified", "Installer not notified yet")],
    )

    batch = ReferenceField(label="Batch")
    pack = ReferenceField(label="Work pack")
    asked = AskedField(label="Asked")

    def narrowing(self) -> dict[str, Any]:
        """Return the filters as the search takes them; a filter that makes no sense does not narrow."""
        chosen = self.active
        state = State(chosen["state"]) if "state" in chosen else None
        answer = chosen.get("answer")
        return {
            "state": state,
            "overdue": answer == "overdue",
            "not_notified": answer == "not_notified",
            "batch": chosen.get("batch", ""),
            "pack": chosen.get("pack", ""),
            "asked": chosen.get("asked"),
            "asking": asking_of(chosen),
        }

    @property
    def asking_in_words(self) -> str:
        """Return how the list says that it is narrowed to the askings behind a figure; nothing if it is not."""
        return asking_in_words(self.active)


def _check_digits_fail(text: str) -> bool:
    try:
        return bool(text.strip()) and not parse_typed(text).check_digits_match
    except (NotAMeterPoint, ValidationError):
        return False
