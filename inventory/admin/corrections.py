"""The manual process at the DCC service desk: one person examines what is asked, another makes it or refuses."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString

from inventory.actions.corrections import manual
from inventory.models import ManualCorrection
from inventory.models.corrections import ManualState
from ssi.access.actor import Actor
from ssi.web.desk import DeskAdmin, DeskForm, Move
from ssi.web.templatetags.ssi import mono, status_tag

PROPOSE, REFUSE = "propose", "refuse"
OPEN = frozenset({ManualState.ASKED, ManualState.PROPOSED})


def _make(pk: Any, by: Actor) -> str:
    """Make the correction that another examined."""
    correction = ManualCorrection.objects.get(pk=pk)
    manual.make(correction.reference, by=by)
    return f"{correction.reference} is made: the device carries {correction.manufacturer} {correction.model} now."


class DecisionForm(DeskForm):
    """What the desk says: a proposal that another makes, or a refusal."""

    decision = forms.ChoiceField(
        choices=[(PROPOSE, "Propose it: another of the desk then makes it"), (REFUSE, "Refuse it")],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label="What the desk says",
        required=False,
        max_length=2_000,
        help_text="Who asked reads it. Say what you looked at, or why not.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    class Meta:
        model = ManualCorrection
        fields = ("answer",)


@admin.register(ManualCorrection)
class ManualCorrectionAdmin(DeskAdmin):
    """Corrections of manufacturer and model that Users ask for. Source: SECMP0125."""

    form = DecisionForm
    list_display = ("reference", "standing", "device", "party", "asked_for", "created_at")
    list_select_related = ("party", "current_model")
    list_filter = ("state",)
    ordering = ("-created_at", "-id")
    sortable_by = ()
    moves = (
        Move(
            "make",
            "Make this correction",
            _make,
            lambda correction: correction.state == ManualState.PROPOSED,
            kind="primary",
        ),
    )
    readonly_fields = (
        "reference", "state", "device", "party", "user_id", "on_record", "asked_for", "reason", "created_at",
        "examined_by", "decided_by", "decided_at",
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the facts, and while it is open what the desk may say."""
        is_open = obj is not None and obj.state in OPEN
        return (*self.readonly_fields, "decision", "answer") if is_open else (*self.readonly_fields, "answer")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave the decision to the form's own field."""
        kwargs["fields"] = ["answer"]
        return super().get_form(request, obj, change=change, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: Users ask, on the device's page."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what cannot be written: everything once it is decided."""
        return self.readonly_fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let the desk decide on what is open; the rest is to look at."""
        return obj is None or obj.state in OPEN

    @admin.display(description="state")
    def standing(self, correction: ManualCorrection) -> SafeString:
        """Return the state as the portal's other pages show it."""
        return status_tag(correction.get_state_display())

    @admin.display(description="Device ID")
    def device(self, correction: ManualCorrection) -> SafeString | str:
        """Return the Device ID on one line."""
        return mono(correction.device_id)

    @admin.display(description="on record when asked")
    def on_record(self, correction: ManualCorrection) -> str:
        """Return manufacturer and model as they were."""
        return f"{correction.current_model.manufacturer} {correction.current_model.model}"

    @admin.display(description="should be")
    def asked_for(self, correction: ManualCorrection) -> str:
        """Return manufacturer and model as they are asked for."""
        return f"{correction.manufacturer} {correction.model}"

    def act(self, form: Any, by: Actor, *, change: bool) -> models.Model:
        """Propose or refuse it, as the form says."""
        answer, reference = form.cleaned_data["answer"], form.instance.reference
        if form.cleaned_data["decision"] == REFUSE:
            return manual.refuse(reference, answer=answer, by=by)
        return manual.examine(reference, answer=answer, by=by)
