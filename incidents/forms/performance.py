"""The form that chooses the period of which one sees figures."""

from typing import Any

from django import forms
from django.utils import timezone

from incidents.forms.askings import FIRST_YEAR, LAST_YEAR
from incidents.forms.install_code_requests import DayField
from incidents.search.performance import Period, Span, period_of
from ssi.web.forms import FilterForm, SuggestedError

SPANS = {
    Span.LAST_30_DAYS: "Last 30 days",
    Span.THIS_MONTH: "This month",
    Span.LAST_MONTH: "Last month",
    Span.THIS_QUARTER: "This quarter",
    Span.THIS_YEAR: "This year",
    Span.CUSTOM: "From … to …",
}


class PeriodForm(FilterForm):
    """Which period's figures to show."""

    period = forms.ChoiceField(label="Period", choices=[(span.value, words) for span, words in SPANS.items()])
    first = DayField(label="From")
    last = DayField(label="To")

    def clean(self) -> dict[str, Any]:
        """See that a period of one's own has both its days, in order."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if cleaned.get("period") == Span.CUSTOM and not self.errors:
            if first is None or last is None:
                empty = "first" if first is None else "last"
                self.add_error(empty, SuggestedError("A day is missing.", "Give the first and the last day."))
            elif not (first.year >= FIRST_YEAR and last.year <= LAST_YEAR):
                self.add_error("first", SuggestedError("There are no figures for then.", "Choose another period."))
            elif first > last:
                self.add_error("last", SuggestedError("The last day is before the first.", "Swap the two days."))
        return cleaned

    def chosen(self, *, whole_months: bool) -> Period:
        """Return the period; what makes no sense is the last 30 days. One's own may be kept to whole months."""
        given, today = self.active, timezone.localdate()
        span = Span(given.get("period", Span.LAST_30_DAYS))
        if span is not Span.CUSTOM:
            return period_of(span, today)
        period = Period(given["first"], given["last"])
        return period.in_whole_months if whole_months else period
