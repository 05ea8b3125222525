"""What the check finds of thresholds in the database: references, order, roles, dates, duplicates and overlaps."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ssi.accounts.models import Person, UserIdRole
from ssi.uploads.kinds.adt import AdtFile
from ssi.uploads.kinds.file_references import ReferenceWithdrawnMeanwhile
from ssi.uploads.models import PreparedFile, Threshold, Upload
from ssi.uploads.models.choices import Kind, State
from tests.factories.uploads import GOOD_ROWS, next_created_at
from tests.ssi.uploads.adt.reading import checked, in_force, in_state, read_in

pytestmark = pytest.mark.django_db

BASE = ("4.1.1", "SR", "DAY", "", 100, "", "", "")


def exception(begins: str, ends: str, what: tuple[str, str, str] = ("4.1.1", "SR", "DAY")) -> tuple[Any, ...]:
    return (*what, "", 50, f"2030-01-{begins}", f"2030-01-{ends}", "")


def told(upload: Upload) -> list[tuple[str, int]]:
    return [(each.code, each.line) for each in checked(upload)]


def prepared(person: Person, **facts: Any) -> PreparedFile:
    user_id = person.grants.get().acting_for
    given = {
        "kind": Kind.ADT,
        "party": user_id.party,
        "user_id": user_id,
        "user_role": "IS",
        "prepared_by": person,
        "file_name": "x",
        "lines": 3,
        "size": 1,
        "sha256": "0" * 64,
        "stored_as": "nowhere",
    }
    return PreparedFile.objects.create(**given | facts)


def test_a_good_file(aroha: Person) -> None:
    upload = read_in(aroha)
    assert told(upload) == []
    assert (upload.user_role, upload.file_reference, upload.replaces) == ("IS", "NEW", "ALL")
    assert (upload.compared_with, upload.second_because) == (None, [])
    kept = Threshold.objects.filter(upload=upload).order_by("line").values_list("line", "srv", "warning", "note")
    assert list(kept) == [(2, "4.1.1", 900, ""), (3, "7.4", None, ""), (4, "7.2", 10, "Critical alone")]


def test_cleared_nothing_is_left(aroha: Person) -> None:
    upload = read_in(aroha)
    AdtFile().clear(upload)
    upload.refresh_from_db()
    assert not Threshold.objects.filter(upload=upload).exists()
    assert (upload.user_role, upload.effective_date, upload.file_created_at, upload.replaces) == (
        "",
        None,
        None,
        "",
    )


# --- F01 to F04 ---


def test_f01_an_unknown_reference_and_anothers_are_told_in_the_same_words(aroha: Person, bela: Person) -> None:
    anothers = prepared(bela).reference
    unknown = checked(read_in(aroha, reference="INC000000000001"))
    foreign = checked(read_in(aroha, reference=anothers))
    assert [each.code for each in (*unknown, *foreign)] == ["F01", "F01"]
    assert unknown[0].message.replace("INC000000000001", anothers) == foreign[0].message


def test_f02_the_reference_is_of_another_kind(aroha: Person) -> None:
    mine = prepared(aroha, kind=Kind.EXIT_QUARANTINE, user_role="")
    assert told(read_in(aroha, reference=mine.reference)) == [("F02", 1)]


def test_f02_the_reference_is_of_thresholds_in_another_role(aroha: Person) -> None:
    mine = prepared(aroha, user_role="GS")
    assert told(read_in(aroha, reference=mine.reference)) == [("F02", 1)]


def test_f03_the_reference_was_withdrawn(aroha: Person) -> None:
    mine = prepared(aroha, withdrawn_at=timezone.now())
    assert told(read_in(aroha, reference=mine.reference)) == [("F03", 1)]


def test_f04_the_reference_was_used(aroha: Person) -> None:
    first = in_force(aroha)
    mine = prepared(aroha, used_by=first)
    assert told(read_in(aroha, reference=mine.reference)) == [("F04", 1)]


def test_a_good_reference_is_used_when_it_is_accepted(aroha: Person) -> None:
    mine = prepared(aroha)
    upload = read_in(aroha, reference=mine.reference)
    assert told(upload) == []
    AdtFile().accepted(upload)
    assert PreparedFile.objects.get(pk=mine.pk).used_by_id == upload.pk
    AdtFile().given_up(upload)
    assert PreparedFile.objects.get(pk=mine.pk).used_by_id == upload.pk, "it is taken once"


def test_one_that_a_newer_file_took_the_place_of_after_the_check_is_not_accepted(aroha: Person) -> None:
    mine = prepared(aroha)
    upload = read_in(aroha, reference=mine.reference)
    assert told(upload) == []
    PreparedFile.objects.filter(pk=mine.pk).update(withdrawn_at=timezone.now())  # as preparing a newer one does
    with pytest.raises(ReferenceWithdrawnMeanwhile, match=f"{mine.reference} was withdrawn on"):
        AdtFile().accepted(upload)
    assert PreparedFile.objects.get(pk=mine.pk).used_by_id is None


@pytest.mark.parametrize("state", [State.AWAITING_APPROVAL, State.ACCEPTED, State.APPLIED, State.SUPERSEDED])
def test_f04_the_same_bytes_were_accepted_before(aroha: Person, state: State) -> None:
    created_at = next_created_at()
    first = in_state(read_in(aroha, created_at=created_at), state)
    again = read_in(aroha, created_at=created_at)
    assert again.sha256 == first.sha256
    assert ("F04", 0) in told(again)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.REJECTED])
def test_f04_the_same_bytes_were_accepted_and_then_came_to_nothing(aroha: Person, state: State) -> None:
    created_at = next_created_at()
    first = in_state(read_in(aroha, created_at=created_at), state)
    Upload.objects.filter(pk=first.pk).update(accepted_at=timezone.now())
    (found,) = [each for each in checked(read_in(aroha, created_at=created_at)) if each.code == "F04"]
    assert first.reference in found.message


@pytest.mark.parametrize("state", [State.REJECTED, State.WITHDRAWN, State.CHECKED])
def test_what_came_to_nothing_may_be_sent_again(aroha: Person, state: State) -> None:
    created_at = next_created_at()
    in_state(read_in(aroha, created_at=created_at), state)
    assert told(read_in(aroha, created_at=created_at)) == []


def test_f04_a_file_created_no_later_than_the_one_in_force(aroha: Person) -> None:
    earlier, at_that_time = next_created_at(), next_created_at()
    in_force(aroha, created_at=at_that_time)
    assert told(read_in(aroha, created_at=earlier)) == [("F04", 1)]
    assert told(read_in(aroha, [BASE], created_at=at_that_time)) == [("F04", 1)]


def test_the_order_is_of_one_user_role(aroha: Person) -> None:
    earlier = next_created_at()
    in_force(aroha)
    assert told(read_in(aroha, [BASE], user_role="GS", created_at=earlier)) == []


# --- F23, F24 ---


def test_f23_a_role_that_the_user_id_does_not_hold(aroha: Person) -> None:
    upload = read_in(aroha, [("6.5", *BASE[1:])], user_role="ED")
    assert told(upload) == [("F23", 1)]
    UserIdRole.objects.create(held_by=upload.user_id, user_role="ED")
    assert told(upload) == []


def test_f24_an_effective_date_that_is_over(aroha: Person) -> None:
    today = timezone.localdate()
    assert told(read_in(aroha, effective_date=today - timedelta(days=1))) == [("F24", 1)]
    assert told(read_in(aroha, effective_date=today)) == []


def test_f24_an_effective_date_so_far_ahead_that_it_is_mistyped(aroha: Person) -> None:
    today = timezone.localdate()
    assert told(read_in(aroha, effective_date=today + timedelta(days=367))) == [("F24", 1)]
    assert told(read_in(aroha, effective_date=today + timedelta(days=366))) == []


def test_f24_a_creation_time_far_ahead(aroha: Person) -> None:
    ahead = timezone.now() + timedelta(days=2)
    assert told(read_in(aroha, created_at=ahead)) == [("F24", 1)]


# --- F33 ---


def test_f33_each_repetition_names_the_first(aroha: Person) -> None:
    upload = read_in(aroha, [BASE, BASE, ("4.1.1", "SR", "HOUR", "", 5, "", "", ""), BASE])
    first, second = checked(upload)
    assert (first.code, first.line, second.line) == ("F33", 3, 5)
    assert first.message == "The threshold of 4.1.1 SR DAY stands in line 2 already."


def test_f33_exceptions_that_overlap(aroha: Person) -> None:
    upload = read_in(
        aroha,
        [
            BASE,
            exception("10", "20"),
            exception("21", "22"),  # the day after
            exception("05", "10"),  # touches its first day
            exception("12", "13"),  # within it
            exception("15", "25", ("7.4", "SR", "DAY")),  # of another SRV
            exception("15", "16", ("4.1.1", "SR", "HOUR")),  # of another period
        ],
    )
    found = checked(upload)
    assert [(each.code, each.line) for each in found] == [("F33", 3), ("F33", 6)]
    assert found[0].message == "The exception of 4.1.1 SR DAY overlaps that of line 5."
    assert found[1].message == "The exception of 4.1.1 SR DAY overlaps that of line 3."


def test_f33_an_exception_is_no_repetition_of_the_threshold_without_dates(aroha: Person) -> None:
    assert told(read_in(aroha, [BASE, exception("10", "20"), exception("01", "09")])) == []


def test_a_record_with_another_fault_still_clashes(aroha: Person) -> None:
    upload = read_in(aroha, [("4.1.1", "SR", "DAY", 200, 100, "", "", "=note"), BASE])
    assert upload.findings == 2
    assert told(upload) == [("F33", 3)]


def test_a_bad_file_is_compared_with_nothing(aroha: Person) -> None:
    in_force(aroha)
    upload = read_in(aroha, [BASE, BASE], replaces="DELTA")
    assert told(upload) == [("F33", 3)]
    assert (upload.compared_with, upload.second_because) == (None, [])
    assert Threshold.objects.filter(upload=upload).count() == 2


def test_the_check_may_be_done_again(aroha: Person) -> None:
    in_force(aroha)
    upload = read_in(aroha, [BASE], replaces="DELTA")
    assert (told(upload), told(upload)) == ([], [])
    assert Threshold.objects.filter(upload=upload).count() == len(GOOD_ROWS)
