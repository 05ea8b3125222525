"""How a person wants to be written to."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ssi.access.decorators import signed_in
from ssi.accounts.presenters import preferences_page
from ssi.notifications import actions
from ssi.refusals import Refusal
from ssi.web.requests import SsiRequest


@signed_in("Everybody may say how soon they want to be written to.")
@require_http_methods(["GET", "HEAD", "POST"])
def email_preferences(request: SsiRequest) -> HttpResponse:
    """Ask how soon one wants each kind of e-mail, and keep the answer."""
    page = preferences_page(request.actor, request.POST or None)
    form = page["form"]
    if form.is_valid():
        try:
            actions.choose_paces(paces=form.paces, by=request.actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Your choice is kept. It holds from the next e-mail on.")
            return redirect("email_preferences")
    return render(request, "accounts/preferences.html", page)
