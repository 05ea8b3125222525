"""The askings behind a figure, as hidden filters of a list of requests: they come with a link from the figures."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

from incidents.search.performance import Period, Which

FIRST_YEAR, LAST_YEAR = 2000, 2100
LARGEST_KEY = 2**63 - 1

_WORDS = {
    Which.ASKED: "",
    Which.LATE: ", not answered in time",
    Which.DECLINED: ", declined",
    Which.WRONG: ", wrong code",
    Which.OPEN: ", still open",
    Which.OVERDUE: ", overdue",
}


class _Day(forms.DateField):
    """A day of an address, in the years that there may be requests of."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, input_formats=["%Y-%m-%d"])

    def to_python(self, value: Any) -> date | None:
        """Return the day, or refuse one beyond all requests."""
        day: date | None = super().to_python(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError("There were no requests then.", code="invalid")
        return day


class AskingFields(forms.Form):
    """From when to when somebody was asked, of which party, and what became of it."""

    asked_from = _Day()
    asked_to = _Day()
    asked_party = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=LARGEST_KEY)
    asked_which = forms.ChoiceField(
        required=False, choices=[(each.value, each.value) for each in Which], widget=forms.HiddenInput
    )


def asking_of(chosen: dict[str, Any]) -> dict[str, Any] | None:
    """Return what `search.performance.askings` takes, from the fields that are set; None without a period."""
    first, last = chosen.get("asked_from"), chosen.get("asked_to")
    if first is None or last is None:
        return None
    return {
        "period": Period(first, last),
        "which": Which(chosen.get("asked_which", Which.ASKED)),
        "party_id": chosen.get("asked_party"),
    }


def asking_in_words(chosen: dict[str, Any]) -> str:
    """Return how a list says that it is narrowed to askings, or nothing if it is not."""
    asking = asking_of(chosen)
    if asking is None:
        return ""
    first, last = (date_format(day, "j M Y") for day in (asking["period"].first_date, asking["period"].last_date))
    return f"Asked from {first} to {last}{_WORDS[asking['which']]}"
