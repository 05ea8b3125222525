"""Applying messages in tests, and the people and things they speak of."""

import io

from django.utils import timezone

from inventory.actions import service_requests
from inventory.actions.service_requests.answering import answer_message
from inventory.duis.answers import Answer
from inventory.duis.fields import SR
from inventory.duis.headers import read_request_id
from inventory.duis.messages import DccAlert, LogUpdateResult
from inventory.duis.reader import Envelope
from inventory.duis.safe_xml import Node
from inventory.models import Device
from ssi.access.actor import Actor
from ssi.access.roles import UserRole
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.inventory.duis import messages as duis


def apply(data: bytes) -> Answer:
    """Return the answer to one message."""
    return service_requests.answer(io.BytesIO(data), by=Actor.system())


def carried_out(data: bytes) -> Answer:
    """Return the answer to a request to a device that then says, through the DCC, that it succeeded (N24)."""
    answer = apply(data)
    if answer.response_code == "I99":
        request_id = read_request_id(answer.request_id)
        assert request_id is not None
        alert = DccAlert("N24", timezone.now(), LogUpdateResult(request_id))
        envelope = Envelope(Node(SR, "Response", {}), "", "")
        assert answer_message(envelope, alert, by=Actor.system()).response_code == "I0"
    return answer


def apply_all(*data: bytes) -> list[str]:
    """Return the response codes of several messages."""
    return [apply(each).response_code for each in data]


def register(eui: str = duis.SUPPLIER, *roles: UserRole) -> UserId:
    """Register a User ID, a supplier's unless told otherwise."""
    return UserIdFactory.create(eui=Eui64.parse(eui), user_roles=list(roles) or [UserRole.IS, UserRole.GS])


def device(device_id: str = duis.METER) -> Device:
    """Return a device of the inventory."""
    return Device.objects.get(pk=Eui64.parse(device_id))
