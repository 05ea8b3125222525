"""What a version changes, what needs a second officer, and how it comes into force."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.uploads.actions import applying
from ssi.uploads.kinds.adt import MOST_SENTENCES, AdtFile
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import State
from ssi.uploads.search import thresholds
from ssi.uploads.search.thresholds import Move
from tests.ssi.uploads.adt.reading import checked, in_force, in_state, read_in, rows_of

pytestmark = pytest.mark.django_db

SRVS = ("4.1.1", "7.4", "8.11", "11.1", "1.2.1", "1.1.1")


def row(srv: str, quarantine: int, *, warning: object = "", dates: tuple[str, str] = ("", "")) -> tuple[Any, ...]:
    return (srv, "SR", "DAY", warning, quarantine, *dates, "")


def version(person: Person, *rows: tuple[Any, ...], **facts: Any) -> Upload:
    """Return a checked version; its warnings are none, for nothing was sent."""
    upload = read_in(person, rows, **facts)
    assert not checked(upload)
    return upload


CHRISTMAS = ("2030-12-24", "2030-12-26")


# --- What is different ---


def test_nothing_was_in_force(aroha: Person) -> None:
    found = thresholds.difference(version(aroha, row("7.4", 5)))
    assert (found.compared_with, found.big, found.changed) == (None, 0, 1)
    (line,) = found.lines
    assert (line.move, line.was, line.now, line.change, line.is_big) == (Move.NEW, None, 5, None, False)
    assert line.name == "Read Supply Status"


def test_each_move_with_its_change(aroha: Person) -> None:
    before = in_force(aroha, [row("4.1.1", 100), row("7.4", 100), row("8.11", 100), row("11.1", 3, warning=1)])
    after = version(
        aroha, row("4.1.1", 120), row("7.4", 67), row("1.1.1", 9), row("11.1", 3, warning=2), row("8.11", 100)
    )
    found = thresholds.difference(after)
    assert found.compared_with == before
    assert [(line.srv, line.move, line.change) for line in found.lines] == [
        ("1.1.1", Move.NEW, None),
        ("4.1.1", Move.UP, Decimal("20.0")),
        ("7.4", Move.DOWN, Decimal("-33.0")),
        ("8.11", Move.UNCHANGED, Decimal("0.0")),
        ("11.1", Move.WARNING, Decimal("0.0")),
    ]
    assert (found.lines[4].warning_was, found.lines[4].warning_now) == (1, 2)
    assert (found.big, found.total, found.changed, found.is_cut) == (0, 5, 4, False)
    assert (after.second_because, found.counts[Move.GONE]) == ([], 0)


def test_the_big_ones_come_first_and_need_a_second_officer(aroha: Person) -> None:
    in_force(aroha, [row("1.1.1", 10), row("4.1.1", 100), row("11.1", 100)])
    after = version(aroha, row("1.1.1", 11), row("11.1", 121))
    found = thresholds.difference(after)
    assert [(line.srv, line.is_big) for line in found.lines] == [("4.1.1", True), ("11.1", True), ("1.1.1", False)]
    assert found.big == 2
    assert after.second_because == [
        "4.1.1 SR a day: the quarantine threshold of 100 is removed.",
        "11.1 SR a day: the quarantine threshold rises by 21.0 %, from 100 to 121.",
    ]


def test_how_much_is_big_is_configured(aroha: Person, settings: LazySettings) -> None:
    settings.SSI_ADT_SECOND_OFFICER_PERCENT = 0
    in_force(aroha, [row("7.4", 1_000)])
    assert len(version(aroha, row("7.4", 1_001)).second_because) == 1
    assert version(aroha, row("7.4", 1_000)).second_because == []


def test_a_new_exception_is_held_against_the_threshold_without_dates(aroha: Person) -> None:
    in_force(aroha, [row("7.4", 100), row("4.1.1", 100)])
    after = version(
        aroha,
        row("7.4", 100),
        row("7.4", 121, dates=CHRISTMAS),
        row("4.1.1", 100),
        row("4.1.1", 120, dates=CHRISTMAS),
    )
    first = thresholds.difference(after).lines[0]
    assert (first.srv, first.move, first.usual_was, first.change) == ("7.4", Move.NEW, 100, None)
    (because,) = after.second_because
    assert because.startswith("7.4 SR a day, from 2030-12-24 to 2030-12-26: the quarantine threshold rises")
    assert because.endswith(" by 21.0 %, from 100 of the threshold without dates to 121.")


def test_an_exception_that_goes_is_big_while_it_still_counts(aroha: Person) -> None:
    over = (timezone.localdate() - timedelta(days=2)).isoformat()
    in_force(aroha, [row("7.4", 100), row("7.4", 9, dates=CHRISTMAS), row("7.4", 9, dates=(over, over))])
    after = version(aroha, row("7.4", 100))
    assert thresholds.difference(after).counts[Move.GONE] == 2
    assert after.second_because == [
        "7.4 SR a day, from 2030-12-24 to 2030-12-26: the quarantine threshold of 9 is removed."
    ]


def test_very_many_reasons_are_not_all_written_out(aroha: Person) -> None:
    days = [(date(2030, 1, 1) + timedelta(days=number)).isoformat() for number in range(MOST_SENTENCES + 3)]
    in_force(aroha, [row("7.4", 100), *(row("7.4", 9, dates=(day, day)) for day in days)])
    because = version(aroha, row("7.4", 100)).second_because
    assert len(because) == MOST_SENTENCES + 1
    assert because[-1] == "The same goes for 3 more."


def test_all_lines_of_a_difference_and_the_first_of_them(aroha: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = version(aroha, *(row(srv, 5) for srv in SRVS))
    in_order = ["1.1.1", "1.2.1", "4.1.1", "7.4", "8.11", "11.1"]
    assert [line.srv for line in thresholds.every_line(upload)] == in_order
    assert [each.srv for each in thresholds.thresholds_of(upload)] == in_order
    monkeypatch.setattr(thresholds, "MOST_LINES", 2)
    found = thresholds.difference(upload)
    assert ([line.srv for line in found.lines], found.total, found.is_cut) == (["1.1.1", "1.2.1"], 6, True)


# --- DELTA ---


def test_a_delta_takes_over_what_it_does_not_name(aroha: Person) -> None:
    in_force(aroha, [row("4.1.1", 100), row("7.4", 100), row("7.4", 50, dates=CHRISTMAS)])
    after = version(aroha, row("7.4", 110), row("1.1.1", 5), replaces="DELTA")
    christmas = date(2030, 12, 24)
    assert rows_of(after) == [
        ("1.1.1", "SR", "DAY", 5, None, True),
        ("4.1.1", "SR", "DAY", 100, None, False),
        ("7.4", "SR", "DAY", 50, christmas, False),
        ("7.4", "SR", "DAY", 110, None, True),
    ]
    found = thresholds.difference(after)
    assert {line.srv: line.line for line in found.lines if line.exception_from_date is None} == {
        "7.4": 2,
        "1.1.1": 3,
        "4.1.1": None,
    }
    assert after.second_because == []


def test_an_exception_of_a_delta_takes_the_place_of_those_it_touches(aroha: Person) -> None:
    new_year = ("2030-12-31", "2031-01-01")
    in_force(aroha, [row("7.4", 100), row("7.4", 50, dates=CHRISTMAS), row("7.4", 60, dates=new_year)])
    after = version(aroha, row("7.4", 40, dates=("2030-12-26", "2030-12-28")), replaces="DELTA")
    assert [(quarantine, begins) for _, _, _, quarantine, begins, _ in rows_of(after)] == [
        (40, date(2030, 12, 26)),
        (60, date(2030, 12, 31)),
        (100, None),
    ]
    assert len(after.second_because) == 1  # the Christmas of before is gone


def test_a_delta_where_nothing_is_in_force(aroha: Person) -> None:
    assert len(rows_of(version(aroha, row("7.4", 5), replaces="DELTA"))) == 1


# --- Coming into force ---


def confirmed(upload: Upload) -> Upload:
    return in_state(upload, State.ACCEPTED)


def test_the_later_version_takes_the_place_of_the_former(aroha: Person) -> None:
    before = in_force(aroha, [row("7.4", 5)])
    after = confirmed(version(aroha, row("7.4", 6)))
    assert applying.apply_due() == 1
    states = {each.pk: each.state for each in Upload.objects.all()}
    assert states == {before.pk: State.SUPERSEDED, after.pk: State.APPLIED}
    assert thresholds.in_force(after.user_id_id, "IS") == after
    assert thresholds.in_force(after.user_id_id, "GS") is None
    found = thresholds.difference(Upload.objects.get(pk=after.pk))
    assert [line.move for line in found.lines] == [Move.UP]


def test_before_its_effective_date_in_london_nothing_happens(aroha: Person) -> None:
    before = in_force(aroha)
    upload = confirmed(version(aroha, row("7.4", 6), effective_date=timezone.localdate() + timedelta(days=1)))
    assert AdtFile().apply(upload, by=Actor.system(), at=timezone.now()) is False
    assert applying.apply_due() == 0
    assert thresholds.in_force(upload.user_id_id, "IS") == before


def test_what_was_not_compared_with_what_is_in_force_does_not_come_into_force(aroha: Person) -> None:
    upload = confirmed(version(aroha, row("7.4", 6)))
    before = in_force(aroha)
    assert applying.apply_due() == 0
    assert thresholds.in_force(upload.user_id_id, "IS") == before
    assert Upload.objects.get(pk=upload.pk).state == State.REJECTED


def test_a_failure_leaves_the_old_thresholds_in_force(aroha: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    before = in_force(aroha)
    upload = confirmed(version(aroha, row("7.4", 6)))

    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(applying, "_write_step", fails)
    with pytest.raises(RuntimeError):
        applying.apply_due()
    assert Upload.objects.get(pk=before.pk).state == State.APPLIED
    assert Upload.objects.get(pk=upload.pk).state == State.ACCEPTED
    assert Threshold.objects.filter(upload=before).count() == 3
