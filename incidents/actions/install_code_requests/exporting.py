"""Reading many install codes at once, for DUIS: each counts, and is recorded, as a reading of its own."""

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.db.models import F, Q

from incidents import history, rules
from incidents.actions.install_code_requests.notes import refuse_if_it_holds_a_code
from incidents.actions.install_code_requests.revealing import (
    REVEALED,
    RevealNeedsFreshSignIn,
    RevealNeedsReason,
    RevealPermit,
    open_codes,
)
from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, Side, State
from incidents.search import selections
from incidents.search.selections import ChoiceChanged, Chosen, Selection
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.db import update_many

MOST_EXPORTED = 1_000

HEADER = ("DeviceID", "InstallCode", "Reference")
"""DUIS's own element names (SR 8.11), then the portal's reference."""

_READABLE = Q(state=State.ANSWERED, reveals__lt=F("reveals_allowed"))


def exportable(chosen: Chosen, *, by: Actor) -> Selection:
    """Return which of the chosen requests have a code that may be read now.

    Raises NotAllowed, NothingChosen, TooManyChosen.
    """
    by.require(Component.INSTALL_CODE_REQUEST_RAISE)
    return selections.select(chosen, side=Side.RAISED, can=_READABLE, most=MOST_EXPORTED, by=by)


@transaction.atomic
def permit_export(chosen: Chosen, *, seen: str, reason: str, by: Actor) -> list[RevealPermit]:
    """Count and record that `by` will read these codes, for `reason`; commit it before `export`.

    `seen` is that of the selection that was shown: raises ChoiceChanged if it is another by now. Raises what
    `exportable` raises, RevealNeedsFreshSignIn, RevealNeedsReason, TextTooLong, NoteHoldsInstallCode.
    """
    selection = exportable(chosen, by=by)
    selection.require(seen)
    if not by.may_reveal:
        raise RevealNeedsFreshSignIn
    if not reason.strip():
        raise RevealNeedsReason
    refuse_if_it_holds_a_code(reason, field="reason")
    requests = _locked(selection, by)
    for request in requests:
        request.reveals += 1
    update_many(requests, ["reveals"])
    history.add_many(requests, Event.REVEALED, by=by)
    details = [{"reason": reason.strip(), "code": str(each.install_code_id)} for each in requests]
    events = log.record_many(REVEALED, by=by, about=requests, details=details)
    return [
        RevealPermit(request.reference, request.reveals, event)
        for request, event in zip(requests, events, strict=True)
    ]


def export(*, permits: Sequence[RevealPermit], by: Actor) -> Iterator[tuple[str, str, str]]:
    """Yield the lines of the file, by `HEADER`: codes without their check digits, as DUIS carries them.

    Raises RevealPermitSpent, RevealNeedsFreshSignIn.
    """
    for request, code in open_codes(permits=permits, by=by):
        yield str(request.device_id), code.hex, request.reference


def _locked(selection: Selection, by: Actor) -> list[InstallCodeRequest]:
    """Return the requests with their rows locked. Raises ChoiceChanged if one cannot be read any more."""
    requests = list(
        InstallCodeRequest.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk__in=selection.able)
        .order_by("pk")
    )
    readable = [each for each in requests if each.state == State.ANSWERED and not rules.is_read_out(each)]
    if len(readable) != len(selection.able) or not all(rules.by_raiser(each, by) for each in readable):
        raise ChoiceChanged
    return readable
