"""What is wrong with an Exit Quarantine file: each code, what its sentence says, and that all are told."""

from typing import Any

import pytest
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.uploads.findings import Found
from ssi.uploads.kinds.exit_quarantine import ExitQuarantineFile
from ssi.uploads.models import DecisionLine, PreparedFile, QuarantinedCommunication, QuarantineEvent, Upload
from ssi.uploads.models.choices import Kind, State
from tests.factories.accounts import UserIdFactory
from tests.factories.quarantine import decisions_of, event_of, held_in, read_in, request_id

pytestmark = pytest.mark.django_db


def checked(upload: Upload) -> list[Found]:
    return list(ExitQuarantineFile().check(upload))


def codes(upload: Upload) -> list[tuple[str, int]]:
    """Return code and line of everything that reading and checking found."""
    read = list(upload.found.order_by("line", "code").values_list("code", "line"))
    return [*read, *((each.code, each.line) for each in checked(upload))]


def test_a_good_file_has_no_findings(aroha: Person, event: QuarantineEvent) -> None:
    decisions = [(name, "DELETE", "Not ours, “why”") for name, _, _ in decisions_of(event)]
    upload = read_in(aroha, event, decisions)
    assert codes(upload) == []
    assert (upload.format_version, upload.file_reference, upload.event_ref) == ("1.0", "NEW", event.event_ref)
    assert list(DecisionLine.objects.values_list("line", "reason")) == [(n, "Not ours, “why”") for n in (2, 3, 4)]


def test_reading_again_keeps_the_same(aroha: Person, event: QuarantineEvent) -> None:
    upload = read_in(aroha, event)
    ExitQuarantineFile().clear(upload)
    upload.refresh_from_db()
    assert (DecisionLine.objects.count(), upload.event_ref, upload.file_reference) == (0, None, "")


# --- F60 to F63 ---


def test_f60_names_what_is_not_quarantined_in_this_event(aroha: Person, event: QuarantineEvent) -> None:
    other = event_of(event.user_id, 1, event_ref=4712)
    QuarantinedCommunication.objects.filter(event=other).update(counter=99)
    strange = request_id(held_in(other)[0])
    upload = read_in(aroha, event, [*decisions_of(event), (strange, "RELEASE", "")])
    (found,) = checked(upload)
    assert (found.code, found.line, found.field) == ("F60", 5, "RequestID")
    assert found.message == f"{strange} was not quarantined in event 4711."


@pytest.mark.parametrize(
    ("fate", "word"), [("decided", "was decided about"), ("released", "was released"), ("deleted", "was deleted")]
)
def test_f60_names_what_is_not_held_any_more(aroha: Person, event: QuarantineEvent, fate: str, word: str) -> None:
    upload = read_in(aroha, event)
    earlier = read_in(aroha, event)
    QuarantinedCommunication.objects.filter(pk=held_in(event)[1].pk).update(fate=fate, decided_in=earlier)
    (found,) = checked(upload)
    assert (found.code, found.line) == ("F60", 3)
    assert found.message.endswith(f"{word} by {earlier.reference}.")


def test_f60_of_a_record_that_names_another_event(aroha: Person, event: QuarantineEvent) -> None:
    one, *rest = decisions_of(event)
    assert codes(read_in(aroha, event, [(4712, *one), *rest])) == [("F60", 2)]


def test_f61_names_each_foreign_originator(aroha: Person, event: QuarantineEvent) -> None:
    foreign = UserIdFactory.create()
    theirs = event_of(foreign, 2, event_ref=4711)
    lines = [(request_id(each), "DELETE", "") for each in held_in(theirs)]
    assert codes(read_in(aroha, event, [*decisions_of(event), *lines])) == [("F61", 5), ("F61", 6)]
    assert codes(read_in(aroha, event, [(request_id(held_in(event)[0], foreign), "DELETE", "")])) == [
        ("F61", 2),
        *[("F63", 0)] * 3,
    ]


def test_f62_names_every_repetition(aroha: Person, event: QuarantineEvent) -> None:
    one, *rest = decisions_of(event)
    upload = read_in(aroha, event, [one, *rest, one, (one[0].lower(), "DELETE", "")])
    assert [(each.code, each.line) for each in checked(upload)] == [("F62", 5), ("F62", 6)]
    assert checked(upload)[0].message == f"{one[0]} stands in line 2 already."


def test_f63_names_each_that_is_missing(aroha: Person, event: QuarantineEvent) -> None:
    first, second, third = held_in(event)
    found = checked(read_in(aroha, event, [(request_id(second), "RELEASE", "")]))
    assert [(each.code, each.line) for each in found] == [("F63", 0), ("F63", 0)]
    assert [request_id(each) in found[at].message for at, each in enumerate((first, third))] == [True, True]


def test_an_empty_file_misses_all(aroha: Person, event: QuarantineEvent) -> None:
    assert codes(read_in(aroha, event, [])) == [("F63", 0)] * 3


def test_everything_is_told_at_once(aroha: Person, event: QuarantineEvent) -> None:
    one, two, _ = decisions_of(event)
    foreign = request_id(held_in(event)[0], UserIdFactory.create())
    unknown = f"{event.user_id_id}:{held_in(event)[0].target}:18446744073709551615"
    upload = read_in(
        aroha, event, [one, two, one, (foreign, "DELETE", ""), (unknown, "KEEP", "=1+1"), ("x", "DELETE", "")]
    )
    assert codes(upload) == [
        ("F30", 6),
        ("F34", 6),
        ("F30", 7),
        ("F61", 5),
        ("F62", 4),
        ("F60", 6),
        ("F63", 0),
    ]


# --- The records ---


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"action": "release"}, "F34"),
        ({"action": ""}, "F34"),
        ({"request_id": ""}, "F30"),
        ({"request_id": "90-B3-D5-1F-30-03-00-00:00-DB-12-34-00-00-00-01:01000"}, "F30"),
        ({"request_id": "90B3D51F30030000:00DB123400000001:1000"}, "F30"),
        ({"event": "4711.0"}, "F30"),
        ({"event": "-4711"}, "F30"),
        ({"event": "4" * 21}, "F30"),
        ({"reason": "@SUM(A1)"}, "F30"),
        ({"reason": "+1"}, "F30"),
        ({"reason": "x" * 201}, "F30"),
        ({"reason": "a\ttab"}, "F30"),
        ({"event": "04711"}, None),
        ({"reason": "x" * 200}, None),
        ({"reason": 'says "no", \\N twice'}, None),
    ],
)
def test_fields_of_a_record(
    aroha: Person, event: QuarantineEvent, changed: dict[str, str], expected: str | None
) -> None:
    request, action, reason = decisions_of(event)[0]
    given = {"event": "4711", "request_id": request, "action": action, "reason": reason} | changed
    upload = read_in(aroha, event, [tuple(given.values()), *decisions_of(event)[1:]])
    found = codes(upload)
    if expected is None:
        assert found == []
        assert DecisionLine.objects.get(line=2).reason == given["reason"]
    else:
        assert (expected, 2) in found


@pytest.mark.parametrize("given", ["", "-1", "x", "4" * 21, "4711,"])
def test_f24_of_an_event_that_cannot_be_read(aroha: Person, event: QuarantineEvent, given: str) -> None:
    found = codes(read_in(aroha, event, [], header={6: given}))
    assert ("F24", 1) in found


def test_f24_of_an_event_that_the_user_has_not(aroha: Person, event: QuarantineEvent, ivan: Person) -> None:
    event_of(ivan.grants.first().acting_for, event_ref=4713)  # type: ignore[union-attr]
    (found,) = checked(read_in(aroha, event, [], header={6: "4713"}))
    assert (found.code, found.message) == ("F24", "90-B3-D5-1F-30-03-00-00 has no quarantine event 4713.")


def test_a_reference_of_twenty_digits(aroha: Person) -> None:
    event = event_of(aroha.grants.get().acting_for, event_ref=10**20 - 1)
    assert codes(read_in(aroha, event)) == []


def test_f04_of_bytes_that_were_accepted_before(aroha: Person, event: QuarantineEvent) -> None:
    earlier, again = read_in(aroha, event), read_in(aroha, event)
    Upload.objects.filter(pk=again.pk).update(sha256=earlier.sha256)
    again.refresh_from_db()
    assert codes(again) == []
    Upload.objects.filter(pk=earlier.pk).update(state=State.APPLIED, accepted_at=timezone.now())
    (found,) = checked(again)
    assert (found.code, found.message) == ("F04", f"This very file was accepted before, as {earlier.reference}.")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, None),
        ({"kind": Kind.ADT}, "F02"),
        ({"is_withdrawn": True}, "F03"),
        ({"is_used": True}, "F04"),
        ({"is_anothers": True}, "F01"),
        ({"reference": "INC000000000000"}, "F01"),
    ],
)
def test_the_reference_of_a_prepared_file(
    aroha: Person, bela: Person, event: QuarantineEvent, facts: dict[str, Any], code: str | None
) -> None:
    prepared = prepared_file(aroha, bela, event, facts)
    upload = read_in(aroha, event, reference=facts.get("reference", prepared.reference))
    assert [each.code for each in checked(upload)] == ([code] if code else [])


def prepared_file(aroha: Person, bela: Person, event: QuarantineEvent, facts: dict[str, Any]) -> PreparedFile:
    """Return a prepared file, as `facts` say."""
    owner = bela if facts.get("is_anothers") else aroha
    used_by = read_in(aroha, event) if facts.get("is_used") else None
    user_id = owner.grants.get().acting_for
    return PreparedFile.objects.create(
        kind=facts.get("kind", Kind.EXIT_QUARANTINE),
        party=user_id.party,
        user_id=user_id,
        event=event,
        prepared_by=owner,
        file_name="",
        lines=3,
        size=1,
        sha256="",
        stored_as="",
        used_by=used_by,
        withdrawn_at=timezone.now() if facts.get("is_withdrawn") else None,
    )
