"""DCC's manual process: manufacturer and model of a device no longer Pending, corrected by two of the desk.

Source: SECMP0125 (the details that the Responsible Supplier may not correct itself).
"""

from http import HTTPStatus
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from inventory.actions.corrections.one import NothingDiffers, locked
from inventory.actions.details.changing import change_details
from inventory.actions.devices.interning import device_models
from inventory.duis.messages import ModelFacts
from inventory.emails import corrections as emails
from inventory.install_code import NoteHoldsInstallCode, holds_install_code
from inventory.models import Device, ManualCorrection
from inventory.models.choices import DeviceType
from inventory.rules_of_details import may_ask_the_desk, refusal_of
from inventory.search.standing import standing_of
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.recipients import service_desk, who_reach
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed, Refusal
from ssi.workflow import perform, require_move

ONE_AT_ONCE: Final = "one_open_manual_correction_per_device"
BECAUSE: Final = "manual process"


class CorrectionUnknown(Refusal):
    """There is no correction {reference} that you may see."""

    suggestion = "Check the reference, and that you act for the User ID that asked."
    status = HTTPStatus.NOT_FOUND


class AlreadyAsked(Refusal):
    """A correction of this device is already with the DCC service desk."""

    suggestion = "Wait for its answer; the desk looks at one correction of a device at a time."
    status = HTTPStatus.CONFLICT
    source = "One open correction per device"


class DeviceIsGone(Refusal):
    """The device has left the inventory, so nothing can be corrected."""

    suggestion = "Refuse the correction and say so."
    status = HTTPStatus.CONFLICT


class DetailsAreOthersNow(Refusal):
    """The device's details were changed after this correction was asked for, so it is not made."""

    suggestion = "Refuse the correction and say so. Who asked looks the device up, and asks anew if it is wrong."
    status = HTTPStatus.CONFLICT
    source = "What was examined is what is made"


class MayNotBeAskedNow(Refusal):
    """Who asked for this correction could not ask for it now, so it is not made: {why}."""

    suggestion = "Refuse the correction and say so."
    status = HTTPStatus.CONFLICT
    source = "SECMP0125; rights are looked up when the work is done"


class AnswerMissing(Refusal):
    """There is no answer yet."""

    suggestion = "Say in a sentence what you found; who asked reads it."
    field = "answer"


@transaction.atomic
def ask(device_id: Eui64, *, manufacturer: str, model: str, reason: str, by: Actor) -> ManualCorrection:
    """Ask DCC to correct manufacturer and model of a device. The desk is told by e-mail.

    Raises NotAllowed, DeviceUnknown, NoteHoldsInstallCode, NothingDiffers, AlreadyAsked, and what rules refuse.
    """
    device = locked(device_id, by=by)
    may_ask_the_desk(standing_of(device, by.user.user_id))
    for text in (manufacturer, model, reason):
        if holds_install_code(text):
            raise NoteHoldsInstallCode
    if (manufacturer, model) == (device.device_model.manufacturer, device.device_model.model):
        raise NothingDiffers
    correction = _inserted(device, manufacturer, model, reason, by)
    emails.asked(correction, to=service_desk())
    return correction


def _inserted(device: Device, manufacturer: str, model: str, reason: str, by: Actor) -> ManualCorrection:
    """Insert the correction; the database takes one a device."""
    correction = ManualCorrection(
        device_id=device.pk,
        user_id_id=by.user.user_id,
        party_id=by.user.party_id,
        person_id=_person(by),
        manufacturer=manufacturer,
        model=model,
        reason=reason,
        current_model=device.device_model,
    )
    try:
        with transaction.atomic():
            correction.save(force_insert=True)
    except IntegrityError as clash:
        if ONE_AT_ONCE not in str(clash):
            raise
        raise AlreadyAsked from None
    log.record("manual_correction.asked", by=by, about=correction, device=str(device.pk))
    return correction


@transaction.atomic
def withdraw(reference: str, *, by: Actor) -> ManualCorrection:
    """Take a correction back that nobody made yet. Raises CorrectionUnknown, NotAllowed, NotInThisState."""
    by.require(Component.INVENTORY_CORRECTION)
    correction = _locked(reference, by)
    perform(correction.withdraw, by=by, event="manual_correction.withdrawn")
    return correction


@transaction.atomic
def examine(reference: str, *, answer: str, by: Actor) -> ManualCorrection:
    """Propose, as one of the desk, to make a correction; another makes it.

    Raises CorrectionUnknown, NotAllowed, NotInThisState, AnswerMissing.
    """
    correction = _locked(reference, by)
    require_move(correction.examine, by=by)
    perform(
        correction.examine,
        by=by,
        event="manual_correction.examined",
        person_id=_person(by),
        answer=_said(answer),
    )
    return correction


@transaction.atomic
def make(reference: str, *, by: Actor) -> ManualCorrection:
    """Make a correction that another of the desk examined, and tell who asked.

    Firmware and SMETS version stay as they are now. Raises CorrectionUnknown, NotAllowed, NotInThisState,
    DeviceIsGone, DetailsAreOthersNow and MayNotBeAskedNow.
    """
    correction = _locked(reference, by)
    require_move(correction.make, by=by)
    device = _still_as_asked(correction)
    now, now_at = device.device_model, timezone.now()
    facts = ModelFacts(
        DeviceType(device.device_type),
        correction.manufacturer,
        correction.model,
        now.firmware_version,
        now.smets_version,
    )
    change_details(
        device,
        at=now_at,
        because=BECAUSE,
        told_by=correction.user_id_id,
        device_model=device_models([facts])[facts],
    )
    emails.decided(correction, to=_who_asked(correction))
    perform(correction.make, by=by, event="manual_correction.made", person_id=_person(by))
    return correction


@transaction.atomic
def refuse(reference: str, *, answer: str, by: Actor) -> ManualCorrection:
    """Refuse a correction in words, and tell who asked. Raises as `examine`."""
    correction = _locked(reference, by)
    require_move(correction.refuse, by=by)
    said = _said(answer)
    emails.decided(correction, to=_who_asked(correction))
    perform(correction.refuse, by=by, event="manual_correction.refused", person_id=_person(by), answer=said)
    return correction


def _still_as_asked(correction: ManualCorrection) -> Device:
    """Return the device, locked, if it is still as it was when its correction was asked for; else refuse."""
    device = Device.objects.select_for_update(no_key=True).filter(pk=correction.device_id).first()
    if device is None:
        raise DeviceIsGone
    if device.device_model_id != correction.current_model_id:
        raise DetailsAreOthersNow
    standing = standing_of(device, correction.user_id_id)
    against = refusal_of(lambda: may_ask_the_desk(standing))
    if against is not None:
        why = against.message.rstrip(".")
        raise MayNotBeAskedNow(why=f"{why[0].lower()}{why[1:]}")
    return device


def _locked(reference: str, by: Actor) -> ManualCorrection:
    visible = ManualCorrection.objects.visible_to(by).filter(reference=reference.upper())
    correction = visible.select_for_update(of=("self",), no_key=True).first()
    if correction is None:
        raise CorrectionUnknown(reference=reference)
    return correction


def _said(answer: str) -> str:
    said = answer.strip()
    if not said:
        raise AnswerMissing
    if holds_install_code(said):
        raise NoteHoldsInstallCode.at("answer")
    return said


def _who_asked(correction: ManualCorrection) -> list[str]:
    return who_reach(Component.INVENTORY_CORRECTION, correction.user_id_id)


def _person(by: Actor) -> int:
    if by.person_id is None:
        raise NotAllowed(why="Only a person can do this.", way_out="Sign in.")
    return by.person_id
