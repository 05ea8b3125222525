"""The calendar at the desk: entries are made and taken back, each with its reason; none is edited or deleted."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from ssi.access.actor import Actor
from ssi.calendar import actions, search
from ssi.calendar.models import CalendarEntry, Kind
from ssi.web.desk import DeskAdmin, DeskForm
from ssi.web.templatetags.ssi import status_tag
from ssi.working_days import day_in_words, holidays_between

LOOK_AHEAD = timedelta(days=400)


class EntryForm(DeskForm):
    """A change to the calendar: made once, and afterwards only taken back."""

    class Meta:
        model = CalendarEntry
        fields = ("kind", "on_date", "name", "because", "taken_back_because")
        help_texts = {
            "name": "Only for a bank holiday that is added: as it was proclaimed.",
            "because": "With where it was proclaimed. The audit log keeps it.",
            "taken_back_because": "Open due dates are counted anew. The entry stays in the list.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() & {"name", "because", "taken_back_because"}:
            self.fields[name].required = False  # the action says what is missing, with a way out
        if "on_date" in self.fields:
            today = timezone.localdate()
            coming = holidays_between(today, today + LOOK_AHEAD, search.overrides())
            listed = "; ".join(f"{day_in_words(day)}, {name}" for day, name in coming)
            self.fields["on_date"].help_text = f"Coming bank holidays: {listed}."


@admin.register(CalendarEntry)
class CalendarEntryAdmin(DeskAdmin):
    """Bank holidays added to, or taken out of, the published calendar of England and Wales."""

    form = EntryForm
    list_display = ("on_date", "kind", "name", "standing", "because")
    list_filter = ("kind",)
    ordering = ("-on_date", "-pk")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask what changes; afterwards show it, and ask why it is taken back."""
        if obj is None:
            return ("kind", "on_date", "name", "because")
        shown = ("kind", "on_date", "name", "because", "entered_at")
        return (
            (*shown, "taken_back_because") if obj.is_in_force else (*shown, "taken_back_at", "taken_back_because")
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave only the reason for taking it back open."""
        return () if obj is None else ("kind", "on_date", "name", "because", "entered_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse where the entry was taken back already."""
        may: bool = super().has_change_permission(request, obj)
        return may and (obj is None or obj.is_in_force)

    def act(self, form: Any, by: Actor, *, change: bool) -> CalendarEntry:
        """Enter it, or take it back."""
        wanted = form.cleaned_data
        if change:
            return actions.take_back(entry_id=form.instance.pk, because=wanted["taken_back_because"], by=by)
        if wanted["kind"] == Kind.ADDED:
            return actions.add_holiday(
                day=wanted["on_date"], name=wanted["name"], because=wanted["because"], by=by
            )
        return actions.take_out_holiday(day=wanted["on_date"], because=wanted["because"], by=by)

    @admin.display(description="Standing")
    def standing(self, entry: CalendarEntry) -> SafeString:
        """Return whether it counts."""
        return status_tag("In force" if entry.is_in_force else "Taken back")
