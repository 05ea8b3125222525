"""A device as text, made of pieces, is what encoding its values gives, to the letter."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.api.device_out import all_out, as_json, lines_of
from inventory.models import Device
from inventory.search.personal_data import FIELDS
from inventory.search.rows import rows_of
from ssi.access.actor import Actor
from ssi.accounts.models import Person, UserId
from tests.factories.ugly_devices import ugly_devices
from tests.personas import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def devices(vera: Person) -> list[Device]:
    """Return devices of every kind; of some meter points Vera sees the address."""
    return ugly_devices(UserId.objects.get(pk=actor_of(vera).user.user_id))


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
