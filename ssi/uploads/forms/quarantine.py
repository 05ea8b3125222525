"""Forms of quarantined communications: narrowing what is listed, and deciding about it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ssi.eui64 import Eui64, Eui64FormField
from ssi.uploads.actions.quarantine.deciding import MOST_CHOSEN
from ssi.uploads.formats.exit_quarantine import LONGEST_REASON
from ssi.uploads.models.choices import Decision, Fate
from ssi.uploads.search.quarantine import Narrowing, RequestKey
from ssi.web.forms import FilterForm, SsiForm

TAKE_BACK = "none"
LAST_COUNTER = 10**20 - 1
_DECISIONS = [*Decision.choices, (TAKE_BACK, "Take the decision back")]


class EventFilter(FilterForm):
    """Which events to list: those of which something is open, or the others."""

    show = forms.ChoiceField(
        label="Show", choices=[("", "All events"), ("open", "Open ones"), ("ended", "Ended ones")]
    )

    @property
    def is_open(self) -> bool | None:
        """Return whether open ones are wanted; None for all."""
        return {"open": True, "ended": False}.get(self.active.get("show", ""))


class CommunicationFilter(FilterForm):
    """Which communications of an event to list, or to decide about."""

    srv = forms.CharField(
        label="Service Reference Variant", max_length=8, widget=forms.TextInput(attrs={"size": 8})
    )
    target = Eui64FormField(label="Target Device ID", widget=forms.TextInput(attrs={"size": 26, "class": "mono"}))
    fate = forms.ChoiceField(label="Stands", choices=[("", "Anywhere"), *Fate.choices])
    decided = forms.ChoiceField(
        label="Decided on screen", choices=[("", "Either"), ("yes", "Decided"), ("no", "Not decided")]
    )

    @property
    def narrowing(self) -> Narrowing:
        """Return what was asked for."""
        active = self.active
        return Narrowing(
            srv=active.get("srv", "").strip(),
            target=active.get("target"),
            fate=active.get("fate", ""),
            is_wished={"yes": True, "no": False}.get(active.get("decided", "")),
        )


class RequestKeyField(forms.Field):
    """Which communications were ticked, as target:counter each."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[RequestKey]:
        """Return the keys; raises ValidationError for what no page of ours sends."""
        if len(value or ()) > MOST_CHOSEN:
            raise ValidationError(f"More than {MOST_CHOSEN} communications are ticked.", code="invalid_list")
        try:
            return [_key(str(each)) for each in value or ()]
        except ValueError as wrong:
            raise ValidationError("A communication that is ticked is none.", code="invalid_list") from wrong


def _key(text: str) -> RequestKey:
    target, _, counter = text.rpartition(":")
    if not (counter.isascii() and counter.isdigit() and int(counter[:40]) <= LAST_COUNTER):
        raise ValueError("no counter")
    return RequestKey(Eui64.parse(target), int(counter))


class DecideForm(SsiForm):
    """A decision about communications that were ticked, or about all that the filters find."""

    decision = forms.ChoiceField(label="Decision", choices=_DECISIONS, widget=forms.RadioSelect)
    because = forms.CharField(
        label="Reason",
        required=False,
        max_length=LONGEST_REASON,
        help_text="Goes into the signed file, so that DCC reads it. May be left out.",
        strip=False,
    )
    everything = forms.BooleanField(required=False, widget=forms.HiddenInput)
    up_to = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)
    communication = RequestKeyField(required=False)

    @property
    def asks_for_all(self) -> bool:
        """Tell whether it is about all that the filters find, rather than about what was ticked."""
        return bool(self.data.get("everything"))

    @property
    def ticked(self) -> list[str]:
        """Return what was ticked, as it came."""
        return self.data.getlist("communication") if isinstance(self.data, QueryDict) else []

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the action takes."""
        given = self.cleaned_data
        wanted = given["decision"]
        return {
            "decision": None if wanted == TAKE_BACK else Decision(wanted),
            "because": given["because"],
            "chosen": None if given["everything"] else given["communication"],
        }
