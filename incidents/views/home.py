"""The home page: what awaits whoever signed in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from incidents.actions import obligations
from incidents.presenters import home as presenters
from incidents.presenters.batches import Line
from incidents.presenters.install_code_requests import long_day
from ssi.access.decorators import signed_in
from ssi.web.requests import SsiRequest


@signed_in("Everyone has a home page; what stands on it is cut to their roles.")
@require_safe
def home(request: SsiRequest) -> HttpResponse:
    """Show what awaits the actor, the most urgent first."""
    now = timezone.now()
    awaiting = obligations.show_awaiting(request.actor)
    facts = {
        "greeting": presenters.greeting(now, request.actor.person_name),
        "today": long_day(timezone.localdate(now)),
        "can": presenters.can_of(request.actor),
        "awaiting": awaiting,
        "batches": [Line(job) for job in awaiting.batches],
        "to_answer_card": presenters.to_answer_card(awaiting.to_answer),
        "to_decide_card": presenters.to_decide_card(awaiting.to_decide),
    }
    return render(request, "incidents/home.html", facts)
