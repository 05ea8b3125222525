"""The checks that Service Requests share, each with the response code that DUIS has for it.

In this order: E1, E2, E3 the originator; E12 the Command Variant; E19 that the device is known; E11 its type; E5
its SMI Status; E4 whose it is; then the rules of the request itself. What holds for which request stands in
`inventory/rules.py`.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from inventory.actions.service_requests.refusals import (
    CommandVariantNotApplicable,
    CounterNotRising,
    DeviceUnknown,
    NotResponsible,
    OriginatorUnknown,
    RoleNotEligible,
    UserStatusForbids,
    WrongDeviceType,
    WrongStatus,
)
from inventory.duis.messages import RequestId
from inventory.duis.requests.commands import SIGNED_VARIANTS
from inventory.models import AuditTrailEntry, Device
from inventory.models.choices import SENT_KINDS, DeviceType, SmiStatus
from inventory.rules import REGISTERED_ROLES, Others, Owed, ServiceRule, takes_in_status
from inventory.search.responsible import responsible_for
from inventory.search.standing import stands_for
from ssi.access.roles import UserRole
from ssi.accounts.models import UserId, UserIdRole
from ssi.accounts.search import successor_of
from ssi.eui64 import Eui64


def require_sender(request_id: RequestId, command_variant: int, rule: ServiceRule) -> UserId:
    """Return the User ID that sent a request, if it may send this one at all. Raises E1, E2, E3 or E12.

    A message does not say in which of its User Roles a User ID acts, so any that is eligible will do.
    """
    originator = request_id.originator
    user_id = UserId.objects.filter(eui=originator).select_related("party").prefetch_related("roles").first()
    held = {role.user_role for role in user_id.roles.all()} if user_id else set()
    if user_id is None or not held:
        raise OriginatorUnknown(user_id=originator)
    if held.isdisjoint(rule.roles):
        raise RoleNotEligible(
            user_id=originator, held=_in_order(held), srv=in_words(rule), eligible=_in_order(rule.roles)
        )
    _require_in_use(user_id)
    if command_variant not in rule.command_variants:
        names = " or ".join(str(each) for each in sorted(rule.command_variants))
        raise CommandVariantNotApplicable(
            given=command_variant, srv=in_words(rule), allowed=f"Command Variant {names}"
        )
    if command_variant not in SIGNED_VARIANTS:  # they go on under the RequestID of the request for the pre-command
        _require_rising(request_id)
    return user_id


def _require_in_use(user_id: UserId) -> None:
    """Refuse a User ID whose Party left the market, and one whose business another User ID took over."""
    if user_id.party.left_date is not None and user_id.party.left_date <= timezone.localdate():
        raise UserStatusForbids(user_id=user_id.eui, why=f"its Party left the market on {user_id.party.left_date}")
    successor = successor_of(user_id.eui)
    if successor is not None:
        why = f"{successor.user_id.eui} took it over on {successor.since_date}"
        raise UserStatusForbids(user_id=user_id.eui, why=why)


def _require_rising(request_id: RequestId) -> None:
    """With SSI_DUIS_COUNTER_RISES, refuse a counter that is not above the one this originator sent last."""
    if not settings.SSI_DUIS_COUNTER_RISES:
        return
    UserId.objects.select_for_update(no_key=True).get(pk=request_id.originator)  # two at once, one after the other
    sent = AuditTrailEntry.objects.filter(user_id=request_id.originator, kind__in=SENT_KINDS)
    last = sent.exclude(code=CounterNotRising.code).exclude(counter=None).order_by("-at", "-id").first()
    if last is not None and last.counter is not None and Decimal(request_id.counter) <= last.counter:
        raise CounterNotRising


def locked_devices(*device_ids: Eui64 | None) -> dict[Eui64, Device]:
    """Return those of the devices that are there, locked in the order of their ids."""
    wanted = {each for each in device_ids if each is not None}
    rows = Device.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    return {row.device_id: row for row in rows}


def require_known(found: dict[Eui64, Device], device_id: Eui64, *, part: str, way_out: str) -> Device:
    """Return one of the devices found; raises E19 if it is not in the inventory."""
    if device_id not in found:
        raise DeviceUnknown(device=device_id, part=part, way_out=way_out)
    return found[device_id]


def require_type(device: Device, allowed: Collection[DeviceType], *, part: str, way_out: str = "") -> None:
    """Pass if the device is of an allowed type; raises E11."""
    if device.device_type not in allowed:
        names = ", ".join(each.duis for each in DeviceType if each in allowed)
        raise WrongDeviceType(
            device=device,
            device_type=DeviceType(device.device_type).duis,
            part=part,
            way_out=way_out or f"Name one of these there: {names}.",
        )


def require_status(device: Device, rule: ServiceRule) -> None:
    """Pass if the device takes the request in its SMI Status; raises E5. A Type 2 Device has none and passes."""
    status = None if device.smi_status is None else SmiStatus(device.smi_status)
    if takes_in_status(rule, DeviceType(device.device_type), status, mp105=settings.MP105):
        return
    if status is SmiStatus.SUSPENDED and status in rule.statuses:
        raise wrong_status(device, f"a Suspended device takes critical and exempt requests alone, not {rule.srv}")
    names = ", ".join(each.duis for each in SmiStatus if each in rule.statuses)
    raise wrong_status(device, f"{in_words(rule)} is for a device that is one of: {names}")


def wrong_status(device: Device, needed: str) -> WrongStatus:
    """Return E5 about a device that has a status."""
    return WrongStatus(device=device, status=SmiStatus(device.smi_status).duis, needed=needed)


def require_responsible(
    device: Device, originator: Eui64, rule: ServiceRule, *, at: datetime, joining: Device | None = None
) -> None:
    """Pass if the originator is the Responsible Supplier of the device; raises E4.

    Where nobody is known as responsible no supplier is refused, and for a hub the notifying party is nobody: hubs
    are DCC's own. `joining` is the device that is joined or logged: another eligible User Role than a supplier's
    may be enough for it, as `rule.others` says.
    """
    if rule.owed is Owed.NOBODY:
        return
    named = responsible_for(device, timezone.localdate(at))
    is_anybodys = not named.user_ids or (rule.owed is Owed.SUPPLIER_OF_THE_HOME and not named.is_registered)
    if not is_anybodys and originator in named.user_ids:
        return
    held = roles_of(originator)
    if is_anybodys and held & rule.roles & REGISTERED_ROLES:
        return
    if not held & (rule.roles - REGISTERED_ROLES) or not _is_open_to_others(rule, joining, originator):
        raise NotResponsible(user_id=originator, device=device)


def _is_open_to_others(rule: ServiceRule, joining: Device | None, originator: Eui64) -> bool:
    """Tell whether an eligible User Role that is no supplier's is enough for this device."""
    if rule.others is Others.THEIR_OWN and joining is not None:
        return joining.is_type_2 or joining.notified_by_id in stands_for(originator)
    return rule.others is Others.ANY


def roles_of(user_id: Eui64) -> frozenset[UserRole]:
    """Return the User Roles that a User ID holds."""
    return frozenset(
        UserRole(each) for each in UserIdRole.objects.filter(held_by=user_id).values_list("user_role", flat=True)
    )


def in_words(rule: ServiceRule) -> str:
    """Return how sentences name the request."""
    return f"Service Request {rule.srv}"


def _in_order(roles: Collection[str]) -> str:
    return ", ".join(role.value for role in UserRole if role in roles)
