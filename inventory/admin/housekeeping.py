"""Housekeeping for the DCC service desk: its rules type by type, its runs, and what the next one would do."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from inventory.actions import housekeeping
from inventory.durations import MOST_MONTHS, default_of
from inventory.models import HousekeepingRule, HousekeepingRun
from inventory.models.choices import TYPE_2, DeviceType
from inventory.presenters.devices import TYPE_NAMES
from inventory.search.housekeeping import durations_in_force
from ssi.access.actor import Actor
from ssi.web.desk import DeskAdmin, DeskForm, ReadOnly, actor_of
from ssi.web.templatetags.ssi import number


class RuleForm(DeskForm):
    """How long devices of a type may be Pending, and why that changes."""

    because = forms.CharField(
        label="Why",
        required=False,  # the action says what is missing, with a way out
        max_length=300,
        help_text="With where it was decided. The audit log keeps it.",
    )

    class Meta:
        model = HousekeepingRule
        fields = ("months", "is_excluded")
        help_texts = {
            "months": f"Calendar months, 1 to {MOST_MONTHS}. The next run goes by it.",
            "is_excluded": "Devices of an excluded type stay, however long they are Pending.",
        }


@admin.register(HousekeepingRule)
class HousekeepingRuleAdmin(DeskAdmin):
    """The rule of each of the eight device types; a type of which nothing was said has the usual one."""

    form = RuleForm
    change_list_template = "inventory/admin/housekeeping_rules.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """List all eight types, whether or not anything was said of them."""
        told = set(HousekeepingRule.objects.values_list("device_type", flat=True))
        rules = [
            {
                "device_type": each,
                "name": TYPE_NAMES[each],
                "duration": duration,
                "is_type_2": each in TYPE_2,
                "is_usual": each not in told,
            }
            for each, duration in durations_in_force().items()
        ]
        return super().changelist_view(request, {"rules": rules, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: every type has its rule already."""
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return a type's rule, the usual one where nothing was said of it."""
        if object_id not in {str(each.value) for each in DeviceType if each not in TYPE_2}:
            return None
        device_type = DeviceType(int(object_id))
        usual = default_of(device_type)
        return HousekeepingRule.objects.filter(pk=device_type).first() or HousekeepingRule(
            device_type=device_type, months=usual.months, is_excluded=usual.is_excluded
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the rule and the reason."""
        return ("device_type", "months", "is_excluded", "because")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the type."""
        return ("device_type",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave the reason to the form's own field."""
        kwargs["fields"] = ["months", "is_excluded"]
        return super().get_form(request, obj, change=change, **kwargs)

    def act(self, form: Any, by: Actor, *, change: bool) -> HousekeepingRule:
        """Change it."""
        wanted = form.cleaned_data
        return housekeeping.change_rule(
            device_type=DeviceType(form.instance.device_type),
            months=wanted["months"],
            is_excluded=wanted["is_excluded"],
            because=wanted["because"],
            by=by,
        )


@admin.register(HousekeepingRun)
class HousekeepingRunAdmin(ReadOnly):
    """The runs, the newest first; one that is not finished is under way, or the next one goes on with it."""

    change_list_template = "inventory/admin/housekeeping_runs.html"
    list_display = ("run_date", "started_at", "finished_at", "removed", "held")
    ordering = ("-id",)
    sortable_by = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show its numbers and whom it told."""
        return ("run_date", "started_at", "finished_at", "removed", "held", "told")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show all there is."""
        return self.get_fields(request, obj)

    @admin.display(description="Parties told")
    def told(self, run: HousekeepingRun) -> SafeString | str:
        """Return the parties that were told, with their notices and numbers."""
        notices = run.notices.select_related("party").order_by("party__name")
        return (
            format_html_join(
                "",
                '<p><a href="/housekeeping/notices/{}/">{}</a> {}: {}</p>',
                ((each.reference, each.reference, each.party.name, number(each.removed)) for each in notices),
            )
            or "none"
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the simulation."""
        simulate = path(
            "simulate/", self.admin_site.admin_view(self.simulate), name="inventory_housekeepingrun_simulate"
        )
        return [simulate, *super().get_urls()]

    def simulate(self, request: HttpRequest) -> HttpResponse:
        """Show what a run would do now, by device type and party."""
        simulation = housekeeping.simulate(by=actor_of(request))
        context = {
            **self.admin_site.each_context(request),
            "title": "What housekeeping would do now",
            "opts": self.opts,
            "simulation": simulation,
        }
        return render(request, "inventory/admin/housekeeping_simulation.html", context)
