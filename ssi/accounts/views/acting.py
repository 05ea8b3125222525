"""For which User ID and in which User Role one acts, and what one may then do."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from ssi.access.decorators import Requires, access_of, signed_in
from ssi.accounts.acting import Choice, actor_for
from ssi.accounts.actions import sessions
from ssi.accounts.middleware import ACTING_AS
from ssi.accounts.models import Person
from ssi.accounts.presenters import access_page
from ssi.web.requests import SsiRequest

HOME = "incidents:home"


@signed_in("Everybody may choose among what they hold.")
@require_POST
def acting_as(request: SsiRequest) -> HttpResponse:
    """Switch to another User ID or User Role that one holds."""
    choice = sessions.switch(
        person=_person(request), acting_as=request.POST.get("acting_as", ""), by=request.actor
    )
    request.session[ACTING_AS] = choice.value
    messages.success(request, f"You now act as {choice.label}.")
    return _back(request, choice)


@signed_in("Everybody may ask what they may do, and why not.")
@require_GET
def my_access(request: SsiRequest) -> HttpResponse:
    """Show every Functional Component: reached or not, why, and what would change it."""
    return render(request, "accounts/access.html", access_page(request.actor, _person(request)))


def _person(request: SsiRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 - the middleware lets nobody else come here
    return request.user


def _back(request: SsiRequest, choice: Choice) -> HttpResponseRedirect:
    """Return to the page one came from, if one reaches it as `choice`; another User ID has other things."""
    url = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return redirect(HOME)
    try:
        match = resolve(url.split("?")[0])
    except Resolver404:
        return redirect(HOME)
    access, actor = access_of(match.func), actor_for(_person(request), choice)
    if isinstance(access, Requires) and not any(actor.may(component) for component in access.components):
        return redirect(HOME)
    if match.kwargs and choice.user_id != request.actor.user_id:
        return redirect(HOME)
    return HttpResponseRedirect(url)
