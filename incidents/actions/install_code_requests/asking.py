"""Who is asked for a device's install code, or why nobody can be and the desk must look (MP121 R6, R7)."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from incidents import recipients
from inventory.models import Device
from inventory.models.choices import COMMS_HUB_PARTS
from ssi.accounts.models import UserId
from ssi.accounts.search import Successor, successor_of, successors
from ssi.eui64 import Eui64

LONGEST_BECAUSE = 300
"""As the columns hold it. Two party names of 120 letters would not fit whole; the User ID tells them apart."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked and why; `installer` is None when nobody can be, and then `because` says that."""

    installer: UserId | None
    because: str


class Market:
    """What is to be known of suppliers to tell whom to ask, looked up as it is needed: two queries at most."""

    def successor_of(self, user_id: Eui64) -> Successor | None:
        """Return who took over the business of a User ID, or None."""
        return successor_of(user_id)

    def can_answer(self, installer: UserId) -> bool:
        """Tell whether there is anybody to answer for a User ID."""
        return bool(recipients.who_may_answer(installer))


class MarketOfOneDeed(Market):
    """The same for one deed, which asks for whoever may answer no more than once."""

    def __init__(self) -> None:
        self._answerers: dict[Eui64, list[str]] = {}

    def who_may_answer(self, installer: UserId) -> list[str]:
        """Return the addresses of those who may answer for a User ID."""
        if installer.eui not in self._answerers:
            self._answerers[installer.eui] = recipients.who_may_answer(installer)
        return self._answerers[installer.eui]

    def can_answer(self, installer: UserId) -> bool:
        """Tell whether there is anybody to answer for a User ID."""
        return bool(self.who_may_answer(installer))


class WholeMarket(Market):
    """The same, looked up once for everybody: as many queries for fifty thousand devices as for one."""

    def __init__(self) -> None:
        self._successors = successors()
        self._answering = recipients.all_who_can_answer()

    def successor_of(self, user_id: Eui64) -> Successor | None:
        """Return who took over the business of a User ID, or None."""
        return self._successors.get(user_id)

    def can_answer(self, installer: UserId) -> bool:
        """Tell whether there is anybody to answer for a User ID."""
        return installer.eui in self._answering


ONE_BY_ONE = Market()


def whom_to_ask(device: Device, *, raised_by_party_id: int | None, market: Market = ONE_BY_ONE) -> Asked:
    """Work out who is asked for `device`: who pre-notified it, or whoever took over from one that has left."""
    trouble = _why_nobody_else_holds_it(device, raised_by_party_id)
    installer = device.notified_by
    if trouble or installer is None:
        return Asked(None, trouble or why_nobody_can_be_asked(installer))
    successor = market.successor_of(installer.eui) if installer.party.left_date is not None else None
    if successor is not None:
        return _of_successor(installer, successor, raised_by_party_id, market)
    trouble = why_nobody_can_be_asked(installer, market)
    if trouble:
        return Asked(None, trouble)
    return Asked(installer, because_it_pre_notified(device, installer))


def because_it_pre_notified(device: Device, installer: UserId) -> str:
    """Return why `installer`, which pre-notified the device, is asked."""
    when = f" on {_day(timezone.localdate(device.notified_at))}" if device.notified_at else ""
    return f"{installer.party.name} pre-notified this device{when} under User ID {installer.eui}."


def because_it_took_over(installer: UserId, successor: Successor) -> str:
    """Return why `successor` is asked in the place of `installer`: both facts."""
    return (
        f"{installer.party.name}, which pre-notified this device, left the market; "
        f"{successor.user_id.party.name} took over its User IDs on {_day(successor.since_date)}."
    )[:LONGEST_BECAUSE]


def why_nobody_can_be_asked(installer: UserId | None, market: Market = ONE_BY_ONE) -> str:
    """Return why the desk must look for who holds the code, or "" if `installer` can be asked."""
    if installer is None:
        return "The inventory does not say who pre-notified this device."
    if installer.party.left_date is not None:
        return f"{installer.party.name}, which pre-notified this device, has left the market."
    if not market.can_answer(installer):
        return f"Nobody at {installer.party.name}, which pre-notified this device, can answer requests yet."
    return ""


def why_successor_cannot_be_asked(
    installer: UserId, successor: Successor, raised_by_party_id: int | None, market: Market = ONE_BY_ONE
) -> str:
    """Return why the desk must look although somebody took over from `installer`, or "" if they can be asked."""
    new = successor.user_id
    if new.party.left_date is not None:
        trouble = "which has left the market as well"
    elif new.party_id == raised_by_party_id:
        trouble = "which raised this request, so there is no other supplier to ask"
    elif not market.can_answer(new):
        trouble = "where nobody can answer requests yet"
    else:
        return ""
    return (
        f"{installer.party.name}, which pre-notified this device, has left the market. "
        f"Its User IDs went to {new.party.name}, {trouble}."
    )[:LONGEST_BECAUSE]


def _of_successor(
    installer: UserId, successor: Successor, raised_by_party_id: int | None, market: Market
) -> Asked:
    trouble = why_successor_cannot_be_asked(installer, successor, raised_by_party_id, market)
    if trouble:
        return Asked(None, trouble)
    return Asked(successor.user_id, because_it_took_over(installer, successor))


def _why_nobody_else_holds_it(device: Device, raised_by_party_id: int | None) -> str:
    """Return why no other supplier can be asked for this device, whoever is in the market."""
    if device.device_type in COMMS_HUB_PARTS:
        return "It is part of a communications hub, whose code no supplier holds."
    if device.notified_by is not None and device.notified_by.party_id == raised_by_party_id:
        party = device.notified_by.party.name
        return f"{party} pre-notified this device itself, so there is no other supplier to ask."
    return ""


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
