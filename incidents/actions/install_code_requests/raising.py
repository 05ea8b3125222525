"""Raising a Request for Install Code."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Subquery
from django.utils import timezone

from incidents import history, rules
from incidents.actions import quotas
from incidents.actions.escrow import waking as escrow
from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.asking import ONE_BY_ONE, Market, MarketOfOneDeed, whom_to_ask
from incidents.actions.install_code_requests.notes import refuse_if_it_holds_a_code
from incidents.emails import install_code_requests as emails
from incidents.models import InstallCodeRequest, OpenRequest
from incidents.models.choices import Event
from incidents.search.escrow import asked_not_before
from inventory import holds
from inventory.meter_points import parse_typed
from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import UserId
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.prepared import Prepared, Slot
from ssi.refusals import Refusal
from ssi.workflow import begin

TRIES: Final = 5
"""Each with another reference, or after an open request has just ended: so many in a row are no chance."""

ONE_OPEN_REQUEST = "one_open_request_per_raising_party_and_device"
"""The constraint that decides between two at the same moment."""

RAISED = "install_code_request.raised"
ASSIGNED = "install_code_request.assigned"
SENT_TO_DESK = "install_code_request.sent_to_service_desk"


class DeviceNotInInventory(Refusal):
    """{device_id} is not in the Smart Metering Inventory."""

    suggestion = (
        "Check the Device ID on the label. If it is right, ask whoever installed the device to pre-notify it."
    )
    source = "MP121 R3"
    field = "device_id"
    status = HTTPStatus.NOT_FOUND


class DeviceHasNoSupplierHeldCode(Refusal):
    """A {device_type} has no SMI Status by which one can tell that its install code is still needed."""

    suggestion = "Ask for the meter, PPMID or HCALCS of that home instead."
    source = "MP121 R4; domain 4.3"
    field = "device_id"


class DeviceStatusPermitsNoRequest(Refusal):
    """{device_id} is {status}, so its install code cannot be asked for."""

    suggestion = "Only a Pending, Whitelisted or InstalledNotCommissioned device can need one."
    source = "MP121 R4; SEC App AC 4.12"
    field = "device_id"
    status = HTTPStatus.CONFLICT


class AlreadyRequested(Refusal):
    """Your company already has an open request for {device_id}: {reference}, raised under User ID {user_id}."""

    suggestion = "Act for that User ID and work with the request, or withdraw it before you raise another."
    source = "MP121 R2"
    field = "device_id"
    status = HTTPStatus.CONFLICT


class ResponsibilityNotClaimed(Refusal):
    """You have not said that you are, or will be, the responsible supplier."""

    suggestion = "Tick the statement if it is true. Only a gaining supplier may ask for an install code."
    source = "MP121 R5"
    field = "responsible"


class NeededByDateIsPast(Refusal):
    """The day you need the code by, {day}, has passed."""

    suggestion = "Give today or a later day, or leave it empty."
    field = "needed_by_date"


@dataclass(frozen=True, slots=True)
class Preview:
    """What raising a request would do: `installer` is asked `because` of this and answers by `due_date`.

    `installer` is None when nobody can be asked; then `because` says why and the request goes to the desk.
    """

    device: Device
    installer: UserId | None
    because: str
    due_date: date | None


@dataclass(frozen=True, slots=True)
class Raised:
    """A request that was raised, and the device it asks about."""

    request: InstallCodeRequest
    device: Device


_KEPT: Final = Prepared(
    lambda: Device.objects.select_related("notified_by__party").filter(
        pk=Slot("device_id", Device._meta.get_field("device_id"))
    ),
    locking=holds.KEEPING,
)


def check_one(
    *, device_id: Eui64, by: Actor, mpxn: str = "", needed_by_date: date | None = None, note: str = ""
) -> Preview:
    """Say what `raise_one` would do with the same facts, and change nothing. Raises what `raise_one` raises."""
    by.require(Component.INSTALL_CODE_REQUEST_RAISE)
    _refuse_ill_formed(needed_by_date, note)
    _core_of(mpxn)
    return check_device(_device_of(device_id), by=by)


def check_device(device: Device, *, by: Actor) -> Preview:
    """Say what `raise_one` would do about a device at hand with its notifying party, and change nothing."""
    by.require(Component.INSTALL_CODE_REQUEST_RAISE)
    device_id = device.device_id
    _refuse_where_not_asked_for(device)
    open_one = _open_request_of(by.party_id, device_id)
    if open_one is not None:
        raise AlreadyRequested(device_id=device_id, reference=open_one.reference, user_id=open_one.raised_by_id)
    quotas.refuse_if_reached(by.user.party_id, 1, timezone.now())
    return _preview(device, by)


def raise_one(
    *,
    device_id: Eui64,
    by: Actor,
    responsible: bool = True,
    mpxn: str = "",
    needed_by_date: date | None = None,
    note: str = "",
) -> InstallCodeRequest:
    """Raise a request for one device and assign it to whoever pre-notified it, or to the desk if nobody can be.

    `responsible` is the raiser's statement "we are or will be the responsible supplier"; it is recorded, since it
    cannot be checked then. Says nothing of what other parties have open. Raises the refusals of this module and
    QuotaReached.
    """
    return raise_for_device(
        device_id=device_id, by=by, responsible=responsible, mpxn=mpxn, needed_by_date=needed_by_date, note=note
    ).request


def raise_for_device(
    *,
    device_id: Eui64,
    by: Actor,
    responsible: bool = True,
    mpxn: str = "",
    needed_by_date: date | None = None,
    note: str = "",
) -> Raised:
    """Do as `raise_one`, and return the device as well."""
    by.require(Component.INSTALL_CODE_REQUEST_RAISE)
    if not responsible:
        raise ResponsibilityNotClaimed
    _refuse_ill_formed(needed_by_date, note)
    mpxn = _core_of(mpxn)
    for _ in range(TRIES - 1):
        try:
            return _raised(device_id, by, mpxn=mpxn, needed_by_date=needed_by_date, note=note)
        except IntegrityError as clash:
            _refuse_if_open(clash, by.user.party_id, device_id)
    return _raised(device_id, by, mpxn=mpxn, needed_by_date=needed_by_date, note=note)


@transaction.atomic
def _raised(device_id: Eui64, by: Actor, *, mpxn: str, needed_by_date: date | None, note: str) -> Raised:
    """Raise it; the database decides whether there is an open one already, with an IntegrityError."""
    device = _KEPT.first(device_id=device_id)  # housekeeping cannot remove it now
    if device is None:
        raise DeviceNotInInventory(device_id=device_id)
    _refuse_where_not_asked_for(device)
    market = MarketOfOneDeed()
    to = _preview(device, by, market)
    request = _new(device, by, mpxn=mpxn, needed_by_date=needed_by_date)
    _hand_over(request, to)
    request.save(force_insert=True)
    _tell(request, to, by, note, market)
    quotas.claim(by.user.party_id, 1, timezone.now())
    log.record(RAISED, by=by, about=request, device_id=str(device_id))
    log.record(ASSIGNED if to.installer else SENT_TO_DESK, by=Actor.system(), about=request)
    return Raised(request, device)


def _refuse_ill_formed(needed_by_date: date | None, note: str) -> None:
    refuse_past(needed_by_date)
    refuse_if_it_holds_a_code(note, field="note")


def refuse_past(needed_by_date: date | None) -> None:
    """Refuse a day that has passed in London. Raises NeededByDateIsPast."""
    if needed_by_date is not None and needed_by_date < timezone.localdate():
        raise NeededByDateIsPast(day=f"{needed_by_date:%-d %B %Y}")


def _core_of(mpxn: str) -> str:
    """Return the meter point's digits as the inventory keeps them. Raises NotAMeterPoint."""
    return parse_typed(mpxn).digits if mpxn else ""


def _device_that_may_be_asked_for(device_id: Eui64) -> Device:
    device = _device_of(device_id)
    _refuse_where_not_asked_for(device)
    return device


def _refuse_where_not_asked_for(device: Device) -> None:
    refusal = why_not_asked_for(device.device_id, device.device_type, device.smi_status)
    if refusal is not None:
        raise refusal


def _device_of(device_id: Eui64) -> Device:
    device = Device.objects.select_related("notified_by__party").filter(pk=device_id).first()
    if device is None:
        raise DeviceNotInInventory(device_id=device_id)
    return device


def why_not_asked_for(device_id: Eui64, device_type: int, smi_status: int | None) -> Refusal | None:
    """Return why a device of the inventory, of that type and status, may not be asked for, or None."""
    if smi_status is None or device_type not in rules.TYPES_ASKED_FOR:
        return DeviceHasNoSupplierHeldCode(device_type=DeviceType(device_type).duis)
    if smi_status not in rules.PERMITTED_STATUSES:
        return DeviceStatusPermitsNoRequest(device_id=device_id, status=SmiStatus(smi_status).duis)
    return None


def _new(device: Device, by: Actor, *, mpxn: str, needed_by_date: date | None) -> InstallCodeRequest:
    return InstallCodeRequest(
        device_id=device.device_id,
        device_type=device.device_type,
        mpxn=mpxn,
        needed_by_date=needed_by_date,
        raised_by_id=by.user.user_id,
        raised_by_party_id=by.user.party_id,
        raised_in_role=by.user.user_role,
        responsibility_claimed_at=timezone.now(),
    )


def _refuse_if_open(clash: IntegrityError, party_id: int, device_id: Eui64) -> None:
    """Refuse where the row met an open one; pass where its reference was taken, or the open one has just ended."""
    constraint = str(getattr(getattr(clash.__cause__, "diag", None), "constraint_name", "") or "")
    if "reference" in constraint:
        return
    open_one = _open_request_of(party_id, device_id)
    if open_one is not None:
        raise AlreadyRequested(
            device_id=device_id, reference=open_one.reference, user_id=open_one.raised_by_id
        ) from clash
    if ONE_OPEN_REQUEST not in constraint:
        raise clash


def _open_request_of(party_id: int | None, device_id: Eui64) -> InstallCodeRequest | None:
    of_device = OpenRequest.objects.filter(raised_by_party_id=party_id, device_id=device_id)
    return InstallCodeRequest.objects.filter(pk=Subquery(of_device.values("request_id"))).first()


def _preview(device: Device, by: Actor, market: Market = ONE_BY_ONE) -> Preview:
    """Work out who is asked and until when, or why nobody can be."""
    asked = whom_to_ask(device, raised_by_party_id=by.party_id, market=market)
    due_date = clock.due_date_from(timezone.now()) if asked.installer else None
    return Preview(device, asked.installer, asked.because, due_date)


def _hand_over(request: InstallCodeRequest, to: Preview) -> None:
    """Give the request to the notifying party, or to the desk (MP121 R6 to R8)."""
    portal = Actor.system()
    if to.installer is None or to.due_date is None:
        begin(request.send_to_desk, by=portal, because=to.because)
        return
    begin(request.assign, by=portal, to=to.installer, because=to.because, due_date=to.due_date)


def _tell(request: InstallCodeRequest, to: Preview, by: Actor, note: str, market: MarketOfOneDeed) -> None:
    """Write into the history who raised it, who is asked and why, and tell them."""
    portal, raised = Actor.system(), (Event.RAISED, by, note)
    if to.installer is None or to.due_date is None:
        history.add_lines(request, [raised, (Event.SENT_TO_DESK, portal, to.because)])
        return
    clock.start({request.pk: to.installer.eui}, at=request.created_at)
    history.add_lines(request, [raised, (Event.ASSIGNED, portal, to.because)])
    emails.installer_asked(
        request,
        to=market.who_may_answer(to.installer),
        due_date=to.due_date,
        not_before=asked_not_before(request.device_id, to.installer.eui, request.created_at),
        is_new=True,
    )
    escrow.wake_after_commit()
