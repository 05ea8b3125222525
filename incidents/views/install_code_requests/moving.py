"""The small pages on which a request is moved: answered, declined, closed, withdrawn, noted, re-routed, unlocked.

They differ in their form and in the action it goes to; what they share stands here, once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from incidents import moves
from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests.desk import where
from incidents.forms import install_code_requests as forms
from incidents.forms.install_codes import AnswerForm
from incidents.models import InstallCodeRequest
from incidents.models.choices import DeclineReason, Outcome
from incidents.moves import Verb
from incidents.presenters import install_code_requests as presenters
from incidents.views.finding import found_or_404
from incidents.views.sending import send_once
from incidents.views.work_packs import queue_of
from ssi.access.actor import Actor
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from ssi.web.forms import SsiForm
from ssi.web.requests import SsiRequest

Act = Callable[[dict[str, Any], str, Actor], InstallCodeRequest]


@dataclass(frozen=True, slots=True)
class Screen:
    """One such page: the move it makes, its form, and the action that what was typed goes to."""

    verb: Verb
    form: type[SsiForm]
    act: Act


ANSWER = Screen(
    Verb.ANSWER,
    AnswerForm,
    lambda typed, reference, by: actions.answer(
        reference=reference,
        install_code=typed["install_code"],
        install_code_again=typed["install_code_again"],
        legacy_length=typed["legacy_length"],
        by=by,
    ),
)
DECLINE = Screen(
    Verb.DECLINE,
    forms.DeclineForm,
    lambda typed, reference, by: actions.decline(
        reference=reference, reason=DeclineReason(typed["reason"]), detail=typed["detail"], by=by
    ),
)
CLOSE = Screen(
    Verb.CLOSE,
    forms.CloseForm,
    lambda typed, reference, by: actions.close(reference=reference, outcome=Outcome(typed["outcome"]), by=by),
)
WITHDRAW = Screen(
    Verb.WITHDRAW,
    forms.WithdrawForm,
    lambda typed, reference, by: actions.withdraw(reference=reference, reason=typed["reason"], by=by),
)
NOTE = Screen(
    Verb.NOTES,
    forms.NoteForm,
    lambda typed, reference, by: actions.add_note(reference=reference, text=typed["text"], by=by),
)
REROUTE = Screen(
    Verb.REROUTE,
    forms.RerouteForm,
    lambda typed, reference, by: actions.reroute(
        reference=reference, to=typed["to"].eui, reason=typed["reason"], by=by, seen=typed["seen"]
    ),
)

UNLOCK = Screen(
    Verb.UNLOCK,
    forms.UnlockForm,
    lambda typed, reference, by: actions.unlock(reference=reference, reason=typed["reason"], by=by),
)


def serve(request: SsiRequest, reference: str, screen: Screen) -> HttpResponse:
    """Show the page, or carry out what was sent; say why where the move cannot be made."""
    code_request = found_or_404(request, reference)
    form = screen.form(request.POST if request.method == "POST" else None, initial={"seen": where(code_request)})
    if not form.is_valid():
        refusal = moves.why_not(code_request, screen.verb, request.actor)
        return not_now(request, code_request, refusal) if refusal else _page(request, code_request, form, screen)
    try:
        send_once(request, form, lambda: screen.act(form.cleaned_data, code_request.reference, request.actor))
    except (NotAllowed, NotInThisState) as refusal:
        return not_now(request, code_request, refusal)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, code_request, form, screen)
    if screen.verb is Verb.NOTES:
        messages.success(request, "Your note was added, and the other side is told by e-mail.")
        return redirect(code_request)
    if screen.verb in _IN_A_QUEUE and (queue := queue_of(request, code_request)):
        messages.success(request, f"{code_request.reference} is {_IN_A_QUEUE[screen.verb]}.")
        return redirect(queue.skip)
    return redirect("incidents:done", code_request.reference, screen.verb)


_IN_A_QUEUE = {Verb.ANSWER: "answered", Verb.DECLINE: "declined"}


def not_now(request: SsiRequest, code_request: InstallCodeRequest, refusal: Refusal) -> HttpResponse:
    """Say why the move cannot be made, with the way back to the request."""
    facts = {
        "title": "This cannot be done" if isinstance(refusal, NotAllowed) else "This cannot be done now",
        "detail": refusal.message,
        "suggestion": refusal.way_out,
        "code_request": code_request,
    }
    return render(request, "incidents/install_code_requests/not_now.html", facts, status=refusal.status)


def _page(request: SsiRequest, code_request: InstallCodeRequest, form: SsiForm, screen: Screen) -> HttpResponse:
    template = f"incidents/install_code_requests/{screen.verb}.html"
    queue = queue_of(request, code_request) if screen.verb in _IN_A_QUEUE else None
    if queue and screen is ANSWER and not form.is_bound:
        form.fields["install_code"].widget.attrs["autofocus"] = True  # one code after the other, without the mouse
    facts = {
        "form": form,
        "code_request": code_request,
        "heading": presenters.name_of(screen.verb),
        "verb": screen.verb,
        "queue": queue,
    }
    return render(request, template, facts)
