"""What people do with files of corrections: send one, have it applied, have it reverted, call it off."""

import hashlib
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from inventory.actions.corrections.reading import LARGEST_BYTES, NewRow, read
from inventory.actions.corrections.waking import wake_after_commit
from inventory.install_code import FileNameHoldsInstallCode, holds_install_code
from inventory.models import CorrectionBatch
from inventory.models.corrections import UNFINISHED, CorrectionState
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.refusals import NotAllowed, Refusal
from ssi.web.sheets import Upload, bytes_of
from ssi.workflow import perform

THE_SAME_AT_ONCE: Final = "one_unfinished_batch_of_the_same_file"

_COPY: Final = "COPY inventory_correctionrow (batch_id, line, device_id, wanted, given, finding, rule) FROM STDIN"


class BatchUnknown(Refusal):
    """There is no file of corrections {reference} that you may see."""

    suggestion = "Check the reference, and that you act for the User ID that sent the file."
    status = HTTPStatus.NOT_FOUND


class NothingToApply(Refusal):
    """No line of this file may be applied."""

    suggestion = "Each line says why, and what to do about it."
    status = HTTPStatus.CONFLICT


def send(upload: Upload, *, file_name: str = "", by: Actor) -> CorrectionBatch:
    """Take a file of corrections to be checked by a worker; nothing is changed before `apply`.

    The same file sent again while it is under way gives the batch that it made (`recognised`); of two sent at
    once the database takes one. Raises NotAllowed, FileNameHoldsInstallCode, ColumnsNotFound, and what
    `ssi.web.sheets` refuses.
    """
    by.require(Component.INVENTORY_CORRECTION)
    if holds_install_code(file_name):
        raise FileNameHoldsInstallCode
    data = bytes_of(upload, largest_bytes=LARGEST_BYTES)
    return begin(read(data), sha256=hashlib.sha256(data).hexdigest(), file_name=file_name, by=by)


@transaction.atomic
def begin(rows: Iterable[NewRow], *, sha256: str, file_name: str, by: Actor) -> CorrectionBatch:
    """Store the rows of a file to be checked by a worker; see `send`."""
    while True:
        found = _same(sha256, by)
        if found is not None:
            found.recognised = True
            return found
        batch = _inserted(sha256, file_name, by)
        if batch is not None:
            batch.given, batch.refused, batch.findings = _copied(batch, rows)
            batch.save(update_fields=["given", "refused", "findings"])
            log.record("correction_batch.sent", by=by, about=batch, lines=batch.given)
            wake_after_commit(batch.pk)
            return batch


def _same(sha256: str, by: Actor) -> CorrectionBatch | None:
    mine = CorrectionBatch.objects.filter(user_id=by.user.user_id, sha256=sha256, state__in=UNFINISHED)
    return mine.order_by("-id").first()


def _inserted(sha256: str, file_name: str, by: Actor) -> CorrectionBatch | None:
    """Insert the batch; return None if somebody else has just sent the same file."""
    if by.person_id is None:
        raise NotAllowed(why="Only a person sends corrections.", way_out="Sign in.")
    batch = CorrectionBatch(
        user_id_id=by.user.user_id,
        party_id=by.user.party_id,
        person_id=by.person_id,
        user_role=by.user.user_role,
        file_name=file_name,
        sha256=sha256,
    )
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError as clash:
        if THE_SAME_AT_ONCE not in str(clash):
            raise
        return None
    return batch


def _copied(batch: CorrectionBatch, rows: Iterable[NewRow]) -> tuple[int, int, dict[str, int]]:
    """Store rows in one COPY; return how many, how many cannot be used, and these by finding."""
    stored = 0
    found: dict[str, int] = {}
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            stored += 1
            if row.finding:
                found[row.finding] = found.get(row.finding, 0) + 1
            copy.write_row((batch.pk, row.line, row.device_id, row.wanted, row.given, row.finding, ""))
    return stored, sum(found.values()), found


@transaction.atomic
def apply(reference: str, *, by: Actor) -> CorrectionBatch:
    """Have exactly what was previewed applied. Raises BatchUnknown, NotAllowed, NotInThisState, NothingToApply."""
    batch = _locked(reference, by)
    if batch.state == CorrectionState.CHECKED and not batch.allowed:
        raise NothingToApply
    perform(batch.apply, by=by, event="correction_batch.confirmed", at=timezone.now())
    wake_after_commit(batch.pk)
    return batch


@transaction.atomic
def revert(reference: str, *, by: Actor) -> CorrectionBatch:
    """Have put back what stood there before, where nothing changed since. Raises as `apply`."""
    batch = _locked(reference, by)
    perform(batch.revert, by=by, event="correction_batch.revert_asked", at=timezone.now())
    wake_after_commit(batch.pk)
    return batch


@transaction.atomic
def cancel(reference: str, *, by: Actor) -> CorrectionBatch:
    """Call a file off that was not applied. Raises BatchUnknown, NotAllowed, NotInThisState."""
    batch = _locked(reference, by)
    perform(batch.cancel, by=by, event="correction_batch.cancelled")
    return batch


def _locked(reference: str, by: Actor) -> CorrectionBatch:
    """Return the batch with its row locked; what one may not see does not exist."""
    by.require(Component.INVENTORY_CORRECTION)
    visible = CorrectionBatch.objects.visible_to(by).filter(reference=reference.upper())
    batch = visible.select_for_update(of=("self",), no_key=True).first()
    if batch is None:
        raise BatchUnknown(reference=reference)
    return batch
