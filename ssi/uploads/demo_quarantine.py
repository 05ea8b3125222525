"""The demo's quarantined communications: a fresh event, an overdue one, half decided, and a competitor's."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage
from ssi.uploads import demo_files
from ssi.uploads.actions.quarantine import deciding, holding
from ssi.uploads.demo_files import BRIGHTGRIDS, NORTHLIGHTS
from ssi.uploads.models import QuarantineEvent
from ssi.uploads.models.choices import Breach, Decision
from ssi.uploads.search.quarantine import Narrowing

OLDER_EVENT_REF: Final = 48_151_623_422
OTHERS_EVENT_REF: Final = 77_000_815
_OLDER: Final = 40
_OTHERS: Final = 3
_SRVS: Final = ("2.2", "2.2", "2.2", "7.4", "11.3")

Key = tuple[Eui64, int, str]


def hold_some(now: datetime, *, decided_by: Actor) -> str:
    """Hold communications in three events, and return a phrase for the terminal.

    `decided_by` has decided about some of the overdue one on screen, unless they may not on this copy. The e-mails
    of this story are not sent.
    """
    before = OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    fresh = {"user_id": NORTHLIGHTS, "breach": Breach.USER_THRESHOLD, "event_ref": demo_files.EVENT_REF}
    older = {"user_id": NORTHLIGHTS, "breach": Breach.DCC_THRESHOLD, "event_ref": OLDER_EVENT_REF}
    others = {"user_id": BRIGHTGRIDS, "breach": Breach.USER_THRESHOLD, "event_ref": OTHERS_EVENT_REF}
    _hold(demo_files.request_keys(), now - timedelta(hours=3), fresh)
    _hold(_keys(_OLDER), now - timedelta(hours=26), older)
    _hold(_keys(_OTHERS), now - timedelta(hours=6), others)
    if decided_by.may(Component.EXIT_QUARANTINE_SUBMISSION):
        _decide_some(decided_by)
    OutboxMessage.objects.filter(pk__gt=before).delete()
    return "3 quarantine events"


def _keys(number: int) -> Iterator[Key]:
    """Yield target, counter and SRV of so many communications, two to a target."""
    for each in range(number):
        target = Eui64.from_bigint(demo_files.FIRST_TARGET.as_bigint + 0x100 + each // 2)
        yield target, demo_files.FIRST_COUNTER + 1_000 + each, _SRVS[each % len(_SRVS)]


def _hold(keys: Iterator[Key], began_at: datetime, event: dict[str, Any]) -> None:
    for second, (target, counter, srv) in enumerate(keys):
        alerted_at = began_at + timedelta(seconds=second)
        held = holding.hold(target=target, counter=counter, srv=srv, alerted_at=alerted_at, **event)
        if held is not None and held.audit_event:
            log.record(held.audit_event, by=Actor.system(), about=held.event)


def _decide_some(by: Actor) -> None:
    event = QuarantineEvent.objects.get(user_id=NORTHLIGHTS, event_ref=OLDER_EVENT_REF)
    for srv, decision, because in (
        ("2.2", Decision.RELEASE, "Top-ups of a cold morning, all meant"),
        ("11.3", Decision.DELETE, "The roll-out is stopped"),
    ):
        deciding.decide(
            reference=event.reference, decision=decision, because=because, narrowing=Narrowing(srv=srv), by=by
        )
