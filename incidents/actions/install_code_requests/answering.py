"""The installing supplier's moves: answering with the code, or declining."""

from django.db import transaction
from django.utils import timezone

from incidents import history, recipients
from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.locking import locked
from incidents.actions.install_code_requests.notes import refuse_if_it_holds_a_code
from incidents.emails import install_code_requests as emails
from incidents.models import InstallCodeRequest
from incidents.models.choices import DeclineReason, Event, ObligationEnd
from inventory.install_code import LegacyLength, parse
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.workflow import perform, require_move


class DeclineNeedsDetail(Refusal):
    """Another reason needs to be said in words."""

    suggestion = "Write why you cannot answer, so that the DCC service desk can find who can."
    field = "detail"


@transaction.atomic
def answer(
    *,
    reference: str,
    install_code: str,
    install_code_again: str = "",
    legacy_length: LegacyLength | None = None,
    by: Actor,
) -> InstallCodeRequest:
    """Seal the install code into the request and tell the raiser (SEC App AC 4.16(c), (d)).

    36 hex digits are checked by their check digits; 32 have none and must be given twice. Shorter codes are read
    only where `legacy_length` names their length. Raises the refusals of `inventory.install_code`,
    RequestUnknown, NotAllowed and NotInThisState.
    """
    request = locked(reference, by=by)
    require_move(request.answer, by=by)
    code = parse(install_code, again=install_code_again or None, legacy_length=legacy_length)
    sealed = SealedInstallCode(device_id=request.device_id, given_by_id=by.user.user_id)
    sealed.put(code)
    sealed.save(force_insert=True)
    now = timezone.now()
    clock.stop([request], ObligationEnd.ANSWERED, at=now)
    history.add(request, Event.ANSWERED, by=by)
    emails.raiser_answered(request, to=recipients.who_may_read_the_answer(request))
    perform(request.answer, by=by, event="install_code_request.answered", code=sealed, at=now)
    return request


@transaction.atomic
def decline(*, reference: str, reason: DeclineReason, detail: str = "", by: Actor) -> InstallCodeRequest:
    """Say that no answer will come, and why; the desk then decides who is asked (MP121)."""
    request = locked(reference, by=by)
    require_move(request.decline, by=by)
    refuse_if_it_holds_a_code(detail, field="detail")
    if reason == DeclineReason.OTHER and not detail.strip():
        raise DeclineNeedsDetail
    clock.stop([request], ObligationEnd.DECLINED, at=timezone.now())
    because = f"{by.party_name} declined: {DeclineReason(reason).label}."
    history.add(request, Event.DECLINED, by=by, text=f"{DeclineReason(reason).label}. {detail.strip()}".strip())
    emails.request_declined(request, to=recipients.who_may_read_the_answer(request))
    perform(request.decline, by=by, event="install_code_request.declined", because=because)
    return request
