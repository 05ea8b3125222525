"""Keeping every answered message in the audit trail of its own User.

A request and its response are their originator's. An alert is that User's to whom it was sent, else of those whom
it concerns: the Responsible Suppliers. That a device's status changed is for both.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from inventory.actions.audit_trail.recording import Entry, keep, keep_many
from inventory.actions.service_requests.applied import Applied
from inventory.actions.service_requests.refusals import AlertDoubled
from inventory.duis.messages import DccAlert, DeviceAlert, RequestId
from inventory.duis.refusals import DuisRefusal
from inventory.models import AuditTrailEntry, Device
from inventory.models.choices import SENT_KINDS, TrailKind
from inventory.search.responsible import responsible_user_ids
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64


def keep_message(
    request_id: RequestId,
    *,
    kind: TrailKind,
    srv: str,
    code: str,
    answered: Applied,
    device_id: Eui64 | None,
    at: datetime,
) -> None:
    """Keep a request or response that was applied, for its originator. `code` is the response code."""
    if kind not in SENT_KINDS and not _is_known(request_id.originator):
        return
    keep(
        Entry(
            at=at,
            user_id=request_id.originator,
            kind=kind,
            code=code,
            detail=answered.detail,
            suggestion=answered.suggestion,
            srv=srv,
            device_id=answered.device_id or device_id,
            target=request_id.target,
            counter=request_id.counter,
        )
    )


def keep_refused(
    request_id: RequestId, refusal: DuisRefusal, *, kind: TrailKind, srv: str, device_id: Eui64 | None
) -> None:
    """Keep a request or response that was refused, if a User ID known here sent it."""
    if not _is_known(request_id.originator):
        return
    keep(
        Entry(
            at=timezone.now(),
            user_id=request_id.originator,
            kind=kind,
            code=refusal.code,
            detail=refusal.message,
            suggestion=refusal.way_out,
            srv=srv,
            device_id=device_id,
            target=request_id.target,
            counter=request_id.counter,
        )
    )


def keep_refused_alert(alert: DeviceAlert | DccAlert, refusal: DuisRefusal) -> None:
    """Keep an alert that was refused, for the User to whom it was sent; it may come again and be taken then."""
    keep_alert(
        {alert.recipient},
        kind=_kind(alert),
        code=alert.code,
        detail=f"{refusal.message} {refusal.way_out}",
        device_id=alert.device_id if isinstance(alert, DeviceAlert) else None,
        at=timezone.now(),
    )


def concerned(device: Device | None, *, at: datetime) -> frozenset[Eui64]:
    """Return the User IDs whom an alert about a device concerns: its Responsible Suppliers."""
    return frozenset() if device is None else responsible_user_ids(device, timezone.localdate(at))


def keep_received_alert(
    alert: DeviceAlert | DccAlert,
    users: Iterable[Eui64 | None],
    *,
    detail: str,
    device_id: Eui64 | None,
    at: datetime,
) -> None:
    """Keep an alert that came, once for each of the Users, and for its recipient with its ResponseID.

    Raises AlertDoubled if the recipient's trail holds the very same. Come after what the alert changed: its
    device is locked then, so that of two at once the second sees the first; and what it changed is rolled back.
    """
    if alert.recipient is not None and alert.counter is not None:
        own = AuditTrailEntry.objects.filter(user_id=alert.recipient, device_id=device_id)
        same = own.filter(kind=_kind(alert), code=alert.code, target=alert.sender, counter=alert.counter)
        if same.exists():
            raise AlertDoubled(code=alert.code)
    keep_many(
        Entry(
            at=at,
            user_id=user_id,
            kind=_kind(alert),
            code=alert.code,
            detail=detail,
            device_id=device_id,
            target=alert.sender if user_id == alert.recipient else None,
            counter=alert.counter if user_id == alert.recipient else None,
        )
        for user_id in _known(users)
    )


def keep_alert(
    users: Iterable[Eui64 | None],
    *,
    kind: TrailKind,
    code: str,
    detail: str,
    device_id: Eui64 | None,
    at: datetime,
) -> None:
    """Keep an alert for each of the Users whom it concerns and who are known here."""
    keep_many(
        Entry(at=at, user_id=user_id, kind=kind, code=code, detail=detail, device_id=device_id)
        for user_id in _known(users)
    )


def _kind(alert: DeviceAlert | DccAlert) -> TrailKind:
    return TrailKind.DEVICE_ALERT if isinstance(alert, DeviceAlert) else TrailKind.DCC_ALERT


def _known(users: Iterable[Eui64 | None]) -> list[Eui64]:
    wanted = sorted({each for each in users if each is not None})
    return sorted(UserId.objects.filter(eui__in=wanted).values_list("eui", flat=True))


def _is_known(user_id: Eui64) -> bool:
    return UserId.objects.filter(eui=user_id).exists()
