"""Doing something with many requests of a list at once, ticked or all that its filter finds; a page each."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents.actions import bulk_moves as actions
from incidents.actions.install_code_requests import exporting
from incidents.actions.install_code_requests.revealing import RevealPermit
from incidents.forms import bulk_moves as forms
from incidents.forms.bulk_moves import Choice, SeenForm
from incidents.models import BulkJob
from incidents.models.choices import BulkKind, DeclineReason, Outcome, Side
from incidents.moves import Verb
from incidents.presenters import bulk_moves as presenters
from incidents.search.selections import Chosen, NothingChosen, Selection, TooManyChosen
from incidents.views.sending import act_once, send_once
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.exports import csv_attachment
from ssi.web.requests import SsiRequest

RAISE, RESPOND = Component.INSTALL_CODE_REQUEST_RAISE, Component.INSTALL_CODE_REQUEST_RESPOND
form_page = require_http_methods(["GET", "HEAD", "POST"])
Act = Callable[[Chosen, dict[str, Any], Actor], BulkJob]


@dataclass(frozen=True, slots=True)
class Screen:
    """One such page: what is done with the requests, what is asked about them, and the action that it goes to."""

    verb: Verb
    side: Side
    form: type[SeenForm]
    selected: Callable[[Chosen, Actor], Selection]
    act: Act | None = None


def _of_kind(kind: BulkKind) -> Callable[[Chosen, Actor], Selection]:
    return lambda chosen, by: actions.selected(kind, chosen, by=by)


CLOSE = Screen(
    Verb.CLOSE,
    Side.RAISED,
    forms.CloseSelectedForm,
    _of_kind(BulkKind.CLOSE),
    lambda chosen, typed, by: actions.close_selected(
        chosen, seen=typed["seen"], outcome=Outcome(typed["outcome"]), by=by
    ),
)
WITHDRAW = Screen(
    Verb.WITHDRAW,
    Side.RAISED,
    forms.WithdrawSelectedForm,
    _of_kind(BulkKind.WITHDRAW),
    lambda chosen, typed, by: actions.withdraw_selected(chosen, seen=typed["seen"], reason=typed["reason"], by=by),
)
DECLINE = Screen(
    Verb.DECLINE,
    Side.ASSIGNED,
    forms.DeclineSelectedForm,
    _of_kind(BulkKind.DECLINE),
    lambda chosen, typed, by: actions.decline_selected(
        chosen, seen=typed["seen"], reason=DeclineReason(typed["reason"]), detail=typed["detail"], by=by
    ),
)
CODES = Screen(Verb.REVEAL, Side.RAISED, forms.ExportForm, lambda chosen, by: exporting.exportable(chosen, by=by))


@requires(Component.INCIDENT_CLOSE)
@form_page
def close(request: SsiRequest) -> HttpResponse:
    """Close requests, or return those whose codes are wrong."""
    return _serve(request, CLOSE)


@requires(RAISE)
@form_page
def withdraw(request: SsiRequest) -> HttpResponse:
    """Take requests back."""
    return _serve(request, WITHDRAW)


@requires(RESPOND)
@form_page
def decline(request: SsiRequest) -> HttpResponse:
    """Say that no answers will come, and why."""
    return _serve(request, DECLINE)


@requires(RAISE)
@never_cache
@form_page
def codes(request: SsiRequest) -> HttpResponse:
    """Ask for the reason, then send the codes as a file for DUIS; never by GET."""
    choice = _choice(request)
    if not request.actor.may_reveal:
        return _sign_in_again(choice)
    form = CODES.form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _send_codes(request, choice, form)
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(request, CODES, choice, form)


def _serve(request: SsiRequest, screen: Screen) -> HttpResponse:
    """Show what was chosen, or begin the job once it is confirmed."""
    choice, form = _choice(request), screen.form(request.POST if request.method == "POST" else None)
    if form.is_valid() and screen.act is not None:
        act = screen.act
        try:
            reference = send_once(request, form, lambda: act(choice.chosen, form.cleaned_data, request.actor))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("incidents:batch", reference)
    return _page(request, screen, choice, form)


def _choice(request: SsiRequest) -> Choice:
    return Choice(request.POST if request.method == "POST" else request.GET)


def _page(request: SsiRequest, screen: Screen, choice: Choice, form: SeenForm) -> HttpResponse:
    """Say how many requests these are, which of them cannot be dealt with and why, and ask."""
    facts: dict[str, Any] = {"choice": choice, "form": form, "words": presenters.WORDS[screen.verb]}
    facts["back"] = f"{reverse('incidents:requests')}?side={screen.side}"
    try:
        selection = screen.selected(choice.chosen, request.actor)
    except (NothingChosen, TooManyChosen) as refusal:
        facts["refusal"] = refusal
        return render(request, "incidents/bulk_moves/none.html", facts, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    form.show_anew(selection.seen)
    facts["page"] = presenters.SelectionPage(screen.verb, selection, request.actor)
    return render(request, f"incidents/bulk_moves/{screen.verb}.html", facts)


def _send_codes(request: SsiRequest, choice: Choice, form: SeenForm) -> HttpResponse:
    """Commit the record that the codes are read now, then open them; nothing of it is written anywhere."""
    typed, by = form.cleaned_data, request.actor
    answer = act_once(
        request,
        form,
        lambda: {
            "permits": [
                asdict(permit)
                for permit in exporting.permit_export(
                    choice.chosen, seen=typed["seen"], reason=typed["reason"], by=by
                )
            ]
        },
    )
    permits = [RevealPermit(**each) for each in answer["permits"]]
    return csv_attachment("install-codes", exporting.HEADER, list(exporting.export(permits=permits, by=by)))


def _sign_in_again(choice: Choice) -> HttpResponse:
    """Send the person to give their password again, and back here."""
    here = f"{reverse('incidents:chosen_codes')}?{choice.query}"
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': here})}")
