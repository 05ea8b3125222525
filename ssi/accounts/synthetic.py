"""The parties of a synthetic estate: invented suppliers with real-looking shares of the market, and networks."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction

from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole, UserRole
from ssi.accounts.actions import grants, parties, people, successions
from ssi.accounts.models import Party
from ssi.accounts.models.succession import TakenOverBecause
from ssi.eui64 import Eui64
from ssi.web.progress import Progress
from ssi.web.synthetic import Order

_FIRST_USER_ID: Final = Eui64.parse("90-B3-D5-1F-5E-01-00-00")
_NEXT: Final = 0x1_0000
_SUPPLIER: Final = (UserRole.IS, UserRole.ES, UserRole.GS)


@dataclass(frozen=True, slots=True)
class Company:
    """A party with its one User ID. `share` counts the homes, in tenths of a percent, where it put devices in.

    `left_days_ago` is when it left the market, and `successor` the number of who took over its User ID.
    """

    name: str
    number: int
    user_roles: tuple[UserRole, ...] = _SUPPLIER
    share: int = 0
    left_days_ago: int | None = None
    successor: int | None = None

    @property
    def user_id(self) -> Eui64:
        """Return its User ID."""
        return Eui64(_FIRST_USER_ID.as_bigint + self.number * _NEXT)


_NAMES_AND_SHARES: Final = (
    ("Meridian Vale Energy", 214),
    ("Corvane Power", 176),
    ("Halden & Rowe Energy", 138),
    ("Blue Quay Energy", 109),
    ("Larkfield Home Energy", 88),
    ("Ostrea Supply", 66),
    ("Tarn Energy", 48),
    ("Wychwood Utilities", 33),
    ("Kestrel Tariffs", 24),
    ("Pennyfarthing Power", 19),
    ("Sable Coast Energy", 13),
    ("Greywether Gas and Power", 9),
    ("Copperbeech Energy", 6),
    ("Isle and Inland Supply", 4),
    ("Millrace Community Energy", 2),
    ("Foxglove Business Power", 1),
)
_DEPARTED: Final = (
    ("Bramblewick Energy", 27, 240, 3),
    ("Volterra Direct", 14, 610, 0),
    ("Pure Moor Power", 6, 980, 1),
    ("Zephyrine Energy", 3, 1_290, 4),
)
SUPPLIERS: Final = (
    *(Company(name, number, share=share) for number, (name, share) in enumerate(_NAMES_AND_SHARES)),
    *(
        Company(name, len(_NAMES_AND_SHARES) + number, share=share, left_days_ago=days, successor=successor)
        for number, (name, share, days, successor) in enumerate(_DEPARTED)
    ),
)
"""Each stands at the place of its number."""

_ED, _GT = (UserRole.ED,), (UserRole.GT,)
DISTRIBUTORS: Final = tuple(
    Company(name, 0x40 + number, user_roles=_ED)
    for number, name in enumerate(
        ("Easting Grid", "Midmoor Networks", "Firth and Forest Grid", "Severnside Networks", "Downland Grid")
    )
)
GAS_TRANSPORTERS: Final = tuple(
    Company(name, 0x60 + number, user_roles=_GT)
    for number, name in enumerate(
        ("Central Gas Pipelines", "Northern Mains", "Southern Mains", "Caledon Gas Grid")
    )
)


@transaction.atomic
def prepare(order: Order) -> None:
    """Make the parties that are missing, each supplier still in the market with somebody who may answer."""
    by = Actor.system()
    there = set(Party.objects.values_list("name", flat=True))
    missing = [each for each in (*SUPPLIERS, *DISTRIBUTORS, *GAS_TRANSPORTERS) if each.name not in there]
    for company in missing:
        _register(company, by)
    for company in missing:
        if company.left_days_ago is not None and company.successor is not None:
            _part_with(company, order, by)


def _register(company: Company, by: Actor) -> None:
    party = parties.register_party(name=company.name, by=by)
    parties.add_user_id(party_id=party.pk, eui=company.user_id, user_roles=company.user_roles, by=by)
    if company.left_days_ago is None and company.share:
        email = f"operations@{company.name.lower().replace(' & ', '-').replace(' ', '-')}.example"
        person = people.open_account(email=email, name="Operations desk", party=party, invite=False, by=by)
        grants.grant_role(person_id=person.pk, eui=company.user_id, job_type_role=JobTypeRole.OPS, by=by)


def _part_with(company: Company, order: Order, by: Actor) -> None:
    left_date = order.as_of - timedelta(days=company.left_days_ago or 0)
    parties.mark_left(party_id=Party.objects.get(name=company.name).pk, left_date=left_date, by=by)
    successions.enter(
        eui=company.user_id,
        successor=SUPPLIERS[company.successor or 0].user_id,
        from_date=left_date,
        because=TakenOverBecause.SUPPLIER_OF_LAST_RESORT,
        by=by,
    )


def bytes_for(order: Order) -> int:
    """Return next to nothing: a few dozen rows."""
    return 0


def effort(order: Order) -> float:
    """Return nothing: it is done before the clock starts."""
    return 0


def load(order: Order, progress: Progress) -> str:
    """Say how many there are."""
    return f"{len(SUPPLIERS) + len(DISTRIBUTORS) + len(GAS_TRANSPORTERS)} parties"
