"""Sealing every install code anew with the newest key, while the portal runs.

Whoever reveals a code meanwhile sees its old envelope or its new one, and holds both keys; no lock stands in the
way of reading. What may not be taken away before the end is the old key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BinaryField, F, Func, QuerySet

from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.audit import log
from ssi.crypto import CannotOpen, current_header, newest_key_id
from ssi.db import update_many

BATCH = 500
"""Codes a transaction in the first pass."""

FIRST = UUID(int=0)

ROTATED = "install_code.keys_rotated"

Say = Callable[[int, int], None]
"""Told how many codes were looked at, and how many there were to begin with."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation came to: how many codes it sealed anew, and how many each older key still seals."""

    newest: str
    sealed: int
    unopened: int
    remaining: Mapping[str, int]

    audit_name: ClassVar[str] = "code_keys"

    @property
    def audit_ref(self) -> str:
        """Return the id of the key that seals from now on."""
        return self.newest

    @property
    def is_complete(self) -> bool:
        """Tell whether no older key is needed any more."""
        return not self.remaining


def rotate(*, by: Actor, say: Say) -> Rotation:
    """Seal every code anew that another key than the newest seals. May be stopped, and run again, at any time.

    The first pass goes through the table in batches and leaves out what somebody holds; the second waits for
    those, one at a time, so that nobody waits for it in turn. What cannot be opened, because its key is gone or it
    was altered, is left as it is and counted.
    """
    total, done, unopened = _stale().count(), 0, 0
    for is_second in (False, True):
        after = FIRST
        unopened = 0
        while True:
            with transaction.atomic(durable=True):
                batch = list(_next(after, is_second=is_second))
                opened = [code for code in batch if _reseal(code)]
                update_many(opened, ["envelope"])
            if not batch:
                break
            after = batch[-1].pk
            done += len(opened)
            unopened += len(batch) - len(opened)
            say(done, total)
    rotation = Rotation(newest_key_id(), done, unopened, _counted())
    with transaction.atomic():
        log.record(
            ROTATED, by=by, about=rotation, sealed=done, unopened=unopened, remaining=dict(rotation.remaining)
        )
    return rotation


def _stale() -> QuerySet[SealedInstallCode]:
    """Return the codes that the newest key did not seal: their envelopes begin otherwise."""
    header = current_header()
    start = Func(F("envelope"), 1, len(header), function="substring", output_field=BinaryField())
    return SealedInstallCode.objects.annotate(start=start).exclude(start=header)


def _next(after: UUID, *, is_second: bool) -> QuerySet[SealedInstallCode]:
    """Return the next codes to seal anew, locked against changes but not against being pointed at."""
    found = _stale().filter(pk__gt=after).order_by("pk")
    return found.select_for_update(skip_locked=not is_second, no_key=True)[: 1 if is_second else BATCH]


def _reseal(code: SealedInstallCode) -> bool:
    """Seal a code anew and tell whether it could be opened."""
    try:
        code.reseal()
    except CannotOpen:
        return False
    return True


def _counted() -> Mapping[str, int]:
    """Return how many codes each key seals, without the newest."""
    table = connection.ops.quote_name(SealedInstallCode._meta.db_table)
    key = "encode(substring(envelope FROM 3 FOR get_byte(envelope, 1)), 'escape')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, count(*) FROM {table} GROUP BY 1 HAVING {key} <> %s ORDER BY 1",  # noqa: S608 - our names
            [newest_key_id()],
        )
        return dict(cursor.fetchall())
