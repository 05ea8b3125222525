"""How work packs are found: what another supplier asked in one go, how much is answered, and which comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from django.db.models import Count, F, Min, Q, QuerySet

from incidents.models import InstallCodeRequest, WorkPack
from incidents.models.choices import State
from incidents.models.install_code_requests import overdue_now
from incidents.search.install_code_requests import Requests, with_parties
from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.web.pages import Page, page_of

NEWEST_FIRST = ("-id",)
ROWS_AT_HOME = 3


class WorkPackUnknown(Refusal):
    """There is no work pack {reference}, or you may not see it."""

    suggestion = "Check the reference, or look for it among the work packs."
    status = HTTPStatus.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pack is: its requests by state, the first day an answer is due, and how many are late."""

    states: dict[State, int]
    overdue: int = 0
    due_date: date | None = None

    @property
    def total(self) -> int:
        """Return how many requests of the pack are still this supplier's."""
        return sum(self.states.values())

    @property
    def left(self) -> int:
        """Return how many wait for an answer."""
        return self.states.get(State.ASSIGNED, 0)

    @property
    def dealt_with(self) -> int:
        """Return how many wait for nothing here any more."""
        return self.total - self.left


NOTHING = Progress({})


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack with how far it is."""

    pack: WorkPack
    progress: Progress


@dataclass(frozen=True, slots=True)
class Turn:
    """The request that is answered next: `left` wait for an answer, `number` of them is this one's place."""

    pack: WorkPack
    request: InstallCodeRequest
    number: int
    left: int


def one(reference: str, *, by: Actor) -> WorkPack:
    """Return the pack with its raiser and installer. Raises WorkPackUnknown also for what `by` may not see."""
    found = _with_parties(WorkPack.objects.visible_to(by)).filter(reference=reference.upper()).first()
    if found is None:
        raise WorkPackUnknown(reference=reference)
    return found


def page_of_packs(actor: Actor, *, to_do: bool = False, cursor: str = "") -> tuple[Page[WorkPack], Sequence[Pack]]:
    """Return one page of the packs that `actor` may see, the newest first; `to_do`: only with answers left."""
    found = _to_do(actor) if to_do else WorkPack.objects.visible_to(actor)
    page = page_of(_with_parties(found), key=NEWEST_FIRST, cursor=cursor)
    return page, _with_progress(page.rows)


def to_answer(actor: Actor) -> Sequence[Pack]:
    """Return the packs that wait for answers of the actor's User ID, the oldest first."""
    return _with_progress(list(_with_parties(_to_do(actor)).order_by("id")[:ROWS_AT_HOME]))


def progress_of(pack: WorkPack) -> Progress:
    """Return how far one pack is."""
    return _progress_of([pack])[pack.pk]


def requests_in(pack: WorkPack) -> Requests:
    """Return the requests of a pack that are its installing supplier's still: what was re-routed is another's."""
    return InstallCodeRequest.objects.filter(work_pack=pack, assigned_to=pack.installer_id)


def page_of_requests(pack: WorkPack, *, state: State | None = None, cursor: str = "") -> Page[InstallCodeRequest]:
    """Return one page of a pack's requests in the order they were raised."""
    found = requests_in(pack)
    if state is not None:
        found = found.filter(state=state)
    return page_of(with_parties(found), key=("id",), cursor=cursor)


def next_to_answer(pack: WorkPack, *, after: str = "") -> InstallCodeRequest | None:
    """Return the request to answer next: the first after the one named, else the first that was skipped."""
    waiting = requests_in(pack).filter(state=State.ASSIGNED).order_by("id")
    if after:
        passed = InstallCodeRequest.objects.filter(work_pack=pack).by_reference(after.upper()).values("id")
        following = waiting.filter(id__gt=passed).first()
        if following is not None:
            return following
    return waiting.first()


def turn_of(request: InstallCodeRequest, pack: WorkPack) -> Turn:
    """Return where in its pack's queue a request stands."""
    waiting = requests_in(pack).filter(state=State.ASSIGNED)
    count = waiting.aggregate(left=Count("pk"), before=Count("pk", filter=Q(pk__lt=request.pk)))
    return Turn(pack, request, count["before"] + 1, count["left"])


def _to_do(actor: Actor) -> QuerySet[WorkPack]:
    """Return the packs with answers left, by way of what waits for the actor, not of all that ever did."""
    waiting = InstallCodeRequest.objects.filter(state=State.ASSIGNED, work_pack__installer=F("assigned_to"))
    if not actor.is_dcc:
        waiting = waiting.filter(assigned_to=actor.user_id)
    return WorkPack.objects.visible_to(actor).filter(pk__in=waiting.values("work_pack"))


def _with_parties(packs: QuerySet[WorkPack]) -> QuerySet[WorkPack]:
    return packs.select_related("batch__party", "installer__party")


def _with_progress(packs: Sequence[WorkPack]) -> Sequence[Pack]:
    progress = _progress_of(packs)
    return [Pack(pack, progress[pack.pk]) for pack in packs]


def _progress_of(packs: Sequence[WorkPack]) -> dict[int, Progress]:
    """Return how far each pack is; one query for all of them."""
    mine = Q()
    for pack in packs:
        mine |= Q(work_pack=pack, assigned_to=pack.installer_id)
    progress = {pack.pk: NOTHING for pack in packs}
    if not packs:
        return progress
    counted = (
        InstallCodeRequest.objects.filter(mine)
        .values_list("work_pack", "state")
        .annotate(requests=Count("pk"), overdue=Count("pk", filter=overdue_now()), due=Min("due_date"))
    )
    for pack_id, state, requests, overdue, due in counted:
        before, waits = progress[pack_id], state == State.ASSIGNED
        progress[pack_id] = Progress(
            {**before.states, State(state): requests},
            overdue if waits else before.overdue,
            due if waits else before.due_date,
        )
    return progress
