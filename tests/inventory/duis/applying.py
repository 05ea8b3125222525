"""Applying messages in tests, and the people and things they speak of."""

import io

from inventory.actions import service_requests
from inventory.duis.answers import Answer
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


def apply_all(*data: bytes) -> list[str]:
    """Return the response codes of several messages."""
    return [apply(each).response_code for each in data]


def register(eui: str = duis.SUPPLIER, *roles: UserRole) -> UserId:
    """Register a User ID, a supplier's unless told otherwise."""
    return UserIdFactory.create(eui=Eui64.parse(eui), user_roles=list(roles) or [UserRole.IS, UserRole.GS])


def device(device_id: str = duis.METER) -> Device:
    """Return a device of the inventory."""
    return Device.objects.get(pk=Eui64.parse(device_id))
