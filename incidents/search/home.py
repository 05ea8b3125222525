"""What awaits an actor: the piles of the home page."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import QuerySet

from incidents.models import AskingAlert, BulkJob, InstallCodeRequest
from incidents.models.choices import Side, State
from incidents.search import batches, responsibility, work_packs
from incidents.search.install_code_requests import Requests, requests_of, with_parties
from incidents.search.work_packs import Pack
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.uploads.search import work
from ssi.uploads.search.desk import NOTHING_TO_CONFIRM, ToConfirm, count_to_confirm
from ssi.uploads.search.quarantine import ToDecide, to_decide

ROWS_AT_HOME = 8


@dataclass(frozen=True, slots=True)
class Pile:
    """Some requests that await something: the first few, and how many there are (counted to 10,001)."""

    rows: Sequence[InstallCodeRequest] = ()
    count: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What awaits an actor. `to_answer` is theirs to do; `answered`, `asked` and `with_desk` they raised.

    `desk`, `overdue` and `not_notified` are the DCC service desk's: what nobody is asked for, what nobody answered
    in time, and what somebody is asked who has not been told. So are `contradicted`, how many open requests
    registration data contradict, `alerts`, the parties that asked for far more than they gained, and
    `signed_files`, what DCC is to confirm.
    `batches` are the work on many requests that is under way or waits for a word, `packs` are those to answer.
    `uploads` and `to_decide` await an officer: signed files, and quarantined communications.
    """

    to_answer: Pile = field(default_factory=Pile)
    answered: Pile = field(default_factory=Pile)
    asked: Pile = field(default_factory=Pile)
    with_desk: Pile = field(default_factory=Pile)
    desk: Pile = field(default_factory=Pile)
    overdue: Pile = field(default_factory=Pile)
    not_notified: Pile = field(default_factory=Pile)
    contradicted: int = 0
    alerts: Sequence[AskingAlert] = ()
    signed_files: ToConfirm = NOTHING_TO_CONFIRM
    batches: Sequence[BulkJob] = ()
    packs: Sequence[Pack] = ()
    uploads: work.Awaiting = field(default_factory=work.Awaiting)
    to_decide: ToDecide = field(default_factory=ToDecide)


def awaiting(actor: Actor) -> Awaiting:
    """Return what awaits `actor` on the home page; nothing that their roles do not let them work on."""
    if actor.may(Component.SERVICE_DESK):
        return Awaiting(
            desk=_pile(requests_of(actor, state=State.WITH_SERVICE_DESK), "id"),
            overdue=_pile(requests_of(actor, overdue=True), "due_date", "id"),
            not_notified=_pile(requests_of(actor, not_notified=True), "id"),
            contradicted=_count(responsibility.contradicted(InstallCodeRequest.objects.open())),
            alerts=responsibility.alerts_shown(),
            signed_files=count_to_confirm(),
        )
    officer = actor.may(Component.ADT_AND_QUARANTINE_VIEW)
    raises = actor.may(Component.INSTALL_CODE_REQUEST_RAISE)
    responds = actor.may(Component.INSTALL_CODE_REQUEST_RESPOND)
    raised = [requests_of(actor, side=Side.RAISED, state=state) for state in _RAISED_PILES] if raises else []
    answered, asked, with_desk = [_pile(each, "id") for each in raised] or [Pile(), Pile(), Pile()]
    return Awaiting(
        to_answer=_to_answer(actor) if responds else Pile(),
        answered=answered,
        asked=asked,
        with_desk=with_desk,
        batches=batches.unfinished(actor) if raises or responds else (),
        packs=work_packs.to_answer(actor) if responds else (),
        uploads=work.awaiting(actor) if officer else work.Awaiting(),
        to_decide=to_decide(actor) if officer else ToDecide(),
    )


_RAISED_PILES = (State.ANSWERED, State.ASSIGNED, State.WITH_SERVICE_DESK)


def _to_answer(actor: Actor) -> Pile:
    """Return what `actor` is asked for, soonest due first, and how much of it is overdue."""
    mine = requests_of(actor, side=Side.ASSIGNED, state=State.ASSIGNED)
    late = _count(requests_of(actor, side=Side.ASSIGNED, overdue=True))
    return _pile(mine, "due_date", "id", overdue=late)


def _pile(found: Requests, *order: str, overdue: int = 0) -> Pile:
    rows = list(with_parties(found).order_by(*order)[: ROWS_AT_HOME + 1])
    count = len(rows) if len(rows) <= ROWS_AT_HOME else _count(found)
    return Pile(rows=rows[:ROWS_AT_HOME], count=count, overdue=overdue)


def _count(found: QuerySet[InstallCodeRequest]) -> int:
    """Count as far as lists count (design 5): one more than the highest count says "more than"."""
    return found[: settings.SSI_HIGHEST_COUNT + 1].count()
