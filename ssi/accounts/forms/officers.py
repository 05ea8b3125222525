"""The forms of the register of officers: nominating an ARO, taking a nomination back, ending a role."""

from typing import Any

from django import forms
from django.utils.html import format_html

from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.accounts.models.officers import EndedBecause
from ssi.eui64 import Eui64
from ssi.web.forms import SsiForm

LONGEST_NAME = 120


def _label(user_id: UserId) -> Any:
    return format_html('<span class="id-text">{}</span> {}', user_id.eui, user_id.descriptor)


class NominateForm(SsiForm):
    """Who becomes ARO, for which of the party's User IDs."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME, help_text="As DCC knows the person.")
    email = forms.EmailField(
        label="E-mail address",
        help_text="Their own with your company. The account is opened under it if there is none.",
        error_messages={"invalid": "That is not an e-mail address. It looks like name@company.example."},
    )
    user_ids = forms.MultipleChoiceField(
        label="User IDs",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one User ID."},
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = UserId.objects.current().filter(party=actor.party_id).order_by("eui")
        self.fields["user_ids"].choices = [(str(each.eui), _label(each)) for each in own]  # type: ignore[attr-defined]
        self.initial.setdefault("user_ids", [str(actor.user_id)])

    @property
    def euis(self) -> list[Eui64]:
        """Return the User IDs that were chosen."""
        return [Eui64.parse(each) for each in self.cleaned_data["user_ids"]]


class WithdrawForm(SsiForm):
    """A nomination is taken back: nothing to fill in."""


class EndForm(SsiForm):
    """Why somebody is ARO no more."""

    because = forms.TypedChoiceField(
        label="Why does the role end?",
        choices=EndedBecause.choices,
        coerce=EndedBecause,
        widget=forms.RadioSelect,
    )
