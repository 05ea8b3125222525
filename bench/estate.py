"""What the lines work on: suppliers with somebody to answer, and devices that may be asked for."""

import itertools
import sys
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import StringIO
from typing import Final

from django.core.management import call_command
from django.db import connection

from bench.harness import Options
from inventory.models import Device, DeviceModel
from inventory.models.choices import DeviceType
from inventory.synthetic.products import first_and_last
from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole, UserRole
from ssi.accounts.acting import actor_for, choices_of
from ssi.accounts.models import Party, Person, RoleGrant, UserId, UserIdRole
from ssi.eui64 import Eui64

INSTALLERS = 12
PLENTY = 100_000_000
SEEN_TO_LOAD: Final = 5_000_000
"""From so many devices on the progress is printed: it takes minutes."""

AS_OF: Final = date(2026, 11, 20)
"""The day on which the estate's story ends, so that each run has the same."""

_FIRST_USER_ID = Eui64.parse("90-B3-D5-1F-3B-00-00-00").as_bigint
_FIRST_DEVICE_ID = Eui64.parse("1E-5B-00-00-00-00-00-00").as_bigint
_made = itertools.count()

_DEVICES = """
INSERT INTO inventory_device (device_id, device_type, device_model_id, smi_status, notified_by_id, notified_at)
SELECT %(first)s + n, %(esme)s, %(model)s, 1 + n %% 3, (%(installers)s::bigint[])[1 + n %% %(many)s],
       date_trunc('hour', now()) - make_interval(days => (n / 97 %% 700)::int)
FROM generate_series(0, %(devices)s - 1) n
"""


@dataclass(frozen=True, slots=True)
class Estate:
    """The suppliers of the run: who asks, and who is asked."""

    raiser: Person
    installers: tuple[Eui64, ...]

    @property
    def actor(self) -> Actor:
        """Return the raiser as an actor."""
        return actor_for(self.raiser, choices_of(self.raiser)[0])


@cache
def estate() -> Estate:
    """Return the suppliers, made on first use."""
    raiser = _person("Raiser", PLENTY)
    return Estate(raiser, _installers())


def installers() -> tuple[Eui64, ...]:
    """Return who is asked in the database that is worked in, the second one too; made where nobody is."""
    of_them = UserId.objects.filter(party__name__startswith="Installer ").order_by("eui")
    return tuple(each.eui for each in of_them) or _installers()


def _installers() -> tuple[Eui64, ...]:
    return tuple(_person(f"Installer {n}", PLENTY).grants.get().acting_for_id for n in range(INSTALLERS))


def loaded(options: Options) -> None:
    """Load the synthetic estate of `size` devices, unless a line before has."""
    first, last = first_and_last()
    if not Device.objects.filter(device_id__gte=first, device_id__lt=last).exists():
        progress = sys.stderr if options.size >= SEEN_TO_LOAD else StringIO()
        call_command("load_synthetic", devices=options.size, as_of=AS_OF, stderr=progress)


def _person(name: str, quota: int) -> Person:
    party = Party.objects.create(name=name, requests_per_day=quota)
    user_id = UserId.objects.create(eui=Eui64(_FIRST_USER_ID + next(_made)), party=party)
    UserIdRole.objects.create(held_by=user_id, user_role=UserRole.IS)
    email = f"{name.lower().replace(' ', '-')}@bench.example"
    person = Person.objects.create_person(email=email, name=name, party=party)
    RoleGrant.objects.create(person=person, acting_for=user_id, job_type_role=JobTypeRole.OPS, granted_by="bench")
    return person


@dataclass
class _Next:
    device: int = _FIRST_DEVICE_ID


_next = _Next()


def new_devices(many: int) -> list[str]:
    """Return the Device IDs of new devices that may be asked for, of all the installers in turn, as pasted."""
    model, _ = DeviceModel.objects.get_or_create(
        device_type=DeviceType.ESME, manufacturer="2F01", model="41A00102", firmware_version="00020311"
    )
    first = _next.device
    _next.device += many
    with connection.cursor() as cursor:
        cursor.execute(
            _DEVICES,
            {
                "first": first,
                "devices": many,
                "esme": DeviceType.ESME,
                "model": model.pk,
                "installers": [each.as_bigint for each in estate().installers],
                "many": INSTALLERS,
            },
        )
        cursor.execute("ANALYZE inventory_device")
    return [str(Eui64(first + number)) for number in range(many)]
