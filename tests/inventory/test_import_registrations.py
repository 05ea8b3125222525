"""Registration data from a file: whole or not at all, the same twice changes nothing, every finding is named."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from inventory.actions.registrations.reading import COLUMNS
from inventory.models import MeterPoint, Registration
from inventory.models.choices import RegistrationKind
from ssi.accounts.models import UserId
from ssi.audit.models import AuditEvent
from tests.factories.accounts import UserIdFactory

pytestmark = pytest.mark.django_db

OLD, NEW = "90-B3-D5-1F-3F-AA-00-01", "90-B3-D5-1F-3F-AA-00-02"
MPAN, MPRN = "1200031501010", "3938424403"
HEADER = "mpxn,kind,user_id,from_date,to_date"


class Run(NamedTuple):
    """What one call of the command gave."""

    findings: list[dict[str, Any]]
    summary: str
    status: int

    @property
    def said(self) -> list[tuple[int, str]]:
        return [(each["line"], each["field"]) for each in self.findings]


@pytest.fixture(autouse=True)
def user_ids(db: None) -> None:
    for eui in (OLD, NEW):
        UserIdFactory.create(eui=eui)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registrations.csv"


def run(path: Path, *lines: str, header: str = HEADER, dry_run: bool = False) -> Run:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return run_on(path, dry_run=dry_run)


def run_on(path: Path, *, dry_run: bool = False) -> Run:
    out, err = io.StringIO(), io.StringIO()
    status, refused = 0, ""
    try:
        call_command("import_registrations", str(path), dry_run=dry_run, stdout=out, stderr=err)
    except CommandError as error:
        status, refused = error.returncode, str(error)
    findings = [json.loads(line) for line in out.getvalue().splitlines()]
    assert all(list(each) == ["line", "field", "message", "suggestion"] for each in findings)
    assert all(each["message"] and each["suggestion"] for each in findings)
    return Run(findings, (err.getvalue() + refused).strip(), status)


def there() -> list[str]:
    rows = Registration.objects.select_related("meter_point").order_by("meter_point__mpxn", "kind", "from_date")
    return [
        f"{row.meter_point.mpxn} {RegistrationKind(row.kind).duis} {str(row.user_id_id)[-2:]}"
        f" {row.from_date}..{row.to_date or ''}"
        for row in rows
    ]


# --- Applied -------------------------------------------------------------------------------------------------


def test_rows_are_added_with_meter_points_that_are_missing(path: Path) -> None:
    MeterPoint.objects.create(mpxn=MPAN, uprn=4711)
    answer = run(
        path,
        f"{MPAN},IS,{OLD},2024-03-01,2026-11-30",
        f"{MPAN},IS,{NEW},2026-12-01,",
        f"{MPAN},ED,{OLD},2010-01-01,",
        f"{MPRN},GS,{NEW.replace('-', '').lower()},2026-12-01,",
    )
    assert answer == Run([], "4 rows: 4 added, 0 changed, 0 taken back, 0 there already.", 0)
    assert there() == [
        f"{MPAN} IS 01 2024-03-01..2026-11-30",
        f"{MPAN} IS 02 2026-12-01..",
        f"{MPAN} ED 01 2010-01-01..",
        f"{MPRN} GS 02 2026-12-01..",
    ]
    assert MeterPoint.objects.get(mpxn=MPAN).uprn == 4711


def test_same_file_twice_changes_nothing(path: Path) -> None:
    lines = [f"{MPAN},IS,{OLD},2024-03-01,2026-11-30", f"{MPAN},IS,{NEW},2026-12-01,"]
    run(path, *lines)
    before = list(Registration.objects.order_by("pk").values())
    answer = run(path, *lines)
    assert answer.summary == "2 rows: 0 added, 0 changed, 0 taken back, 2 there already."
    assert list(Registration.objects.order_by("pk").values()) == before


def test_change_of_supplier_is_two_lines(path: Path) -> None:
    run(path, f"{MPAN},IS,{OLD},2024-03-01,")
    answer = run(path, f"{MPAN},IS,{OLD},2024-03-01,2026-11-30", f"{MPAN},IS,{NEW},2026-12-01,")
    assert answer.summary == "2 rows: 1 added, 1 changed, 0 taken back, 0 there already."
    assert there() == [f"{MPAN} IS 01 2024-03-01..2026-11-30", f"{MPAN} IS 02 2026-12-01.."]


def test_order_of_the_lines_and_of_the_columns_does_not_matter(path: Path) -> None:
    answer = run(
        path,
        f"{NEW},,2026-12-01,IS,{MPAN}",
        f"{OLD},2026-11-30,2024-03-01,IS,{MPAN}",
        header="User_ID, to_date,from_date,kind,mpxn",
    )
    assert answer.status == 0
    assert len(there()) == 2


def test_agreed_registration_that_fails_is_taken_back(path: Path) -> None:
    header = f"{HEADER},cancelled"
    run(path, f"{MPAN},IS,{OLD},2024-03-01,2026-11-30", f"{MPAN},IS,{NEW},2026-12-01,")
    lines = [f"{MPAN},IS,{OLD},2024-03-01,,no", f"{MPAN},IS,{NEW},2026-12-01,,yes"]
    answer = run(path, *lines, header=header)
    assert answer.summary == "2 rows: 0 added, 1 changed, 1 taken back, 0 there already."
    assert there() == [f"{MPAN} IS 01 2024-03-01.."]
    assert run(path, *lines, header=header).summary.endswith("0 taken back, 2 there already.")


def test_byte_order_mark_and_windows_line_ends_are_fine(path: Path) -> None:
    path.write_bytes(f"\ufeff{HEADER}\r\n{MPAN},IS,{OLD},2024-03-01,\r\n\r\n".encode())
    assert run_on(path).summary.startswith("1 row: 1 added")


def test_import_is_in_the_audit_log_once(path: Path) -> None:
    run(path, f"{MPAN},IS,{OLD},2024-03-01,")
    event = AuditEvent.objects.get()
    assert (event.event, event.reference) == ("registrations.imported", "registrations.csv")
    assert event.detail == {"added": 1}


# --- Dry run -------------------------------------------------------------------------------------------------


def test_dry_run_counts_the_same_and_changes_nothing(path: Path) -> None:
    run(path, f"{MPAN},IS,{OLD},2024-03-01,")
    answer = run(path, f"{MPAN},IS,{OLD},2024-03-01,2026-11-30", f"{MPRN},GS,{NEW},2026-12-01,", dry_run=True)
    assert answer == Run(
        [],
        "2 rows: 1 added, 1 changed, 0 taken back, 0 there already. This was a dry run: nothing was changed.",
        0,
    )
    assert there() == [f"{MPAN} IS 01 2024-03-01.."]
    assert not MeterPoint.objects.filter(mpxn=MPRN).exists()
    assert AuditEvent.objects.count() == 1


def test_dry_run_finds_the_same(path: Path) -> None:
    lines = [f"{MPAN},IS,{OLD},2024-03-01,", f"{MPAN},IS,{NEW},2026-12-01,", f"{MPAN},XX,{NEW},2026-12-01,"]
    assert run(path, *lines, dry_run=True).findings == run(path, *lines).findings


# --- Rejected whole ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"12345678901,IS,{OLD},2026-12-01,", ["mpxn"]),
        (f"12 0003150101,IS,{OLD},2026-12-01,", ["mpxn"]),
        (f",IS,{OLD},2026-12-01,", ["mpxn"]),
        (f"{MPAN},XX,{OLD},2026-12-01,", ["kind"]),
        (f"{MPAN},GS,{OLD},2026-12-01,", ["kind"]),
        (f"{MPRN},IS,{OLD},2026-12-01,", ["kind"]),
        (f"{MPAN},IS,90-B3,2026-12-01,", ["user_id"]),
        (f"{MPAN},IS,90-B3-D5-1F-3F-AA-00-99,2026-12-01,", ["user_id"]),
        (f"{MPAN},IS,{OLD},2026-02-30,", ["from_date"]),
        (f"{MPAN},IS,{OLD},20261201,", ["from_date"]),
        (f"{MPAN},IS,{OLD},,", ["from_date"]),
        (f"{MPAN},IS,{OLD},2026-12-01,soon", ["to_date"]),
        (f"{MPAN},IS,{OLD},2026-12-01,2026-11-30", ["to_date"]),
        (f"{MPAN},IS,{OLD},2026-12-01", [""]),
        ("x,y,z,a,b", ["mpxn", "kind", "user_id", "from_date", "to_date"]),
    ],
)
def test_bad_line_rejects_the_file_and_is_named(path: Path, line: str, said: list[str]) -> None:
    answer = run(path, f"{MPAN},IS,{NEW},2020-01-01,2020-12-31", line)
    assert answer.said == [(3, field) for field in said]
    assert answer.status == 1
    assert "Rejected whole, nothing was changed" in answer.summary
    assert there() == []
    assert not MeterPoint.objects.exists()


@pytest.mark.parametrize("value", ["maybe", "1"])
def test_cancelled_is_yes_or_no(path: Path, value: str) -> None:
    answer = run(path, f"{MPAN},IS,{OLD},2026-12-01,,{value}", header=f"{HEADER},cancelled")
    assert answer.said == [(2, "cancelled")]


@pytest.mark.parametrize(
    "header", ["", "mpxn,kind", "mpxn,kind,user_id,from_date,to_date,extra", f"{HEADER},mpxn"]
)
def test_wrong_columns_are_refused_with_the_right_ones(path: Path, header: str) -> None:
    answer = run(path, header=header)
    assert answer.said == [(1, "")]
    assert all(name in answer.findings[0]["suggestion"] for name in COLUMNS)


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"\0", b'"unclosed" x,'])
def test_what_is_no_csv_in_utf_8_is_refused(path: Path, bad: bytes) -> None:
    path.write_bytes(f"{HEADER}\n{MPAN},IS,{OLD},2024-03-01,\n".encode() + bad + b"\n")
    answer = run_on(path)
    assert answer.said == [(3, "")]
    assert "CSV in UTF-8" in answer.findings[0]["message"]
    assert there() == []


def test_file_that_is_not_there(tmp_path: Path) -> None:
    answer = run_on(tmp_path / "nowhere.csv")
    assert answer.status == 1
    assert "cannot be opened" in answer.summary


def test_every_finding_of_a_file_is_named(path: Path) -> None:
    answer = run(
        path,
        f"{MPAN},XX,{OLD},2024-03-01,",
        f"{MPAN},IS,{OLD},2024-03-01,",
        f"{MPAN},IS,{NEW},2024-03-01,",
        f"{MPRN},GS,{OLD},2024-03-01,",
        f"{MPRN},GS,{NEW},2024-04-01,",
        f"{MPRN},GS,junk,2024-04-01,",
    )
    assert answer.said == [(2, "kind"), (7, "user_id"), (4, "from_date"), (6, "from_date")]
    assert "stands in line 3" in answer.findings[2]["message"]
    assert "begins on 2024-03-01, in line 5" in answer.findings[3]["message"]
    assert "4 findings" in answer.summary


# --- Overlaps ------------------------------------------------------------------------------------------------


def test_one_may_begin_the_day_after_another_ends_and_not_the_same_day(path: Path) -> None:
    assert run(path, f"{MPAN},IS,{OLD},2024-01-01,2024-06-30", f"{MPAN},IS,{NEW},2024-07-01,").status == 0
    Registration.objects.all().delete()
    assert run(path, f"{MPAN},IS,{OLD},2024-01-01,2024-06-30", f"{MPAN},IS,{NEW},2024-06-30,").said == [
        (3, "from_date")
    ]


def test_every_row_inside_a_longer_one_is_named(path: Path) -> None:
    answer = run(
        path,
        f"{MPAN},IS,{OLD},2020-01-01,",
        f"{MPAN},IS,{NEW},2021-01-01,2021-02-01",
        f"{MPAN},IS,{OLD},2022-01-01,2022-02-01",
    )
    assert answer.said == [(3, "from_date"), (4, "from_date")]
    assert all("in line 2" in each["message"] for each in answer.findings)


def test_new_row_must_not_overlap_with_what_is_there(path: Path) -> None:
    run(path, f"{MPAN},IS,{OLD},2024-03-01,")
    answer = run(path, f"{MPAN},IS,{NEW},2026-12-01,")
    assert answer.said == [(2, "from_date")]
    assert f"the one of {OLD} that begins on 2024-03-01." in answer.findings[0]["message"]
    assert there() == [f"{MPAN} IS 01 2024-03-01.."]


def test_what_is_there_must_not_overlap_with_a_longer_new_row(path: Path) -> None:
    run(path, f"{MPAN},IS,{OLD},2024-03-01,2024-12-31", f"{MPAN},IS,{NEW},2025-01-01,")
    answer = run(path, f"{MPAN},IS,{OLD},2024-03-01,2025-01-01")
    assert answer.said == [(2, "from_date")]
    assert f"the one of {NEW} that begins on 2025-01-01." in answer.findings[0]["message"]


def test_kinds_and_meter_points_do_not_overlap_with_each_other(path: Path) -> None:
    other = "2000007794886"
    answer = run(
        path,
        f"{MPAN},IS,{OLD},2024-03-01,",
        f"{MPAN},ES,{NEW},2024-03-02,",
        f"{MPAN},ED,{NEW},2024-03-03,",
        f"{other},IS,{NEW},2024-03-04,",
    )
    assert answer.status == 0


def test_cancelled_row_is_in_nobodys_way(path: Path) -> None:
    header = f"{HEADER},cancelled"
    run(path, f"{MPAN},IS,{OLD},2024-03-01,")
    answer = run(path, f"{MPAN},IS,{OLD},2024-03-01,,yes", f"{MPAN},IS,{NEW},2024-02-01,,", header=header)
    assert answer.status == 0
    assert there() == [f"{MPAN} IS 02 2024-02-01.."]


def test_the_database_says_it_too() -> None:
    point = MeterPoint.objects.create(mpxn=MPAN)
    user_id = UserId.objects.get(pk=OLD)
    kind, day = RegistrationKind.IMPORT_SUPPLIER, date(2026, 1, 2)
    row = {"meter_point": point, "user_id": user_id, "kind": kind}
    Registration.objects.create(**row, from_date=day)
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(**row, from_date=day, to_date=day)
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(**row, from_date=date(2027, 1, 2), to_date=day)


def test_number_of_statements_does_not_grow_with_the_rows(path: Path, django_assert_num_queries: Any) -> None:
    for count in (1, 50):
        lines = [f"{2_000_000_000_000 + number},IS,{OLD},2024-03-01," for number in range(count)]
        with django_assert_num_queries(17):
            assert run(path, *lines).status == 0
