"""The register of officers as an SRO sees it: who acts for the company, who is nominated, and who did before.

Nobody else finds these pages: not the company's administrator, who can grant neither role, and not its security
analysts, who see what officers do, not who they are. The desk has the register among its own pages.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.accounts import search
from ssi.accounts.actions import officers as actions
from ssi.accounts.actions.officers import OfficerUnknown
from ssi.accounts.forms.officers import EndForm, NominateForm, WithdrawForm
from ssi.accounts.models import Officer
from ssi.accounts.presenters_of_officers import entry_of, list_page
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from ssi.web.forms import SsiForm
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for

form_page = require_http_methods(["GET", "HEAD", "POST"])


@requires(Component.ARO_NOMINATION)
@require_safe
def officers(request: SsiRequest) -> HttpResponse:
    """List the company's SROs and AROs, nominations that await DCC first."""
    return render(request, "accounts/officers/officers.html", list_page(request.actor))


@requires(Component.ARO_NOMINATION)
@require_safe
def earlier(request: SsiRequest) -> HttpResponse:
    """List entries that have ended, the newest first."""
    page = search.earlier_officers(request.actor, cursor=request.GET.get("cursor", ""))
    return render(request, "accounts/officers/earlier.html", {"page": page})


@requires(Component.ARO_NOMINATION)
@require_safe
def officer(request: SsiRequest, reference: str) -> HttpResponse:
    """Show one entry of the register."""
    entry = entry_of(_found_or_404(request, reference), request.actor)
    return render(request, "accounts/officers/officer.html", {"entry": entry, "officer": entry.officer})


@requires(Component.ARO_NOMINATION)
@form_page
def nominate(request: SsiRequest) -> HttpResponse:
    """Take who is nominated, show it to be checked, and nominate once it is confirmed."""
    form = NominateForm(request.POST if request.method == "POST" else None, actor=request.actor)
    step = request.POST.get("step", "check")
    if step != "change" and form.is_valid():
        try:
            if step == "send":
                return redirect("officer_nominated", _nominated_once(request, form))
            theirs = actions.check_nomination(
                user_ids=form.euis, email=form.cleaned_data["email"], by=request.actor
            )
            return render(request, "accounts/officers/check.html", {"answers": form, "user_ids": theirs})
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, "accounts/officers/nominate.html", {"form": form})


@requires(Component.ARO_NOMINATION)
@require_safe
def nominated(request: SsiRequest, reference: str) -> HttpResponse:
    """Say what was nominated, and what happens next."""
    return render(request, "accounts/officers/nominated.html", {"officer": _found_or_404(request, reference)})


@requires(Component.ARO_NOMINATION)
@form_page
def withdraw(request: SsiRequest, reference: str) -> HttpResponse:
    """Take a nomination back."""
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    return _moved(
        request,
        reference,
        form,
        verb="withdraw",
        act=lambda: actions.withdraw(reference=reference, by=request.actor),
        said="The nomination of {} is withdrawn.",
    )


@requires(Component.ARO_NOMINATION)
@form_page
def end(request: SsiRequest, reference: str) -> HttpResponse:
    """End the role of an ARO."""
    form = EndForm(request.POST if request.method == "POST" else None)
    return _moved(
        request,
        reference,
        form,
        verb="end",
        act=lambda: actions.end(reference=reference, because=form.cleaned_data["because"], by=request.actor),
        said="{} acts for your company as ARO no more. Their sessions and tokens have ended.",
    )


def _moved(
    request: SsiRequest, reference: str, form: SsiForm, *, verb: str, act: Callable[[], Officer], said: str
) -> HttpResponse:
    """Show the page of a move, or make it once; who is late is led to the entry and told why."""
    shown = _found_or_404(request, reference)
    if not form.is_valid():
        return render(request, f"accounts/officers/{verb}.html", {"form": form, "officer": shown})
    try:
        once_for(request, form, lambda: {"reference": act().reference})
    except (NotAllowed, NotInThisState) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said.format(shown.name))
    return redirect("officer", reference)


def _nominated_once(request: SsiRequest, form: NominateForm) -> str:
    """Nominate and return the first entry's reference."""
    facts = form.cleaned_data

    def act() -> dict[str, str]:
        entries = actions.nominate_aro(
            user_ids=form.euis, email=facts["email"], name=facts["name"], by=request.actor
        )
        return {"reference": entries[0].reference}

    return str(once_for(request, form, act)["reference"])


def _found_or_404(request: SsiRequest, reference: str) -> Officer:
    try:
        return search.officer_of(reference, request.actor)
    except OfficerUnknown as unknown:
        raise Http404 from unknown
