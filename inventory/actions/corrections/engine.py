"""The engine of files of corrections: checks, applies and reverts them chunk by chunk.

PostgreSQL is the truth. Every step is one committed transaction that begins with the lock of the batch's row and
ends with how far it came (`at_line`), so two workers never do one step twice, and after a kill at any moment
whoever comes next goes on where the last commit ended.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from inventory.actions.corrections import statements
from inventory.actions.corrections.findings import KEPT
from inventory.models import CorrectionBatch
from inventory.models.corrections import AT_WORK, CorrectionState
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.acting import actor_later
from ssi.workflow import perform

CHUNK: Final = 20_000
"""Rows a step: a second or two under lock."""

RUN_SECONDS: Final = 60.0
"""After so long a worker lets others' files come in between."""

VIA: Final = "bulk"
_STATEMENTS: Final[Mapping[str, str]] = {
    CorrectionState.CHECKING: statements.CHECK,
    CorrectionState.APPLYING: statements.APPLY,
    CorrectionState.REVERTING: statements.REVERT,
}


def carry_on(batch_id: int, *, seconds: float = RUN_SECONDS) -> bool:
    """Go on with a file until its stage is done or the time is up; tell whether more is left.

    May run twice at once, and be killed at any moment. Call it outside any transaction.
    """
    end = time.monotonic() + seconds
    while _one_step(batch_id):
        if time.monotonic() > end:
            return True
    return False


def carry_out_here(batch_id: int) -> None:
    """Do all that is left of a stage inside the caller's transaction: for the demo estate, loaded whole."""
    while _one_step(batch_id, durable=False):
        pass


def batches_to_do() -> list[int]:
    """Return the keys of the files that wait for a worker, the oldest first."""
    return list(CorrectionBatch.objects.filter(state__in=AT_WORK).order_by("id").values_list("pk", flat=True))


def actor_of(batch: CorrectionBatch) -> Actor:
    """Return on whose behalf a file is applied, with the rights they have now."""
    return actor_later(batch.person_id, batch.party, batch.user_id_id, batch.user_role, via=VIA)


def _one_step(batch_id: int, *, durable: bool = True) -> bool:
    """Do one committed step of a file; tell whether another may follow. Whoever finds it locked leaves it."""
    with transaction.atomic(durable=durable):
        batch = _claimed(batch_id)
        if batch is None:
            return False
        facts = statements.facts_of(batch) | {"after": batch.at_line, "rows": CHUNK}
        with connection.cursor() as cursor:
            if batch.state != CorrectionState.CHECKING and not actor_of(batch).may(Component.INVENTORY_CORRECTION):
                _refuse_rest(cursor, batch, facts)
                _end(batch)
                return False
            if batch.state == CorrectionState.CHECKING and not batch.at_line:
                _mark_doubles(cursor, batch, facts)
            cursor.execute(statements.FIND_CHUNK, facts)
            upto = cursor.fetchone()[0]
            if upto is None:
                _end(batch)
                return False
            _deal_with(cursor, batch, facts | {"upto": upto})
        return True


def _claimed(batch_id: int) -> CorrectionBatch | None:
    return (
        CorrectionBatch.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .select_related("party")
        .filter(pk=batch_id, state__in=AT_WORK)
        .first()
    )


def _mark_doubles(cursor: Any, batch: CorrectionBatch, facts: Mapping[str, Any]) -> None:
    """Refuse lines whose device stands on another; before the first chunk, for all of the file."""
    cursor.execute("ANALYZE inventory_correctionrow")
    cursor.execute(statements.MARK_DOUBLES, facts)
    _count(batch, dict(cursor.fetchall()))


def _deal_with(cursor: Any, batch: CorrectionBatch, facts: Mapping[str, Any]) -> None:
    """Check, apply or revert the rows up to a line, and remember how far that is."""
    if batch.state != CorrectionState.CHECKING:
        cursor.execute(statements.LOCK, facts)
    cursor.execute(_STATEMENTS[batch.state], facts)
    _count(batch, dict(cursor.fetchall()))
    batch.at_line = facts["upto"]
    batch.save(update_fields=["at_line", "allowed", "refused", "done", "undone", "conflicts", "findings"])


def _refuse_rest(cursor: Any, batch: CorrectionBatch, facts: Mapping[str, Any]) -> None:
    finding = "may_no_longer" if batch.state == CorrectionState.APPLYING else f"{KEPT}may_no_longer"
    cursor.execute(statements.REFUSE_REST, {**facts, "no_longer": finding})
    _count(batch, {finding: cursor.rowcount})


def _count(batch: CorrectionBatch, found: Mapping[str, int]) -> None:
    """Add what a step did to the batch's counts: rows by finding, "" being those that nothing speaks against."""
    went, against = found.get("", 0), {key: number for key, number in found.items() if key and number}
    batch.findings = {
        key: batch.findings.get(key, 0) + against.get(key, 0) for key in sorted({*batch.findings, *against})
    }
    if batch.state == CorrectionState.CHECKING:
        batch.allowed += went
        batch.refused += sum(against.values())
    elif batch.state == CorrectionState.APPLYING:
        batch.done += went
        batch.conflicts += sum(against.values())
    else:
        batch.undone += went


def _end(batch: CorrectionBatch) -> None:
    """Write that the present stage is over."""
    now = timezone.now()
    batch.save(update_fields=["allowed", "refused", "done", "undone", "conflicts", "findings"])
    moves = {
        CorrectionState.CHECKING: (batch.checked, "correction_batch.checked"),
        CorrectionState.APPLYING: (batch.applied, "correction_batch.applied"),
        CorrectionState.REVERTING: (batch.reverted, "correction_batch.reverted"),
    }
    move, event = moves[CorrectionState(batch.state)]
    perform(move, by=Actor.system(), event=event, at=now)
