"""The audit log is one unbroken chain, and shows it when it is not."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from ssi.access.actor import Actor
from ssi.audit import log
from ssi.audit.models import AuditEvent


class Thing:
    audit_name = "thing"

    def __init__(self, ref: str = "T1") -> None:
        self.audit_ref = ref


def record_three() -> list[int]:
    return [log.record(f"thing.{verb}", by=Actor.system(), about=Thing(), what=verb) for verb in ("a", "b", "c")]


def raw(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def behind_the_triggers(sql: str) -> None:
    """Do what only the database's owner can."""
    raw("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL")
    raw(sql)
    raw("ALTER TABLE audit_auditevent ENABLE TRIGGER ALL")


@pytest.mark.django_db
class TestChain:
    def test_numbers_have_no_gaps_and_the_chain_holds(self) -> None:
        first, second, third = record_three()
        assert (second, third) == (first + 1, first + 2)
        verdict = log.verify()
        assert (verdict.broken_id, verdict.events) == (None, AuditEvent.objects.count())
        assert verdict.head == bytes(AuditEvent.objects.get(id=third).digest).hex()

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE audit_auditevent SET event = 'x'",
            "DELETE FROM audit_auditevent",
            "TRUNCATE audit_auditevent",
        ],
    )
    def test_the_database_refuses_change_removal_and_emptying(self, sql: str) -> None:
        record_three()
        with pytest.raises(DatabaseError), transaction.atomic():
            raw(sql)
        assert AuditEvent.objects.count() == 3

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("event", "'thing.z'"),
            ("person_email", "'someone@else.example'"),
            ("party_name", "'Other'"),
            ("reference", "'T2'"),
            ("detail", "'{}'"),
            ("at", "at - interval '1 day'"),
            ("person_id", "7"),
            ("via", "'api'"),
        ],
    )
    def test_an_edited_event_breaks_the_chain_there(self, column: str, value: str) -> None:
        _, second, _ = record_three()
        behind_the_triggers(f"UPDATE audit_auditevent SET {column} = {value} WHERE id = {second}")
        assert log.verify().broken_id == second

    def test_a_removed_event_breaks_the_chain_there(self) -> None:
        _, second, third = record_three()
        behind_the_triggers(f"DELETE FROM audit_auditevent WHERE id = {second}")
        assert log.verify().broken_id == third

    def test_an_event_written_by_raw_sql_is_chained_as_well(self) -> None:
        record_three()
        raw(
            "INSERT INTO audit_auditevent (event, person_email, party_name, acting_user_id, acting_user_role, via,"
            " about, reference, detail) SELECT 'bulk', '', '', '', '', 'system', 'thing', n::text, '{}'"
            " FROM generate_series(1, 50) n"
        )
        assert log.verify().broken_id is None
        assert AuditEvent.objects.count() == 53

    def test_the_command_names_the_first_broken_event(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("verify_audit")
        assert "holds: 0 events" in capsys.readouterr().out
        first, *_ = record_three()
        behind_the_triggers(f"UPDATE audit_auditevent SET via = 'x' WHERE id = {first}")
        with pytest.raises(CommandError, match=f"event {first}"):
            call_command("verify_audit")


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_make_one_chain() -> None:
    def write() -> None:
        for _ in range(10):
            with transaction.atomic():
                log.record("thing.done", by=Actor.system(), about=Thing())
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = log.verify()
    assert (verdict.events, verdict.broken_id) == (60, None)


@pytest.mark.django_db
class TestMany:
    def test_each_has_its_own_event_in_order_and_the_chain_holds(self) -> None:
        things = [Thing(f"T{number}") for number in range(5)]
        ids = log.record_many(
            "thing.a", by=Actor.system(), about=things, details=[{"number": number} for number in range(5)]
        )
        assert ids == list(range(ids[0], ids[0] + 5))
        events = AuditEvent.objects.filter(id__in=ids).order_by("id")
        assert [(each.reference, each.detail) for each in events] == [
            (f"T{number}", {"number": number}) for number in range(5)
        ]
        assert log.verify().broken_id is None

    def test_they_are_alike_to_events_recorded_one_by_one(self) -> None:
        alone = log.record("thing.a", by=Actor.system(), about=Thing(), what="x")
        (together,) = log.record_many("thing.a", by=Actor.system(), about=[Thing()], details=[{"what": "x"}])
        fields = [
            each.name for each in AuditEvent._meta.concrete_fields if each.name not in {"id", "at", "digest"}
        ]
        one, other = (AuditEvent.objects.filter(id=key).values(*fields).get() for key in (alone, together))
        assert one == other

    def test_nothing_to_record_records_nothing(self) -> None:
        assert log.record_many("thing.a", by=Actor.system(), about=[]) == []
        assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestFinding:
    def test_only_what_is_committed_of_this_kind_and_person(self) -> None:
        with transaction.atomic():
            first, _ = log.record_many("thing.a", by=Actor.system(), about=[Thing(), Thing("T2")])
            other = log.record("thing.b", by=Actor.system(), about=Thing())
        assert set(log.find_many([first, other], event="thing.a", person_id=None)) == {first}
        assert log.find_many([first], event="thing.a", person_id=1) == {}

    def test_not_inside_a_transaction(self) -> None:
        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            log.find_many([1], event="thing.a", person_id=None)
