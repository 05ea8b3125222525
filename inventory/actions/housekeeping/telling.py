"""Whom a run tells of what: a DCC Alert N8 in the audit trail for each device, one e-mail for each party.

The N8 of a removed device is its `RemovedDevice`, read as a message of its notifying party (`TrailMessage`). Only
where another took that User ID's business over is it an entry of its own, in the audit trail of who did.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.db import connection

from inventory.actions.devices.removing import Gone
from inventory.emails import housekeeping as emails
from inventory.models import HousekeepingNotice, HousekeepingRun
from inventory.models.choices import DeviceType, TrailKind
from inventory.search.housekeeping import Told
from ssi.access.components import Component
from ssi.accounts.models import UserId
from ssi.accounts.recipients import who_reach_each
from ssi.db import array_of, new_reference
from ssi.eui64 import Eui64

ALERT: Final = "N8"
"""DeviceRemovedFromInventory. Source: SECMP0060; domain 4.13."""

SUGGESTION: Final = "If it is still to be installed, pre-notify it again (SR 12.2)."

_ALERTS: Final = """
INSERT INTO inventory_audittrailentry (at, user_id, device_id, kind, srv, code, detail, suggestion)
SELECT %(at)s, given.user_id, given.device_id, %(kind)s, '', %(code)s, %(detail)s, %(suggestion)s
FROM unnest(%(users)s::bigint[], %(devices)s::bigint[]) AS given(user_id, device_id)
"""

_NOTICES: Final = """
INSERT INTO inventory_housekeepingnotice (reference, run_id, party_id, removed)
SELECT given.reference, %(run)s, given.party_id, given.removed
FROM unnest(%(references)s::text[], %(parties)s::bigint[], %(removed)s::integer[])
    AS given(reference, party_id, removed)
ORDER BY given.party_id
ON CONFLICT (run_id, party_id) DO UPDATE SET removed = inventory_housekeepingnotice.removed + EXCLUDED.removed
"""


def alert(
    run: HousekeepingRun,
    gone: Gone,
    told_for: Mapping[Eui64, Told],
    *,
    device_type: DeviceType,
    months: int,
    at: datetime,
) -> None:
    """Count removed devices for their parties, and write an N8 where another is told than who notified them.

    In the transaction of the removal; two statements, however many devices there are.
    """
    if gone.taken_over:
        _tell_successors(gone, told_for, detail=detail_of(device_type, months), at=at)
    parties = Counter[int]()
    for user, number in gone.by_user.items():
        if user is not None:
            parties[told_for[Eui64(user)].party_id] += number
    if parties:
        with connection.cursor() as cursor:
            cursor.execute(
                _NOTICES,
                {
                    "run": run.pk,
                    "references": [new_reference() for _ in parties],
                    "parties": list(parties),
                    "removed": list(parties.values()),
                },
            )


def _tell_successors(gone: Gone, told_for: Mapping[Eui64, Told], *, detail: str, at: datetime) -> None:
    entries = [
        (told_for[Eui64(user)].user_id.as_bigint, device)
        for user, devices in gone.taken_over.items()
        for device in devices
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _ALERTS,
            {
                "at": at,
                "kind": int(TrailKind.DCC_ALERT),
                "code": ALERT,
                "detail": detail,
                "suggestion": SUGGESTION,
                "users": array_of(user for user, _ in entries),
                "devices": array_of(device for _, device in entries),
            },
        )


def detail_of(device_type: DeviceType, months: int) -> str:
    """Return what the alert says of a device of a type that might be Pending for so many months."""
    months_in_words = "1 month" if months == 1 else f"{months} months"
    return (
        f"Device removed from the Smart Metering Inventory by housekeeping: this {device_type.duis} "
        f"had been Pending for more than {months_in_words}."
    )


def write_digests(run: HousekeepingRun) -> None:
    """Write one e-mail for each party of which devices were removed, in the caller's transaction."""
    notices = list(HousekeepingNotice.objects.filter(run=run).order_by("pk"))
    addresses = _addresses_of({notice.party_id for notice in notices})
    emails.devices_removed([(each, addresses[each.party_id]) for each in notices], run_date=run.run_date)


def _addresses_of(party_ids: Collection[int]) -> dict[int, list[str]]:
    """Return who of each party may pre-notify and correct devices; two queries."""
    users = dict(UserId.objects.filter(party__in=party_ids).values_list("eui", "party"))
    reached = who_reach_each(Component.INVENTORY_CORRECTION, list(users))
    found: dict[int, set[str]] = {party_id: set() for party_id in party_ids}
    for user_id, addresses in reached.items():
        found[users[user_id]].update(addresses)
    return {party_id: sorted(addresses) for party_id, addresses in found.items()}
