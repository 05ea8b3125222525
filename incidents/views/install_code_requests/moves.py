"""The moves of a request, a page each; `moving` says what they share."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from incidents.presenters.install_code_requests import confirmation_of
from incidents.views.finding import found_or_404
from incidents.views.install_code_requests import moving
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web.requests import SsiRequest

RAISE, RESPOND = Component.INSTALL_CODE_REQUEST_RAISE, Component.INSTALL_CODE_REQUEST_RESPOND
DESK = Component.SERVICE_DESK
form_page = require_http_methods(["GET", "HEAD", "POST"])


@requires(RESPOND)
@form_page
@sensitive_post_parameters("install_code", "install_code_again", "correction")
def answer(request: SsiRequest, reference: str) -> HttpResponse:
    """Answer with the sealed install code."""
    response = moving.serve(request, reference, moving.ANSWER)
    response["Cache-Control"] = "no-store"
    return response


@requires(RESPOND)
@form_page
def decline(request: SsiRequest, reference: str) -> HttpResponse:
    """Say that no answer will come, and why."""
    return moving.serve(request, reference, moving.DECLINE)


@requires(Component.INCIDENT_CLOSE)
@form_page
def close(request: SsiRequest, reference: str) -> HttpResponse:
    """Close the request, or return a wrong code."""
    return moving.serve(request, reference, moving.CLOSE)


@requires(RAISE)
@form_page
def withdraw(request: SsiRequest, reference: str) -> HttpResponse:
    """Take the request back."""
    return moving.serve(request, reference, moving.WITHDRAW)


@requires(RAISE, RESPOND, DESK)
@form_page
def note(request: SsiRequest, reference: str) -> HttpResponse:
    """Write a note."""
    return moving.serve(request, reference, moving.NOTE)


@requires(DESK)
@form_page
def reroute(request: SsiRequest, reference: str) -> HttpResponse:
    """Give the request to another User ID."""
    return moving.serve(request, reference, moving.REROUTE)


@requires(DESK)
@form_page
def unlock(request: SsiRequest, reference: str) -> HttpResponse:
    """Let the raiser read a code again that was read as often as it may be."""
    return moving.serve(request, reference, moving.UNLOCK)


@requires(RAISE, RESPOND, DESK)
@require_safe
def done(request: SsiRequest, reference: str, verb: str) -> HttpResponse:
    """Confirm what was done and say what happens next."""
    code_request = found_or_404(request, reference)
    confirmation = confirmation_of(code_request, verb)
    if confirmation is None:
        return redirect(code_request)
    facts = {"code_request": code_request, "confirmation": confirmation, "verb": verb}
    return render(request, "incidents/install_code_requests/done.html", facts)
