"""What narrows a report: the device type, and whose devices it counts."""

from typing import Any, Final, cast

from django import forms

from inventory.forms.devices import notifying_users
from inventory.models.choices import DeviceType, Whose
from inventory.search.reports import Chosen
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from ssi.web.forms import FilterForm, SuggestedError

_OF_OURS: Final = {
    Whose.EVERYBODY: "All devices",
    Whose.NOTIFIED: "Pre-notified by us",
    Whose.RESPONSIBLE: "At our meter points",
}
_OF_ANYBODY: Final = {
    Whose.EVERYBODY: "All devices",
    Whose.NOTIFIED: "Pre-notified by a User ID",
    Whose.RESPONSIBLE: "At a User ID's meter points",
}


def _whose(number: str) -> Whose:
    return Whose(int(number))


class ReportFilter(FilterForm):
    """Over which devices a report counts: Users choose among everybody's and their own, DCC any User ID's."""

    device_type = forms.TypedChoiceField(
        label="Device type",
        choices=[("", "Any"), *((each.duis, each.duis) for each in DeviceType)],
        coerce=DeviceType.of,
        empty_value=None,
    )
    whose = forms.TypedChoiceField(label="Whose", coerce=_whose, empty_value=None)
    user = forms.TypedChoiceField(label="User ID", coerce=Eui64.parse, empty_value=None)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        words = _OF_ANYBODY if actor.is_dcc else _OF_OURS
        cast("forms.ChoiceField", self.fields["whose"]).choices = [(each.value, words[each]) for each in Whose]
        if actor.is_dcc:
            cast("forms.ChoiceField", self.fields["user"]).choices = notifying_users()
        else:
            del self.fields["user"]

    def clean(self) -> dict[str, Any]:
        """See that DCC says whose devices it means."""
        cleaned = super().clean() or self.cleaned_data
        means_one = cleaned.get("whose") not in (None, Whose.EVERYBODY)
        if self.actor.is_dcc and means_one and not cleaned.get("user") and "user" not in self.errors:
            self.add_error("user", SuggestedError("Whose devices is not said.", "Choose a User ID."))
        return cleaned

    @property
    def chosen(self) -> Chosen:
        """Return over which devices to count; a filter that makes no sense counts all."""
        given = self.active
        whose = given.get("whose", Whose.EVERYBODY)
        user_id = None
        if whose != Whose.EVERYBODY:
            user_id = given["user"] if self.actor.is_dcc else self.actor.user.user_id
        return Chosen(whose=whose, user_id=user_id, device_type=given.get("device_type"))
