"""Raising a request: the form, the check of one's answers, and what happens next."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from incidents.actions import install_code_requests
from incidents.forms.install_code_requests import RaiseForm
from incidents.presenters.install_code_requests import RAISED
from incidents.views.sending import send_once
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.requests import SsiRequest

FORM, CHECK = (f"incidents/install_code_requests/{name}.html" for name in ("raise", "check"))


@requires(Component.INSTALL_CODE_REQUEST_RAISE)
@require_http_methods(["GET", "HEAD", "POST"])
def raise_request(request: SsiRequest) -> HttpResponse:
    """Take the answers, show them to be checked, and raise the request once they are confirmed."""
    posted = request.POST if request.method == "POST" else None
    form = RaiseForm(posted, initial={"device_id": request.GET.get("device_id", "")})
    step = request.POST.get("step", "check")
    if step != "change" and form.is_valid():
        try:
            if step == "send":
                return redirect("incidents:done", _raise_once(request, form), RAISED)
            preview = install_code_requests.check_one(**form.facts, by=request.actor)
            return render(request, CHECK, {"answers": form, "preview": preview})
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, FORM, {"form": form})


def _raise_once(request: SsiRequest, form: RaiseForm) -> str:
    """Raise it and return its reference."""
    return send_once(
        request,
        form,
        lambda: install_code_requests.raise_one(
            **form.facts, responsible=form.cleaned_data["responsible"], by=request.actor
        ),
    )
