"""Reading an install code: a reason, a fresh sign-in, a POST; the record is committed before it is opened."""

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents import moves
from incidents.actions import install_code_requests as actions
from incidents.forms.install_code_requests import RevealForm
from incidents.models import InstallCodeRequest
from incidents.moves import Verb
from incidents.presenters import install_code_requests as presenters
from incidents.views.finding import found_or_404
from incidents.views.install_code_requests.moving import not_now
from incidents.views.sending import permit_once
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from ssi.web.requests import SsiRequest

FORM, CODE = (f"incidents/install_code_requests/{name}.html" for name in ("reveal", "revealed"))


@requires(Component.INSTALL_CODE_REQUEST_RAISE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: SsiRequest, reference: str) -> HttpResponse:
    """Ask for the reason, then show the code; never by GET, so that no history and no cache holds it."""
    code_request = found_or_404(request, reference)
    form = RevealForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and request.actor.may_reveal:
        try:
            return _show(request, code_request, form)
        except (NotAllowed, NotInThisState) as refusal:
            return not_now(request, code_request, refusal)
        except Refusal as refusal:
            form.refuse(refusal)
    return _form(request, code_request, form)


def _form(request: SsiRequest, code_request: InstallCodeRequest, form: RevealForm) -> HttpResponse:
    """Ask for the reason, or say why the code cannot be read now."""
    if refusal := moves.why_not(code_request, Verb.REVEAL, request.actor):
        return not_now(request, code_request, refusal)
    if not request.actor.may_reveal:
        return _sign_in_again(code_request)
    facts = {"form": form, "code_request": code_request, "heading": presenters.name_of(Verb.REVEAL)}
    return render(request, FORM, facts)


def _show(request: SsiRequest, code_request: InstallCodeRequest, form: RevealForm) -> HttpResponse:
    """Commit the record that the code is read now, then open it."""
    reason, by = form.cleaned_data["reason"], request.actor
    permit = permit_once(
        request, form, lambda: actions.permit_reveal(reference=code_request.reference, reason=reason, by=by)
    )
    code = actions.open_code(permit=permit, by=by)
    facts = {
        "code_request": code_request,
        "digits": code.hex,
        "digits_with_check": code.with_crc,
        "groups": presenters.groups_of_four(code.hex),
        "check_digits": code.with_crc[len(code.hex) :],
        "reveals": permit.reveals,
        "left": code_request.reveals_allowed - permit.reveals,
    }
    return render(request, CODE, facts)


def _sign_in_again(code_request: InstallCodeRequest) -> HttpResponseRedirect:
    """Send the person to give their password again, and back here."""
    here = presenters.url_of(code_request, Verb.REVEAL)
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': here})}")
