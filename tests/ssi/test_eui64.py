"""EUI-64: the value, its column, its form field and its place in an address."""

import copy
import json
import pickle
import re
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.apps.registry import Apps
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import CaptureQueriesContext

from ssi.eui64 import Eui64, Eui64Converter, Eui64Field, Eui64FormField, NotAnEui64

USER_ID = "90-B3-D5-1F-30-01-00-00"


class Hub(models.Model):
    """A table only for these tests, in a registry of its own."""

    device_id = Eui64Field(primary_key=True)
    objects: ClassVar[models.Manager["Hub"]] = models.Manager()

    class Meta:
        apps = Apps()
        app_label = "eui64_tests"
        db_table = "test_eui64_hub"


class Meter(models.Model):
    """A table with a key to the other, required and optional."""

    device_id = Eui64Field(primary_key=True)
    hub = models.ForeignKey(Hub, on_delete=models.CASCADE, null=True, related_name="meters")
    hub_id: Eui64 | None
    notified_by = Eui64Field(null=True)
    objects: ClassVar[models.Manager["Meter"]] = models.Manager()

    class Meta:
        apps = Hub._meta.apps
        app_label = "eui64_tests"
        db_table = "test_eui64_meter"


@pytest.fixture
def tables(db: None) -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(Hub)
        editor.create_model(Meter)
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP TABLE test_eui64_meter, test_eui64_hub")


@pytest.mark.parametrize(
    "text",
    [
        "90-B3-D5-1F-30-01-00-00",
        "90b3d51f30010000",
        "90:b3:D5:1f:30:01:00:00",
        " 90 B3 D5 1F 30 01 00 00\t",
        "\u2013".join(USER_ID.split("-")),
        "\uff19\uff10B3D51F30010000",
        "90-B3-D5-1F\u00a030-01-00-00\n",
    ],
)
def test_every_usual_spelling_is_one_value(text: str) -> None:
    value = Eui64.parse(text)
    assert str(value) == USER_ID
    assert value.plain == "90B3D51F30010000"
    assert value.oui == "90-B3-D5"
    assert bytes(value) == bytes.fromhex("90B3D51F30010000")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "nothing was given"),
        ("90-B3", "it has 4 digits, not 16"),
        ("90B3D51F300100001", "it has 17 digits, not 16"),
        ("90-B3-D5-1F-30-01-00-0G", "a character other than"),
        ("90_B3_D5_1F_30_01_00_00", "a character other than"),
        ("+0B3D51F30010000", "a character other than"),
        ("90B3D51F\n30010000", "more than one line"),
    ],
)
def test_what_is_no_eui64_is_refused_with_a_way_out(text: str, problem: str) -> None:
    with pytest.raises(NotAnEui64, match=re.escape(problem)) as caught:
        Eui64.parse(text)
    assert isinstance(caught.value, ValueError)
    assert "00-DB-12-34-56-78-90-A0" in caught.value.way_out
    assert not text or text not in str(caught.value)
    assert caught.value.title == "Not an EUI-64"


def test_refuses_numbers_and_octets_that_do_not_fit() -> None:
    with pytest.raises(NotAnEui64):
        Eui64(1 << 63)
    with pytest.raises(NotAnEui64):
        Eui64.from_bytes(b"1234567")


def test_is_a_value() -> None:
    value = Eui64.parse(USER_ID)
    assert value == Eui64.parse(USER_ID.lower())
    assert len({value, Eui64.parse(USER_ID)}) == 1
    text: Any = USER_ID
    assert value != text
    assert repr(value) == f"Eui64({USER_ID})"
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value
    with pytest.raises(AttributeError):
        value.as_bigint = 3  # type: ignore[misc]


def test_sorts_as_the_column_does(tables: None) -> None:
    values = [Eui64.parse(text) for text in ("00DB1234567890A0", USER_ID, "7FFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF")]
    Hub.objects.bulk_create(Hub(device_id=value) for value in values)
    assert list(Hub.objects.order_by("device_id").values_list("pk", flat=True)) == sorted(values)


def test_column_is_a_bigint_that_psql_can_read(tables: None) -> None:
    Hub.objects.create(device_id=USER_ID)
    with connection.cursor() as cursor:
        cursor.execute("SELECT lpad(to_hex(device_id), 16, '0'), pg_typeof(device_id)::text FROM test_eui64_hub")
        assert cursor.fetchone() == ("90b3d51f30010000", "bigint")


def test_works_as_a_key_and_in_a_foreign_key(tables: None) -> None:
    hub = Hub.objects.create(device_id=Eui64.parse(USER_ID))
    Meter.objects.create(device_id="00DB1234567890A0", hub=hub)
    Meter.objects.create(device_id="00DB1234567890A1", hub_id=hub.pk, notified_by=USER_ID)
    meter = Meter.objects.select_related("hub").get(pk="00-db-12-34-56-78-90-a0")
    assert (meter.pk, meter.hub_id, meter.hub.pk) == (Eui64.parse("00DB1234567890A0"), hub.pk, hub.pk)
    assert meter.notified_by is None
    assert Meter.objects.filter(hub=hub).count() == 2
    assert Meter.objects.filter(hub=USER_ID, notified_by=hub.pk).count() == 1
    assert Meter.objects.filter(hub__in=[hub.pk]).count() == 2
    assert Meter.objects.filter(hub__in=[hub]).count() == 2
    assert Meter.objects.filter(hub__device_id__gte=hub.pk, notified_by__isnull=True).count() == 1
    fetched: Any = Hub.objects.prefetch_related("meters").get()
    assert [each.hub_id for each in fetched.meters.all()] == [hub.pk, hub.pk]
    assert Meter.objects.in_bulk([meter.pk]) == {meter.pk: meter}


def test_fifty_thousand_values_are_one_query(tables: None) -> None:
    wanted = [Eui64(number * 7919) for number in range(50_000)]
    Hub.objects.bulk_create(Hub(device_id=value) for value in wanted[::500])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = set(Hub.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    assert found == set(wanted[::500])
    assert len(queries) == 1


@pytest.mark.parametrize("lookup", ["icontains", "startswith", "regex", "iexact"])
def test_text_lookups_are_not_offered(lookup: str) -> None:
    with pytest.raises(FieldError):
        Hub.objects.filter(**{f"device_id__{lookup}": "90"})


def test_a_lookup_with_something_else_is_refused() -> None:
    with pytest.raises(NotAnEui64):
        Hub.objects.filter(device_id="no such thing")


@pytest.mark.parametrize("format_", ["json", "python", "xml", "jsonl"])
def test_serialises_and_comes_back(format_: str) -> None:
    field = Meter._meta.get_field("device_id")
    meter = Meter(device_id=Eui64.parse(USER_ID), hub_id=Eui64.parse("00DB1234567890A0"))
    written = serializers.serialize(format_, [meter])
    assert USER_ID in (json.dumps(written) if format_ == "python" else written)
    assert "00-DB-12-34-56-78-90-A0" in str(written)
    assert field.to_python(field.value_to_string(meter)) == meter.device_id


def test_migrations_name_it_plainly() -> None:
    written, imports = MigrationWriter.serialize(Eui64Field(null=True, db_index=True))
    assert written == "ssi.eui64.Eui64Field(db_index=True, null=True)"
    assert imports == {"import ssi.eui64"}


def test_full_clean_turns_text_into_the_value() -> None:
    hub = Hub(device_id="00db1234567890a0")
    hub.clean_fields()
    assert hub.device_id == Eui64.parse("00DB1234567890A0")
    hub.device_id = "rubbish"
    with pytest.raises(ValidationError, match="Not a Device ID or User ID") as caught:
        hub.clean_fields()
    assert "Dashes may be left out" in str(caught.value)


def test_form_field_gives_the_value_or_our_sentence() -> None:
    field = Meter._meta.get_field("notified_by").formfield()
    assert isinstance(field, Eui64FormField)
    assert field.clean("90b3d51f30010000") == Eui64.parse(USER_ID)
    with pytest.raises(ValidationError, match="it has 4 digits, not 16"):
        field.clean("90B3")
    with pytest.raises(ValidationError):
        field.clean("")
    assert Eui64FormField(required=False).clean("  ") is None
    assert not field.has_changed(Eui64.parse(USER_ID), USER_ID.lower())
    assert f'value="{USER_ID}"' in field.widget.render("device_id", Eui64.parse(USER_ID))


@pytest.mark.parametrize("part", [USER_ID, USER_ID.lower(), "90b3d51f30010000"])
def test_address_takes_any_spelling_and_gives_one(part: str) -> None:
    converter = Eui64Converter()
    assert re.fullmatch(converter.regex, part)
    assert converter.to_url(converter.to_python(part)) == converter.to_url(part) == USER_ID


@pytest.mark.parametrize(
    "part",
    ["90B3", "90-B3-D5-1F-30-01-00-00-11", "90-B3-D5-1F-30-01-00-", "raise", "\u0669\u0660B3D51F30010000"],
)
def test_address_takes_nothing_else(part: str) -> None:
    assert not re.fullmatch(Eui64Converter.regex, part)
