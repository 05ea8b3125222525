"""Asking the raiser, once, whether to close or withdraw when its device needs no install code any more.

A device that was commissioned has used its code, one that was decommissioned or has left the inventory never will.
Found by the clock, set-based: open requests against the devices' statuses.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from incidents import history, recipients
from incidents.emails import settled as emails
from incidents.models import InstallCodeRequest
from incidents.models.choices import OPEN_STATES, Event
from inventory.models.choices import SmiStatus
from ssi.access.actor import Actor
from ssi.audit import log
from ssi.eui64 import Eui64

MOST_IN_A_RUN = 20_000
"""In one transaction with their e-mails; more than that are found by the next run."""

GONE = "No longer in the inventory"
SETTLED = "install_code_request.settled"

# `settled_status` is the device's status, or null where it has left the inventory. The history knows what the
# raiser was asked about before: never twice about the same. What somebody moves just now waits for the next run.
_SETTLE = """
WITH due AS (
    SELECT request.id, device.smi_status
    FROM incidents_installcoderequest request
    LEFT JOIN inventory_device device ON device.device_id = request.device_id
    WHERE request.state = ANY(%(open)s)
        AND (device.smi_status IN (%(commissioned)s, %(decommissioned)s) OR device.device_id IS NULL)
        AND (request.settled_at IS NULL OR request.settled_status IS DISTINCT FROM device.smi_status)
        AND NOT EXISTS (
            SELECT FROM incidents_installcoderequestevent step
            WHERE step.request_id = request.id AND step.event = %(event)s
                AND step.text = CASE
                    WHEN device.device_id IS NULL THEN %(gone)s
                    WHEN device.smi_status = %(commissioned)s THEN %(as_commissioned)s
                    ELSE %(as_decommissioned)s
                END
        )
    ORDER BY request.id LIMIT %(most)s
    FOR NO KEY UPDATE OF request SKIP LOCKED
)
UPDATE incidents_installcoderequest request SET settled_status = due.smi_status, settled_at = %(now)s
FROM due WHERE request.id = due.id
RETURNING request.id, request.reference, request.raised_by_id, request.settled_status
"""


@transaction.atomic
def ask_raisers(now: datetime | None = None) -> int:
    """Mark the open requests whose device needs no code any more, and ask their raisers; return how many.

    One e-mail a raiser and run. May run twice, and beside others.
    """
    now = now or timezone.now()
    found = _settled(now)
    portal = Actor.system()
    history.add_many(found, Event.SETTLED, by=portal, text=status_in_words)
    for user_id, requests in sorted(_by_raiser(found).items()):
        to = recipients.who_may_read_answers_for(user_id)
        emails.still_needed([each.reference for each in requests], user_id=user_id, to=to)
    log.record_many(SETTLED, by=portal, about=found)
    return len(found)


def status_in_words(request: InstallCodeRequest) -> str:
    """Return the status for which the raiser is asked, as the history writes it."""
    return GONE if request.settled_status is None else SmiStatus(request.settled_status).duis


def _settled(now: datetime) -> list[InstallCodeRequest]:
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "open": [state.value for state in OPEN_STATES],
                "commissioned": SmiStatus.COMMISSIONED.value,
                "decommissioned": SmiStatus.DECOMMISSIONED.value,
                "as_commissioned": SmiStatus.COMMISSIONED.duis,
                "as_decommissioned": SmiStatus.DECOMMISSIONED.duis,
                "gone": GONE,
                "event": Event.SETTLED.value,
                "most": MOST_IN_A_RUN,
                "now": now,
            },
        )
        rows = cursor.fetchall()
    return [
        InstallCodeRequest(pk=pk, reference=reference, raised_by_id=Eui64(raiser), settled_status=status)
        for pk, reference, raiser, status in sorted(rows)
    ]


def _by_raiser(requests: Iterable[InstallCodeRequest]) -> Mapping[Eui64, Sequence[InstallCodeRequest]]:
    found: dict[Eui64, list[InstallCodeRequest]] = defaultdict(list)
    for request in requests:
        found[request.raised_by_id].append(request)
    return found
