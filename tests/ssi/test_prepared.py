"""Prepared queries find what the query set finds, however they are asked."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.db.models import BigIntegerField, F, Q
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search.related import AnyOf
from ssi.access.actor import Actor
from ssi.access.prepared import PreparedFor
from ssi.eui64 import Eui64, Eui64Field
from ssi.prepared import Prepared, Slot, prepared_cursor
from tests.factories.inventory import DeviceFactory

pytestmark = pytest.mark.django_db

ID: Any = Slot("device_id", Eui64Field())
RELATED = ("device_model", "notified_by__party", "comms_hub__device_model", "import_meter_point")
BY_ID = Prepared(lambda: Device.objects.select_related(*RELATED).filter(pk=ID))


@pytest.fixture
def device() -> Device:
    return DeviceFactory.create()


@pytest.fixture
def unprepared() -> Iterator[None]:
    """A connection as with SSI_PREPARED_STATEMENTS off: psycopg prepares nothing by itself."""
    connection.ensure_connection()
    kept, connection.connection.prepare_threshold = connection.connection.prepare_threshold, None
    yield
    connection.connection.prepare_threshold = kept


def names() -> list[str]:
    """Return what this connection has prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_finds_a_row_as_the_query_set_does(
    device: Device, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asked = Device.objects.select_related(*RELATED).get(pk=device.pk)
    for _ in range(3):
        (found,) = BY_ID(device_id=device.pk)
        assert found == asked == BY_ID.first(device_id=device.pk)
        assert {field.attname: getattr(found, field.attname) for field in Device._meta.concrete_fields} == {
            field.attname: getattr(asked, field.attname) for field in Device._meta.concrete_fields
        }
    with django_assert_num_queries(0):
        assert found.device_model == asked.device_model
        assert found.notified_by is not None
        assert found.notified_by.party.name
        assert found.comms_hub is None
        assert found.import_meter_point is None


def test_finds_none_where_there_is_none(db: None) -> None:
    assert BY_ID.first(device_id=Eui64(1)) is None
    assert BY_ID(device_id=Eui64(1)) == []


def test_a_found_row_can_be_saved(device: Device) -> None:
    found = BY_ID(device_id=device.pk)[0]
    found.s1sp = "Somebody"
    found.save(update_fields=["s1sp"])
    assert Device.objects.get().s1sp == "Somebody"


def test_values_come_flat_and_not(device: Device) -> None:
    flat = Prepared(lambda: Device.objects.filter(pk=ID).values_list("pk", flat=True))
    pairs = Prepared(lambda: Device.objects.filter(pk=ID).values_list("pk", "device_model__manufacturer"))
    assert flat(device_id=device.pk) == [device.pk]
    assert pairs(device_id=device.pk) == [(device.pk, device.device_model.manufacturer)]


def test_a_slot_may_stand_twice(device: Device) -> None:
    others = Prepared(lambda: Device.objects.filter(Q(comms_hub=ID) | Q(pk=ID)))
    part = DeviceFactory.create(comms_hub=device)
    assert set(others(device_id=device.pk)) == {device, part}


def test_many_values_are_one_slot(device: Device) -> None:
    among = Prepared(lambda: Device.objects.filter(AnyOf(F("pk"), Slot("ids", ArrayField(Eui64Field())))))
    another = DeviceFactory.create()
    assert set(among(ids=[device.pk, another.pk])) == {device, another}
    assert among(ids=[]) == []


def test_what_is_fixed_may_be_null_or_hold_a_percent_sign(device: Device) -> None:
    fixed = Prepared(lambda: Device.objects.filter(pk=ID, s1sp="100 %s '", comms_hub=None))
    assert fixed(device_id=device.pk) == []
    Device.objects.update(s1sp="100 %s '")
    assert fixed(device_id=device.pk) == [device]


def test_what_is_fixed_is_served_by_a_partial_index(db: None) -> None:
    of_type = Slot("device_type", Device._meta.get_field("device_type"))
    due = Prepared(lambda: Device.objects.filter(smi_status=SmiStatus.PENDING, device_type=of_type))
    with CaptureQueriesContext(connection) as asked:
        due(device_type=DeviceType.ESME)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = str(cursor.fetchall())
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL")
        partial = [name for (name,) in cursor.fetchall()]
    assert any(f" {name} " in plan for name in partial), (
        plan
    )  # whichever the planner likes, and however it reads it


def test_nothing_can_be_found_where_nothing_is_asked(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    nothing = Prepared(Device.objects.none)
    with django_assert_num_queries(0):
        assert nothing() == []


def test_a_missing_value_is_named(db: None) -> None:
    with pytest.raises(KeyError, match="device_id"):
        BY_ID(device=Eui64(1))


def test_null_equals_nothing(device: Device) -> None:
    behind = Prepared(lambda: Device.objects.filter(comms_hub=Slot("hub", Eui64Field())))
    assert behind(hub=None) == []


def test_works_in_a_transaction_and_after_one_was_rolled_back(device: Device) -> None:
    with transaction.atomic():
        assert BY_ID.first(device_id=device.pk) == device
        assert BY_ID.first(device_id=device.pk) == device
        transaction.set_rollback(True)
    assert BY_ID.first(device_id=device.pk) == device


def test_is_prepared_once_the_threshold_is_reached(device: Device) -> None:
    connection.ensure_connection()
    connection.connection.prepare_threshold = 2
    for _ in range(4):
        BY_ID(device_id=device.pk)
    assert sum("inventory_devicemodel" in statement for statement in names()) == 1


def test_one_that_is_planned_each_time_is_not(device: Device) -> None:
    connection.ensure_connection()
    connection.connection.prepare_threshold = 2
    rare = Prepared(lambda: Device.objects.filter(s1sp="rare", pk=ID), planned_each_time=True)
    for _ in range(4):
        assert rare(device_id=device.pk) == []
    assert not any("rare" in statement for statement in names())


def test_finds_the_same_where_nothing_is_prepared(unprepared: None, device: Device) -> None:
    quiet = Prepared(lambda: Device.objects.filter(s1sp="quiet", pk=ID))
    for _ in range(4):
        assert BY_ID.first(device_id=device.pk) == device
        assert quiet(device_id=device.pk) == []
    assert not any("quiet" in statement for statement in names())


def test_the_log_of_queries_can_be_explained(device: Device) -> None:
    with CaptureQueriesContext(connection) as asked:
        BY_ID(device_id=device.pk)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        assert cursor.fetchone()


def test_a_cursor_gives_moments_in_the_connection_s_zone(db: None) -> None:
    with prepared_cursor() as prepared, connection.cursor() as plain:
        for cursor in (prepared, plain):
            cursor.execute("SELECT timestamptz '2026-08-01 12:00+01', %s::bigint", [7])
        assert prepared.fetchone() == plain.fetchone()


class Seen(models.QuerySet[Device]):
    """Devices, of which a User sees those it notified, DCC all."""

    def visible_to(self, actor: Actor) -> "Seen":
        """Return what an actor sees; a query that looked at more of the actor would find nothing."""
        if actor.is_dcc:
            return self
        if actor.user_id is None or actor.person_id is not None or actor.job_type_roles:
            return self.none()
        return self.filter(notified_by=actor.user_id)


def test_each_sees_what_is_its_own(device: Device) -> None:
    another = DeviceFactory.create()
    seen = PreparedFor(lambda actor: Seen(Device).visible_to(actor).order_by("pk"))
    for _ in range(2):
        for one in (device, another):
            mine = Actor(person_id=1, person_name="Somebody", user_id=one.notified_by_id)
            assert set(seen(mine)) == set(Device.objects.filter(notified_by=one.notified_by_id))
        assert set(seen(Actor(is_dcc=True))) == {device, another}
        assert seen(Actor(person_id=1)) == []


def test_numbers_of_any_size_are_one_statement(db: None) -> None:
    point = Prepared(
        lambda: Device.objects.filter(s1sp="sizes", import_meter_point=Slot("point", BigIntegerField()))
    )
    connection.ensure_connection()
    connection.connection.prepare_threshold = 2
    for number in (1, 70_000, 1 << 40, 2, 70_001):
        assert point(point=number) == []
    assert sum("sizes" in statement for statement in names()) == 1
