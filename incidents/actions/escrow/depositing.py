"""Depositing an install code before anybody asks for it (MP281)."""

from http import HTTPStatus

from django.db import IntegrityError, transaction

from incidents import rules
from incidents.actions.escrow.waking import wake_after_commit
from incidents.actions.install_code_requests.raising import DeviceHasNoSupplierHeldCode, DeviceNotInInventory
from incidents.models import EscrowedCode
from inventory.install_code import LegacyLength, parse
from inventory.models import Device, SealedInstallCode
from inventory.models.choices import COMMS_HUB_PARTS, DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import Refusal

DEPOSITED = "escrowed_code.deposited"
ONE_IN_ESCROW = "one_code_in_escrow_per_device_and_depositor"
"""The constraint that decides between two at the same moment."""

TYPES_DEPOSITED = rules.TYPES_ASKED_FOR - COMMS_HUB_PARTS
"""A request for a hub's code goes to the desk, so a code for one would wait for nothing."""


class NotPreNotifiedByYou(Refusal):
    """{device_id} was not pre-notified under your User ID {user_id}, so nobody will ask you for its code."""

    suggestion = "Act for the User ID that pre-notified it, or leave its code to whoever did."
    source = "MP281; MP121 R6: whoever pre-notified the device is asked"
    field = "device_id"
    status = HTTPStatus.CONFLICT


class DeviceStatusPermitsNoDeposit(Refusal):
    """{device_id} is {status}, so nobody will need its install code."""

    suggestion = "Deposit codes of devices that are Pending, Whitelisted or InstalledNotCommissioned."
    source = "MP281; MP121 R4"
    field = "device_id"
    status = HTTPStatus.CONFLICT


class AlreadyInEscrow(Refusal):
    """A code for {device_id} is in escrow already."""

    suggestion = "If it is the right one, nothing needs to be done. Else withdraw it, then deposit the other."
    source = "MP281, ours: one code a device"
    field = "device_id"
    status = HTTPStatus.CONFLICT


@transaction.atomic
def deposit(
    *,
    device_id: Eui64,
    install_code: str,
    by: Actor,
    install_code_again: str = "",
    legacy_length: LegacyLength | None = None,
) -> EscrowedCode:
    """Seal a code for a device that `by`'s User ID pre-notified; requests for it are then answered by its rule.

    The code is read and checked as in an answer. Raises the refusals of this module, DeviceNotInInventory,
    DeviceHasNoSupplierHeldCode and those of `inventory.install_code`.
    """
    by.require(Component.INSTALL_CODE_REQUEST_RESPOND)
    refuse_unless_ours(device_id, by)
    code = parse(install_code, again=install_code_again or None, legacy_length=legacy_length)
    if EscrowedCode.objects.visible_to(by).held().filter(device_id=device_id).exists():
        raise AlreadyInEscrow(device_id=device_id)
    sealed = SealedInstallCode(device_id=device_id, given_by_id=by.user.user_id)
    sealed.put(code)
    sealed.save(force_insert=True)
    held = _inserted(EscrowedCode(device_id=device_id, deposited_by_id=by.user.user_id, code=sealed))
    wake_after_commit()
    log.record(DEPOSITED, by=by, about=held)
    return held


def refuse_unless_ours(device_id: Eui64, by: Actor) -> None:
    """Pass if `by` may deposit a code for this device now."""
    device = Device.objects.filter(pk=device_id).first()
    if device is None:
        raise DeviceNotInInventory(device_id=device_id)
    refusal = why_not_deposited(
        device_id,
        device.device_type,
        device.smi_status,
        notified_by=device.notified_by_id,
        depositor=by.user.user_id,
    )
    if refusal is not None:
        raise refusal


def why_not_deposited(
    device_id: Eui64,
    device_type: int,
    smi_status: int | None,
    *,
    notified_by: Eui64 | None,
    depositor: Eui64,
) -> Refusal | None:
    """Return why `depositor` may deposit no code for a device of the inventory, or None; a file asks it too."""
    if notified_by != depositor:
        return NotPreNotifiedByYou(device_id=device_id, user_id=depositor)
    if smi_status is None or device_type not in TYPES_DEPOSITED:
        return DeviceHasNoSupplierHeldCode(device_type=DeviceType(device_type).duis)
    if smi_status not in rules.PERMITTED_STATUSES:
        return DeviceStatusPermitsNoDeposit(device_id=device_id, status=SmiStatus(smi_status).duis)
    return None


def _inserted(held: EscrowedCode) -> EscrowedCode:
    """Insert the row, or refuse because somebody here has just deposited one."""
    try:
        with transaction.atomic():
            held.save(force_insert=True)
    except IntegrityError as clash:
        if ONE_IN_ESCROW not in str(clash):
            raise
        raise AlreadyInEscrow(device_id=held.device_id) from clash
    return held
