"""The installing supplier's moves, of one request or of many: answering with the code, or declining."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.db import transaction
from django.utils import timezone

from incidents import history, recipients
from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.locking import locked
from incidents.actions.install_code_requests.moving import Tell, nobody
from incidents.actions.install_code_requests.notes import refuse_if_it_holds_a_code
from incidents.emails import install_code_requests as emails
from incidents.models import InstallCodeRequest
from incidents.models.choices import DeclineReason, Event, ObligationEnd
from inventory.install_code import LegacyLength, parse
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.workflow import Stopped, perform_many, require_move


class DeclineNeedsDetail(Refusal):
    """Another reason needs to be said in words."""

    suggestion = "Write why you cannot answer, so that the DCC service desk can find who can."
    field = "detail"


@dataclass(frozen=True, slots=True)
class Declined:
    """Why an installing supplier cannot answer; `because` makes one that may be kept."""

    reason: DeclineReason
    detail: str = ""

    @classmethod
    def because(cls, reason: DeclineReason, detail: str) -> Self:
        """Return the reason with its detail. Raises TextTooLong, NoteHoldsInstallCode, DeclineNeedsDetail."""
        refuse_if_it_holds_a_code(detail, field="detail")
        if reason == DeclineReason.OTHER and not detail.strip():
            raise DeclineNeedsDetail
        return cls(DeclineReason(reason), detail.strip())

    @property
    def in_words(self) -> str:
        """Return what the history says: the reason, then the detail."""
        return f"{self.reason.label}. {self.detail}".strip()


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
    answer_many(
        [request],
        codes={request.pk: sealed},
        by=by,
        tell=lambda _: emails.raiser_answered(request, to=recipients.who_may_read_the_answer(request)),
    )
    return request


def answer_many(
    requests: Sequence[InstallCodeRequest],
    *,
    codes: Mapping[int, SealedInstallCode],
    by: Actor,
    tell: Tell = nobody,
) -> list[Stopped[InstallCodeRequest]]:
    """Answer requests locked by the caller with the sealed codes of each, by its key; return what was refused.

    `tell` writes to the raisers of those that moved, where the caller does not do so itself.
    """
    now = timezone.now()

    def follow(answered: list[InstallCodeRequest]) -> None:
        clock.stop(answered, ObligationEnd.ANSWERED, at=now)
        history.add_many(answered, Event.ANSWERED, by=by)
        tell(answered)

    _, stopped = perform_many(
        requests,
        "answer",
        by=by,
        event="install_code_request.answered",
        facts=lambda request: {"code": codes[request.pk], "at": now},
        follow=follow,
    )
    return stopped


@transaction.atomic
def decline(*, reference: str, reason: DeclineReason, detail: str = "", by: Actor) -> InstallCodeRequest:
    """Say that no answer will come, and why; the desk then decides who is asked (MP121)."""
    request = locked(reference, by=by)
    require_move(request.decline, by=by)
    declined = Declined.because(reason, detail)
    decline_many(
        [request],
        why=lambda _: declined,
        by=by,
        tell=lambda _: emails.request_declined(request, to=recipients.who_may_read_the_answer(request)),
    )
    return request


def decline_many(
    requests: Sequence[InstallCodeRequest],
    *,
    why: Callable[[InstallCodeRequest], Declined],
    by: Actor,
    tell: Tell = nobody,
) -> list[Stopped[InstallCodeRequest]]:
    """Decline requests locked by the caller, each for its own reason; return what was refused.

    `tell` writes to the raisers of those that moved, where the caller does not do so itself.
    """
    now = timezone.now()

    def follow(declined: list[InstallCodeRequest]) -> None:
        clock.stop(declined, ObligationEnd.DECLINED, at=now)
        history.add_many(declined, Event.DECLINED, by=by, text=lambda request: why(request).in_words)
        tell(declined)

    _, stopped = perform_many(
        requests,
        "decline",
        by=by,
        event="install_code_request.declined",
        facts=lambda request: {"because": f"{by.party_name} declined: {why(request).reason.label}."},
        follow=follow,
    )
    return stopped
