"""A device as text, made of pieces, is what encoding its values gives, to the letter."""

from datetime import UTC, datetime
from itertools import cycle

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.api.device_out import all_out, as_json, lines_of
from inventory.models import Device
from inventory.models.choices import CspRegion, DeviceType, EsmeVariant, SmiStatus
from inventory.search.personal_data import FIELDS
from inventory.search.rows import rows_of
from ssi.access.actor import Actor
from ssi.accounts.models import Person, UserId
from ssi.eui64 import Eui64
from tests.factories.accounts import PartyFactory, UserIdFactory
from tests.factories.inventory import DeviceFactory, DeviceModelFactory, MeterPointFactory
from tests.factories.registrations import RegistrationFactory
from tests.personas import actor_of

pytestmark = pytest.mark.django_db

TEXTS = ('"', "\\", "\u2028", "é", "\U0001f50c", "a\tb", "\x7f", "</a>&", "'", "{0} %s", "=1+1")
MOMENTS = (
    datetime(2026, 7, 1, 16, tzinfo=UTC),
    datetime(2026, 7, 1, 16, 0, 1, 5, tzinfo=UTC),
    datetime(2026, 1, 1, 0, 0, 0, 120_000, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    None,
)


@pytest.fixture
def devices(vera: Person) -> list[Device]:
    """Return devices of every kind with texts that want escaping; of some meter points Vera sees the address."""
    mine = UserId.objects.get(pk=actor_of(vera).user.user_id)
    moments, regions, variants = cycle(MOMENTS), cycle([*CspRegion, None]), cycle([*EsmeVariant, None])
    made: list[Device] = []
    for number, text in enumerate(TEXTS):
        point = MeterPointFactory.create(post_code=text, address_identifier=text, uprn=number or None)
        if number % 2:
            RegistrationFactory.create(meter_point=point, user_id=mine)
        for kind in DeviceType:
            model = DeviceModelFactory.create(
                device_type=kind, manufacturer=text, model=text, firmware_version="", smets_version=text
            )
            made.append(
                DeviceFactory.create(
                    device_type=kind,
                    device_model=model,
                    notified_by=UserIdFactory.create(party=PartyFactory.create(name=f"{text}{kind}")),
                    notified_at=next(moments),
                    status_since=next(moments),
                    esme_variant=next(variants) if kind == DeviceType.ESME else None,
                    csp_region=next(regions),
                    comms_hub=made[-1] if made else None,
                    import_meter_point=point if kind != DeviceType.CHF else None,
                    export_meter_point=MeterPointFactory.create(mpxn=text) if kind == DeviceType.ESME else None,
                )
            )
    made += [DeviceFactory.create(smi_status=status, notified_by=None) for status in SmiStatus]
    made.append(DeviceFactory.create(device_id=Eui64(-1), secondary_import_meter_point=MeterPointFactory.create()))
    return made


def test_the_text_is_what_encoding_the_values_gives(devices: list[Device], vera: Person, dana: Person) -> None:
    rows = rows_of([device.pk.as_bigint for device in devices], of_points=FIELDS)
    there = Device.objects.select_related("device_model", "notified_by__party").in_bulk(
        [each.pk for each in devices]
    )
    shown: set[str] = set()
    for actor in (actor_of(vera), actor_of(dana), Actor()):
        lines = lines_of(rows, actor)
        assert len(lines) == len(devices)
        for device, values in zip(there.values(), all_out(list(there.values()), actor), strict=True):
            assert lines[device.pk.as_bigint] == as_json(values)
            shown.add(as_json(values["masked"]))
    assert len(shown) == 2


def test_it_costs_the_same_few_queries_for_any_number(devices: list[Device]) -> None:
    with CaptureQueriesContext(connection) as queries:
        rows = rows_of([device.pk.as_bigint for device in devices], of_points=FIELDS)
    assert len(rows.rows) == len(devices)
    assert len(queries) == 4
    with CaptureQueriesContext(connection) as queries:
        assert rows_of([], of_points=FIELDS).rows == []
    assert len(queries) == 0
