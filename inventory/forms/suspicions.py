"""What narrows the suspicions: their kind, and for DCC whose they are to put right."""

from typing import Any, cast

from django import forms

from inventory.forms.devices import notifying_users
from inventory.models.choices import Suspect
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from ssi.web.forms import FilterForm


class SuspicionFilter(FilterForm):
    """The kind is chosen by tab; DCC may choose a User ID."""

    kind = forms.TypedChoiceField(
        choices=Suspect.choices,
        coerce=lambda number: Suspect(int(number)),
        empty_value=None,
        widget=forms.HiddenInput(),
    )
    user = forms.TypedChoiceField(label="User ID", coerce=Eui64.parse, empty_value=None)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if actor.is_dcc:
            cast("forms.ChoiceField", self.fields["user"]).choices = notifying_users()
        else:
            del self.fields["user"]

    @property
    def chosen_kind(self) -> Suspect:
        """Return the kind to show; the first where none is chosen."""
        return Suspect(self.active.get("kind", Suspect.UNLIKE_ITS_MODEL))

    @property
    def chosen_user(self) -> Eui64 | None:
        """Return the User ID that DCC chose."""
        chosen: Eui64 | None = self.active.get("user")
        return chosen
