"""DCC alerts that a User's request is quarantined: it is held until its User decides (`ssi/uploads`)."""

from inventory.actions.service_requests.applied import Effect, Event
from inventory.actions.service_requests.refusals import QuarantineOfAnother
from inventory.duis.messages import DccAlert, QuarantinedRequest, RequestId
from inventory.models import AuditTrailEntry, AwaitedResponse, Device
from ssi.eui64 import Eui64
from ssi.uploads.actions.quarantine import holding
from ssi.uploads.models.choices import Breach, Fate

_NOTHING_CHANGED = "nothing was changed"


def request_quarantined(
    message: DccAlert, told: QuarantinedRequest
) -> tuple[frozenset[Eui64 | None], Eui64 | None, Effect]:
    """Hold the request under its event; return whose it is, the device it goes to, and what was done.

    Raises QuarantineOfAnother: no User may learn of another's requests, and the right one would never be told.
    """
    request_id = told.request_id
    if message.recipient is not None and message.recipient != request_id.originator:
        raise QuarantineOfAnother
    held = holding.hold(
        user_id=request_id.originator,
        target=request_id.target,
        counter=request_id.counter,
        event_ref=told.event_ref,
        breach=told.breach,
        alerted_at=message.alerted_at,
        srv=_srv_of(request_id),
    )
    what = f"DCC alert {message.code}, QuarantinedRequest"
    users: frozenset[Eui64 | None] = frozenset({request_id.originator})
    if held is None:
        sentence = f"{what}: {request_id.originator} is not a User ID known here; {_NOTHING_CHANGED}."
        return users, None, Effect(sentence)
    device = Device.objects.filter(pk=request_id.target).only("pk").first()
    return users, device.pk if device else None, Effect(f"{what}: {_done(held, told)}.", _events(held))


def _srv_of(sent: RequestId) -> str:
    """Return the SRV of what a User sent, "" where its records do not tell.

    The trail is asked for what went to the target itself, the awaited responses for the rest: each has an index.
    """
    named = {"target": sent.target, "counter": sent.counter}
    trail = AuditTrailEntry.objects.filter(user_id=sent.originator, device_id=sent.target, **named).exclude(srv="")
    awaited = AwaitedResponse.objects.filter(originator=sent.originator, **named)
    return (
        trail.order_by("-at", "-id").values_list("srv", flat=True).first()
        or awaited.order_by("-sent_at").values_list("srv", flat=True).first()
        or ""
    )


def _done(held: holding.Held, told: QuarantinedRequest) -> str:
    """Say what became of the alert: `held` under which event, or that it was known."""
    event = f"quarantine event {told.event_ref}"
    if not held.is_new:
        done = f"its request is {_STANDS[held.fate]} in {event} already; {_NOTHING_CHANGED}"
    else:
        done = f"its request is held under {event} until its User decides"
    if told.breach != held.event.breach:
        done += f"; the event was opened as “{Breach(held.event.breach).label}” and stays so"
    return done


_STANDS = {
    Fate.HELD: "held",
    Fate.DECIDED: "decided about",
    Fate.RELEASED: "released",
    Fate.DELETED: "deleted",
}


def _events(held: holding.Held) -> tuple[Event, ...]:
    if not held.audit_event:
        return ()
    facts = {"event_ref": str(held.event.event_ref), "breach": Breach(held.event.breach).label}
    return (Event(held.audit_event, held.event, facts),)
