"""Correcting one device: the form and its check page, deleting it, and asking DCC's desk."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from inventory.actions.corrections import manual, one
from inventory.forms.corrections import CorrectForm, GoAheadForm, ManualForm
from inventory.models import Device
from inventory.presenters.correcting import Allowances
from inventory.search import DeviceUnknown, device_of
from inventory.search.corrections import was_deleted
from inventory.search.standing import standing_of
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.web.errors import refused
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for

CORRECTION = Component.INVENTORY_CORRECTION
FORM, CHECK, DELETE, MANUAL, DONE = (
    f"inventory/corrections/{name}.html" for name in ("correct", "check", "delete", "manual", "done")
)
CORRECTED, DELETED = "corrected", "deleted"


@requires(CORRECTION)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: SsiRequest, device_id: Eui64) -> HttpResponse:
    """Say what may be corrected by which rule, take what is right, show it to be checked, and correct it."""
    allowances = _allowances(request, device_id)
    device, posted = allowances.device, request.POST if request.method == "POST" else None
    form = CorrectForm(posted, device=device, allowed=allowances.allowed)
    step = request.POST.get("step", "check")
    if step != "change" and form.is_valid():
        try:
            if step == "send":
                return _corrected(request, form, device_id)
            _require_difference(form)
            return render(request, CHECK, {"answers": form, "device": device, "allowances": allowances})
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, FORM, {"form": form, "device": device, "allowances": allowances})


def _corrected(request: SsiRequest, form: CorrectForm, device_id: Eui64) -> HttpResponse:
    def act() -> dict[str, object]:
        return {"changed": len(one.correct(device_id, form.wanted, by=request.actor))}

    once_for(request, form, act)
    return redirect("inventory:correction_done", device_id, CORRECTED)


def _require_difference(form: CorrectForm) -> None:
    if not form.differences:
        raise one.NothingDiffers


@requires(CORRECTION)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SsiRequest, device_id: Eui64) -> HttpResponse:
    """Show what would be deleted, and delete it once that is confirmed."""
    form = GoAheadForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            once_for(request, form, lambda: one.delete(device_id, by=request.actor) or {})
        except DeviceUnknown as unknown:
            raise Http404 from unknown
        except Refusal as refusal:
            return refused(request, refusal)
        return redirect("inventory:correction_done", device_id, DELETED)
    allowances = _allowances(request, device_id)
    return render(request, DELETE, {"form": form, "device": allowances.device, "allowances": allowances})


@requires(CORRECTION)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_the_desk(request: SsiRequest, device_id: Eui64) -> HttpResponse:
    """Ask DCC to correct manufacturer and model of a device that is no longer Pending."""
    allowances = _allowances(request, device_id)
    form = ManualForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return redirect("inventory:correction", _asked_once(request, form, device_id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, MANUAL, {"form": form, "device": allowances.device, "allowances": allowances})


def _asked_once(request: SsiRequest, form: ManualForm, device_id: Eui64) -> str:
    facts = {name: form.cleaned_data[name] for name in ("manufacturer", "model", "reason")}
    answer = once_for(
        request,
        form,
        lambda: {"reference": manual.ask(device_id, **facts, by=request.actor).reference},
    )
    return str(answer["reference"])


@requires(CORRECTION)
@require_safe
def done(request: SsiRequest, device_id: Eui64, verb: str) -> HttpResponse:
    """Say what was done and what happens next."""
    if verb == CORRECTED:
        return render(request, DONE, {"device": _device(device_id), "device_id": device_id})
    if verb != DELETED or not was_deleted(device_id):
        raise Http404
    return render(request, DONE, {"device": None, "device_id": device_id})


def _allowances(request: SsiRequest, device_id: Eui64) -> Allowances:
    device = _device(device_id)
    return Allowances(device, standing_of(device, request.actor.user.user_id))


def _device(device_id: Eui64) -> Device:
    try:
        return device_of(device_id)
    except DeviceUnknown as unknown:
        raise Http404 from unknown
