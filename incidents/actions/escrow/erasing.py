"""Erasing codes in escrow that nobody can need any more: a secret is kept no longer than it may be used."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from incidents.actions.escrow.withdrawing import take_out
from incidents.models import EscrowedCode
from inventory.models.choices import SmiStatus
from ssi.access.actor import Actor
from ssi.audit import log

ERASED = "escrowed_code.erased"
CHUNK = 500
OVER = (SmiStatus.COMMISSIONED, SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN)
"""In these a device has joined its home's network for good, or never will."""

# Why a deposit is of no use; null while it is of some. Once a depositor has left, its requests go to whoever took
# over from it, or to the desk: its own codes answer nothing any more.
_UNNEEDED = """
SELECT deposit.id, unneeded.because
FROM incidents_escrowedcode deposit
JOIN accounts_userid depositor ON depositor.eui = deposit.deposited_by_id
JOIN accounts_party party ON party.id = depositor.party_id
LEFT JOIN inventory_device device ON device.device_id = deposit.device_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN device.device_id IS NULL THEN 'device_left_inventory'
    WHEN device.smi_status = ANY(%(over)s) THEN 'device_needs_none'
    WHEN device.notified_by_id IS DISTINCT FROM deposit.deposited_by_id THEN 'pre_notified_by_another'
    WHEN party.left_date <= %(today)s THEN 'depositor_left'
    WHEN deposit.deposited_at < %(kept_from)s THEN 'kept_long_enough'
END) AS unneeded(because)
WHERE deposit.withdrawn_at IS NULL AND unneeded.because IS NOT NULL
LIMIT %(chunk)s
FOR UPDATE OF deposit SKIP LOCKED
"""


def erase_unneeded(now: datetime) -> int:
    """Erase every deposit nobody can need any more; return how many. May run twice at once, and be killed."""
    erased = 0
    while count := _erase_chunk(now):
        erased += count
    return erased


@transaction.atomic(durable=True)
def _erase_chunk(now: datetime) -> int:
    because = _unneeded(now)
    deposits = list(EscrowedCode.objects.filter(pk__in=because).order_by("pk"))
    take_out(deposits)
    details = [{"because": because[each.pk]} for each in deposits]
    log.record_many(ERASED, by=Actor.system(), about=deposits, details=details)
    return len(deposits)


def _unneeded(now: datetime) -> dict[int, str]:
    """Return the keys of some deposits nobody needs, locked, with the reason of each."""
    facts: dict[str, Any] = {
        "over": list(OVER),
        "today": timezone.localdate(now),
        "kept_from": now - timedelta(days=settings.SSI_ESCROW_KEPT_DAYS),
        "chunk": CHUNK,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNNEEDED, facts)
        return dict(cursor.fetchall())
