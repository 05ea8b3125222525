"""The DCC service desk's move when a code was read as often as it may be: the raiser may read it again.

The desk never sees the code; it hears why it is needed once more, and both sides see that it agreed.
"""

from django.conf import settings
from django.db import transaction

from incidents import history, recipients, rules
from incidents.actions.install_code_requests.locking import locked
from incidents.actions.install_code_requests.notes import refuse_if_it_holds_a_code
from incidents.emails import install_code_requests as emails
from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, State
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.refusals import NotInThisState, Refusal


class NotLocked(NotInThisState):
    """{raiser} may still read this code {left}."""

    suggestion = "Unlock it once it was read as often as it may be. Reload the page to see how often it was."


class UnlockNeedsReason(Refusal):
    """Both parties will read why the code may be read again, so a reason is needed."""

    suggestion = "Write what the raiser told you in a sentence."
    field = "reason"


@transaction.atomic
def unlock(*, reference: str, reason: str, by: Actor) -> InstallCodeRequest:
    """Let the raiser read the code as often again as at first, for a reason that both parties read.

    Raises NotAllowed, RequestUnknown, NotInThisState, NotLocked, UnlockNeedsReason.
    """
    by.require(Component.SERVICE_DESK)
    request = locked(reference, by=by)
    if request.state != State.ANSWERED:
        raise NotInThisState(what=request.reference, state=request.get_state_display().lower())
    if not rules.is_read_out(request):
        raise not_locked(request)
    if not reason.strip():
        raise UnlockNeedsReason
    refuse_if_it_holds_a_code(reason, field="reason")
    request.reveals_allowed = request.reveals + settings.SSI_REVEALS_ALLOWED
    request.save(update_fields=["reveals_allowed"])
    history.add(request, Event.UNLOCKED, by=by, text=reason.strip())
    emails.raiser_unlocked(request, to=recipients.who_may_read_the_answer(request))
    log.record("install_code_request.unlocked", by=by, about=request, reveals_allowed=request.reveals_allowed)
    return request


def not_locked(request: InstallCodeRequest) -> NotLocked:
    """Return why there is nothing to unlock."""
    left = request.reveals_allowed - request.reveals
    return NotLocked(raiser=request.raised_by_party.name, left="once" if left == 1 else f"{left} times")
