"""Beginning a move of many requests: what was chosen and seen becomes a job that a worker carries out at once."""

import hashlib
import json
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q

from incidents.actions.bulk import engine
from incidents.actions.bulk.engine import Instruction
from incidents.actions.bulk.rows import NewRow
from incidents.actions.bulk_moves.moving import states_for
from incidents.actions.install_code_requests.answering import Declined
from incidents.actions.install_code_requests.closing import reason_to_withdraw
from incidents.models import BulkJob
from incidents.models.choices import BulkKind, DeclineReason, Outcome, Side
from incidents.search import selections
from incidents.search.selections import Chosen, Selection
from ssi.access.actor import Actor

MOST_MOVED = 50_000
SIDES = {BulkKind.CLOSE: Side.RAISED, BulkKind.WITHDRAW: Side.RAISED, BulkKind.DECLINE: Side.ASSIGNED}
"""On which side of the requests whoever moves them stands."""


def selected(kind: BulkKind, chosen: Chosen, *, by: Actor) -> Selection:
    """Return what of the chosen requests can be moved so now. Raises NothingChosen, TooManyChosen."""
    can = Q(state__in=states_for(kind.value))
    return selections.select(chosen, side=SIDES[kind], can=can, most=MOST_MOVED, by=by)


@transaction.atomic
def close_selected(chosen: Chosen, *, seen: str, outcome: Outcome, by: Actor) -> BulkJob:
    """Close the chosen requests, or return them if their codes are wrong.

    `seen` is that of the selection that was shown: raises ChoiceChanged if it is another by now, NotAllowed, and
    what `selected` raises.
    """
    return _begin(BulkKind.CLOSE, chosen, seen, {"outcome": Outcome(outcome).value}, by)


@transaction.atomic
def withdraw_selected(chosen: Chosen, *, seen: str, reason: str, by: Actor) -> BulkJob:
    """Withdraw the chosen requests. Raises what `close_selected` and the single withdrawal raise."""
    return _begin(BulkKind.WITHDRAW, chosen, seen, {"reason": reason_to_withdraw(reason)}, by)


@transaction.atomic
def decline_selected(chosen: Chosen, *, seen: str, reason: DeclineReason, detail: str = "", by: Actor) -> BulkJob:
    """Decline the chosen requests. Raises what `close_selected` and the single decline raise."""
    declined = Declined.because(reason, detail)
    facts = {"reason": declined.reason.value, "detail": declined.detail}
    return _begin(BulkKind.DECLINE, chosen, seen, facts, by)


def _begin(kind: BulkKind, chosen: Chosen, seen: str, facts: Mapping[str, str], by: Actor) -> BulkJob:
    """Begin the job, confirmed already. The same again is another job: a code may turn out wrong twice."""
    engine.require(kind, by)
    selection = selected(kind, chosen, by=by)
    selection.require(seen)
    rows = [
        NewRow(line, reference, device_id, key)
        for line, (key, reference, device_id) in enumerate(
            selections.of_keys(selection.able).values_list("pk", "reference", "device_id"), start=1
        )
    ]
    instruction = Instruction(
        kind=kind,
        sha256=hashlib.sha256(json.dumps([facts, selection.able], sort_keys=True).encode()).hexdigest(),
        rows=rows,
        facts=facts,
        confirmed=True,
    )
    return engine.begin(instruction, by=by, again=True)
