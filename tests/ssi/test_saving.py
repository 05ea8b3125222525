"""One row is saved by a statement made once, as Django would save it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ssi.notifications.models import Digest, DigestItem, OutboxMessage, Preference
from ssi.notifications.notices import Pace
from ssi.saving import insert_few
from tests.factories.notifications import OutboxMessageFactory

pytestmark = pytest.mark.django_db


def item(**facts: Any) -> DigestItem:
    """Return a new row with an array, a moment, a number and texts."""
    given = {
        "recipient": "a@invented.example",
        "event": "x.y",
        "about": "x",
        "reference": "r",
        "references": ["a"],
    }
    return DigestItem(**{**given, "size": 1, **facts})


def test_a_new_row_comes_back_as_it_was_saved() -> None:
    saved = item(references=["one", "two, {three}", '"'], size=2**31 - 1, event="%s %% 'quoted'")
    saved.save()
    found = DigestItem.objects.get(pk=saved.pk)
    assert [getattr(found, each.attname) for each in DigestItem._meta.concrete_fields] == [
        getattr(saved, each.attname) for each in DigestItem._meta.concrete_fields
    ]
    assert not saved._state.adding


def test_nulls_and_empty_lists_are_saved() -> None:
    first, second = OutboxMessageFactory.create(), OutboxMessageFactory.create(delivered_at=timezone.now())
    assert OutboxMessage.objects.get(pk=first.pk).bounce_reports == []
    assert OutboxMessage.objects.get(pk=first.pk).delivered_at is None
    assert OutboxMessage.objects.get(pk=second.pk).delivered_at == second.delivered_at


def test_a_choice_is_saved_as_its_value() -> None:
    Preference(recipient="a@invented.example", event="x.y", pace=Pace.DAILY).save()
    assert Preference.objects.values_list("pace", flat=True).get() == "daily"


def test_only_the_named_fields_are_written() -> None:
    row = OutboxMessageFactory.create(attempts=1, last_error="before")
    OutboxMessage.objects.update(last_error="by another")
    row.attempts, row.last_error = 7, "mine"
    row.save(update_fields=["attempts"])
    row.refresh_from_db()
    assert (row.attempts, row.last_error) == (7, "by another")


def test_a_row_that_is_gone_is_not_written_again() -> None:
    row = OutboxMessageFactory.create()
    OutboxMessage.objects.all().delete()
    with pytest.raises(DatabaseError):
        row.save(update_fields=["attempts"])


def test_expressions_are_left_to_django() -> None:
    row = OutboxMessageFactory.create(attempts=1)
    row.attempts = F("attempts") + 2
    row.save(update_fields=["attempts"])
    row.refresh_from_db()
    assert row.attempts == 3
    other = item(event=Value("of the database"))
    other.save()
    assert DigestItem.objects.get(pk=other.pk).event == "of the database"


def test_a_broken_constraint_is_djangos_error() -> None:
    today = timezone.localdate()
    Digest.objects.create(recipient="a@invented.example", digest_date=today)
    with pytest.raises(IntegrityError) as clash, transaction.atomic():
        Digest.objects.create(recipient="a@invented.example", digest_date=today)
    assert clash.value.__cause__.diag.constraint_name == "one_summary_per_person_and_day"  # type: ignore[union-attr]
    Digest.objects.create(recipient="a@invented.example", digest_date=today + timedelta(days=1))


def test_a_key_that_is_given_is_kept() -> None:
    item(pk=4_711).save(force_insert=True)
    item().save()
    assert DigestItem.objects.filter(pk=4_711).exists()
    assert DigestItem.objects.count() == 2


def test_a_handful_goes_in_one_statement_in_order_with_keys() -> None:
    rows = [item(reference=str(number)) for number in range(3)]
    with CaptureQueriesContext(connection) as queries:
        insert_few(rows)
    assert len(queries) == 1
    assert list(DigestItem.objects.order_by("pk").values_list("pk", "reference")) == [
        (each.pk, each.reference) for each in rows
    ]


def test_a_handful_takes_no_expressions() -> None:
    with pytest.raises(TypeError, match="takes values"):
        insert_few([item(event=Value("x"))])
