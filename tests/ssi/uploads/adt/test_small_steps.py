"""Small steps add up: a second officer is needed for what a threshold has risen by within a month."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import State
from ssi.uploads.presenters.differences import ChangeLine
from ssi.uploads.search import thresholds
from tests.factories.uploads import Row
from tests.ssi.uploads.adt.reading import checked, in_state, read_in

pytestmark = pytest.mark.django_db

CHRISTMAS = ("2030-12-24", "2030-12-26")


def row(quarantine: int, srv: str = "7.4", dates: tuple[str, str] = ("", "")) -> Row:
    return (srv, "SR", "DAY", "", quarantine, *dates, "")


def days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def applied(person: Person, days: int, *rows: Row, **facts: Any) -> Upload:
    """Return a version that came into force so many days ago, in place of the one before."""
    upload = read_in(person, rows)
    before = thresholds.in_force(upload.user_id_id, upload.user_role)
    assert not checked(upload)
    if before is not None:
        in_state(before, State.SUPERSEDED)
        Upload.objects.filter(pk=before.pk).update(ended_at=days_ago(days))
    in_state(upload, State.APPLIED)
    Upload.objects.filter(pk=upload.pk).update(applied_at=days_ago(days), **facts)
    return Upload.objects.get(pk=upload.pk)


def next_one(person: Person, *rows: Row, **wrong: Any) -> Upload:
    upload = read_in(person, rows, **wrong)
    assert not checked(upload)
    return upload


def test_small_steps_within_the_days_add_up(aroha: Person) -> None:
    for days, quarantine in ((40, 60), (3, 72), (2, 86), (1, 103)):
        applied(aroha, days, row(quarantine))
    upload = next_one(aroha, row(123))
    assert upload.second_because == [
        "7.4 SR a day: the quarantine threshold rises by 105.0 % in 30 days, from 60 to 123."
    ]
    found = thresholds.difference(upload)
    (line,) = found.lines
    assert (found.big, line.is_big, line.was, line.lowest) == (1, True, 103, 60)
    assert (ChangeLine(line).change, ChangeLine(line).rise_of_days) == ("+19.4 %", "+105.0 % in 30 days")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        thresholds.difference(upload)
    assert len(queries) == 2


def test_what_a_delta_leaves_alone_adds_up_as_well(aroha: Person) -> None:
    for days, quarantine in ((40, 60), (2, 72)):
        applied(aroha, days, row(quarantine), row(5, "4.1.1"))
    upload = next_one(aroha, row(86), replaces="DELTA")
    assert len(upload.second_because) == 1


def test_versions_that_ended_before_do_not_count(aroha: Person) -> None:
    for days, quarantine in ((90, 60), (31, 72)):
        applied(aroha, days, row(quarantine))
    assert next_one(aroha, row(86)).second_because == []


def test_the_days_are_configured(aroha: Person, settings: LazySettings) -> None:
    for days, quarantine in ((90, 60), (10, 72)):
        applied(aroha, days, row(quarantine))
    assert len(next_one(aroha, row(86)).second_because) == 1
    settings.SSI_ADT_SECOND_OFFICER_DAYS = 9
    assert next_one(aroha, row(86)).second_because == []


def test_what_a_second_officer_approved_is_where_counting_begins(aroha: Person, olu: Person) -> None:
    applied(aroha, 10, row(60))
    applied(aroha, 8, row(100), approved_by=olu)
    applied(aroha, 6, row(110))
    assert next_one(aroha, row(120)).second_because == []
    assert next_one(aroha, row(121)).second_because == [
        "7.4 SR a day: the quarantine threshold rises by 21.0 % in 30 days, from 100 to 121."
    ]


def test_what_was_removed_does_not_come_back_higher(aroha: Person, olu: Person) -> None:
    both, alone = (row(60), row(5, "4.1.1")), row(5, "4.1.1")
    applied(aroha, 10, *both)
    applied(aroha, 8, alone, approved_by=olu)
    assert next_one(aroha, row(72), alone).second_because == []
    assert next_one(aroha, row(123), alone).second_because == [
        "7.4 SR a day: the quarantine threshold rises by 105.0 % in 30 days, from 60 to 123."
    ]


def test_a_new_exception_is_held_against_the_lowest_without_dates(aroha: Person) -> None:
    applied(aroha, 10, row(100))
    applied(aroha, 8, row(118))
    (because,) = next_one(aroha, row(118), row(121, dates=CHRISTMAS)).second_because
    assert because.startswith("7.4 SR a day, from 2030-12-24 to 2030-12-26: the quarantine threshold rises by")
    assert because.endswith(" 21.0 % in 30 days, from 100 of the threshold without dates to 121.")


def test_the_difference_of_an_old_version_stays_what_it_was(aroha: Person) -> None:
    applied(aroha, 10, row(100))
    second = applied(aroha, 8, row(110))
    applied(aroha, 6, row(50))
    (line,) = thresholds.difference(second).lines
    assert (line.is_big, line.lowest) == (False, 100)
