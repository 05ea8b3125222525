"""Codes in escrow: what an installing supplier deposited ahead, and by which rule it answers (MP281)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from incidents.actions.escrow import by_file, depositing, ruling, withdrawing
from incidents.forms.escrow import DepositFilter, DepositForm, RuleForm, UploadForm, WithdrawForm
from incidents.models.choices import ReleaseRule
from incidents.presenters import escrow as presenters
from incidents.search import escrow as search
from incidents.views.batches import RECOGNISED
from incidents.views.sending import act_once
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.exports import csv_download
from ssi.web.idempotency import Answer
from ssi.web.requests import SsiRequest

RESPOND = Component.INSTALL_CODE_REQUEST_RESPOND
form_page = require_http_methods(["GET", "HEAD", "POST"])


@requires(RESPOND)
@require_safe
def escrow(request: SsiRequest) -> HttpResponse:
    """Show the rule, the counts and the list of one's codes in escrow."""
    filters = DepositFilter(request.GET or None)
    narrowing = filters.narrowing()
    found = search.deposits_of(request.actor, **narrowing)
    page = presenters.EscrowPage(
        search.standing_of(request.actor),
        search.page_of_deposits(found, cursor=request.GET.get("cursor", "")),
        narrowing["which"],
    )
    return render(request, "incidents/escrow/escrow.html", {"shown": page, "filters": filters})


@requires(RESPOND)
@require_safe
def export(request: SsiRequest) -> HttpResponseBase:
    """Send the same list as a CSV file."""
    found = search.deposits_of(request.actor, **DepositFilter(request.GET or None).narrowing())
    rows = map(presenters.csv_row, search.every_one(found))
    return csv_download("codes-in-escrow", presenters.CSV_HEADER, rows)


@requires(RESPOND)
@form_page
def rule(request: SsiRequest) -> HttpResponse:
    """Choose when codes in escrow answer by themselves."""
    form = RuleForm(request.POST or None, initial={"rule": search.rule_of(request.actor)})
    if form.is_valid():
        chosen = ReleaseRule(form.cleaned_data["rule"])
        try:
            ruling.choose_rule(rule=chosen, understood=form.cleaned_data["understood"], by=request.actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Your rule is now: {chosen.label}.")
            return redirect("incidents:escrow")
    facts = {"form": form, "waiting": search.waiting_for(request.actor)}
    return render(request, "incidents/escrow/rule.html", facts)


@requires(RESPOND)
@form_page
@sensitive_post_parameters("install_code", "install_code_again", "correction")
def deposit(request: SsiRequest) -> HttpResponse:
    """Deposit the code of one device."""
    form = DepositForm(request.POST or None, initial={"device_id": request.GET.get("device_id", "")})
    if form.is_valid() and _is_deposited(request, form):
        messages.success(request, f"The code of {form.cleaned_data['device_id']} is sealed and in escrow.")
        return redirect("incidents:escrow")
    response = render(request, "incidents/escrow/deposit.html", {"form": form})
    response["Cache-Control"] = "no-store"
    return response


def _is_deposited(request: SsiRequest, form: DepositForm) -> bool:
    """Deposit what `form` holds, once; tell whether that was so, else the form says why not."""
    given = {name: value for name, value in form.cleaned_data.items() if name != "idempotency_key"}

    def act() -> Answer:
        return {"device_id": str(depositing.deposit(**given, by=request.actor).device_id)}

    try:
        act_once(request, form, act)
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


@requires(RESPOND)
@form_page
def upload(request: SsiRequest) -> HttpResponse:
    """Take a file of codes and have it checked; its codes are sealed at once, nothing is deposited by that."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        try:
            job = by_file.draft(form.sheet, request.actor, file_name=form.file_name)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            known = f"?{urlencode({RECOGNISED: 'yes'})}" if job.recognised else ""
            return redirect(f"{job.get_absolute_url()}{known}")
    return render(request, "incidents/escrow/upload.html", {"form": form})


@requires(RESPOND)
@form_page
def withdraw(request: SsiRequest) -> HttpResponse:
    """Show which codes are to be taken out of escrow, then take them out."""
    form = WithdrawForm(request.POST or None, initial={"device": request.GET.getlist("device")})
    if form.is_valid():
        devices = form.cleaned_data["device"]
        try:
            act_once(request, form, lambda: {"count": withdrawing.withdraw(device_ids=devices, by=request.actor)})
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, presenters.withdrawn(len(devices)))
            return redirect("incidents:escrow")
    facts = {"form": form, "deposits": search.those(request.actor, form.chosen)}
    return render(request, "incidents/escrow/withdraw.html", facts)
