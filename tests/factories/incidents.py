"""Requests for Install Code, brought into their states by people's own actions."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.models import InstallCodeRequest
from incidents.models.choices import DeclineReason, Outcome, State
from inventory.models import Device
from ssi.access.actor import Actor
from ssi.accounts.models import Person, UserId
from tests.factories.inventory import DeviceFactory
from tests.personas import actor_of

CODE = "83FED3407A939723A5C639B26916D505"
"""The published ZigBee example of 16 bytes (domain 5.1)."""
CODE_WITH_CRC = CODE + "C3B5"
MISTYPED = CODE + "C3B6"
OTHER_CODE = "30313233343536373839414243444546"
OTHER_CODE_WITH_CRC = OTHER_CODE + "F596"


def device_of(installer: Person, **facts: Any) -> Device:
    """Return a device that can be asked for, pre-notified by the User ID that `installer` acts for."""
    return DeviceFactory.create(notified_by=UserId.objects.get(pk=actor_of(installer).user.user_id), **facts)


def raised(by: Person, installer: Person, **facts: Any) -> InstallCodeRequest:
    """Return a request just raised by `by` and assigned to the User ID of `installer`."""
    return actions.raise_one(device_id=device_of(installer).device_id, by=actor_of(by), **facts)


def request_in(state: State, by: Person, installer: Person) -> InstallCodeRequest:
    """Return a request of `by` to `installer` in a state that people can bring about."""
    request = raised(by, installer)
    raiser, asked = actor_of(by, may_reveal=True), actor_of(installer)
    if state == State.WITHDRAWN:
        return actions.withdraw(reference=request.reference, reason="Not needed.", by=raiser)
    if state == State.WITH_SERVICE_DESK:
        return actions.decline(reference=request.reference, reason=DeclineReason.CODE_LOST, by=asked)
    if state in {State.ANSWERED, State.CLOSED}:
        answered(request, by=asked)
    if state == State.CLOSED:
        actions.close(reference=request.reference, outcome=Outcome.WORKED, by=raiser)
    return InstallCodeRequest.objects.get(pk=request.pk)


def answered(request: InstallCodeRequest, *, by: Actor, code: str = CODE_WITH_CRC) -> InstallCodeRequest:
    """Answer `request` with a code."""
    return actions.answer(reference=request.reference, install_code=code, by=by)


def read(request: InstallCodeRequest, *, by: Actor, reason: str = "To commission the meter.") -> str:
    """Reveal the code of `request`, in both steps, and return its 32 digits."""
    permit = actions.permit_reveal(reference=request.reference, reason=reason, by=by)
    return actions.open_code(permit=permit, by=by).hex


def told(request: InstallCodeRequest, at: datetime | None = None) -> InstallCodeRequest:
    """Return `request` after its installing supplier was told by e-mail at a moment, now unless one is given."""
    with transaction.atomic():
        actions.notice_given(reference=request.reference, at=at or timezone.now())
    return InstallCodeRequest.objects.get(pk=request.pk)
