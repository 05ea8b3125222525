"""What is wrong with the bytes of a file of thresholds: each code by itself, and all of them at once."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import LazySettings

from ssi.uploads.formats.adt import AdtDetail, AdtHeader
from ssi.uploads.formats.frames import Basics
from ssi.uploads.models.thresholds import LONGEST_NOTE
from tests.factories.uploads import GOOD_ROWS
from tests.ssi.uploads.adt.reading import (
    CREATED_AT,
    EFFECTIVE,
    NAME,
    USER_ID,
    codes,
    found,
    good,
    items,
    wrong_row,
)

ROW = ("4.1.1", "SR", "DAY", 900, 1_000, "", "", "")


def only(**wrong: Any) -> list[tuple[str, int]]:
    """Return what is found in a file in which one thing is wrong."""
    name, content = good(**wrong)
    return codes(content, name)


def test_a_good_file() -> None:
    exception = ("7.2", "SPC", "HOUR", "", 30, "2026-12-24", "2026-12-26", 'Christmas, "busy"')
    name, content = good([*GOOD_ROWS, exception])
    header, *details = items(content, name)
    assert name == NAME
    assert isinstance(header, AdtHeader)
    assert header.basics == Basics("1.0", USER_ID, "NEW", CREATED_AT)
    assert (header.user_role, header.effective_date, header.replaces) == ("IS", EFFECTIVE, "ALL")
    assert details[0] == AdtDetail(2, "4.1.1", "SR", "DAY", 900, 1_000, None, None, "")
    christmas = (date(2026, 12, 24), date(2026, 12, 26), 'Christmas, "busy"')
    assert details[3] == AdtDetail(5, "7.2", "SPC", "HOUR", None, 30, *christmas)


def test_a_file_without_details_is_well_formed() -> None:
    name, content = good([])
    assert codes(content, name) == []


# --- F05 to F08: the name, the size, the bytes ---


@pytest.mark.parametrize(
    "name",
    [
        "thresholds.csv",
        "",
        "../" + NAME,
        "/tmp/" + NAME,
        "C:\\" + NAME,
        NAME + ".exe",
        NAME + "\n",
        NAME.replace("csv", "CSV"),
        NAME.replace("ADT", "EQF"),
        NAME.replace("20260826", "20261326"),
        NAME.replace("NEW", ""),
        NAME.replace("NEW", "N_W"),
        NAME.replace("90B3", "90-B3"),
        "x" * 10_000,
    ],
)
def test_f05_the_name(name: str) -> None:
    assert codes(good()[1], name) == [("F05", 0)]


def test_f05_the_name_is_not_that_of_the_header() -> None:
    assert only(name_reference="INC000000000001") == [("F05", 0)]
    assert only(name_created_at=datetime(2026, 8, 26, 12, 0, 1, tzinfo=UTC)) == [("F05", 0)]


def test_f06_too_many_lines(settings: LazySettings) -> None:
    settings.SSI_UPLOAD_MOST_LINES = 3
    assert only() == []
    assert only(rows=[*GOOD_ROWS, ROW]) == [("F06", 6)]


def test_f06_an_empty_file() -> None:
    assert codes(b"") == [("F06", 0)]


def test_f07_the_encoding() -> None:
    assert only(bom=True) == [("F07", 1)]
    assert only(rows=[(*ROW[:-1], "Zoë")], encoding="latin-1") == [("F07", 2)]
    assert only(rows=[(*ROW[:-1], "a\0b")]) == [("F07", 2)]
    assert only(encoding="utf-16-le")[0] == ("F07", 1)
    assert only(encoding="utf-16")[0] == ("F07", 1)


def test_f08_the_line_ends() -> None:
    assert only(newline="\n") == [("F08", line) for line in range(1, 6)]
    assert only(cut=1) == [("F08", 5)]
    assert only(cut=2) == [("F08", 5)]


def test_f08_a_field_with_a_line_break() -> None:
    assert only(rows=[(*ROW[:-1], "one\r\ntwo")]) == [("F08", 2), ("F08", 3)]


def test_f08_one_line_without_end() -> None:
    name, content = good([(*ROW[:-1], "x" * 1_000_000)])
    assert codes(content, name) == [("F08", 2)]


# --- F20 to F24: the header ---


@pytest.mark.parametrize(
    ("header", "code", "field"),
    [
        ({0: "X"}, "F20", ""),
        ({0: "h"}, "F20", ""),
        ({1: "EQF"}, "F20", ""),
        ({2: "2.0"}, "F21", "format version"),
        ({2: ""}, "F21", "format version"),
        ({3: "90-B3-D5-1F-30-01-00-00"}, "F22", "User ID"),
        ({3: "90B3D51F30030000"}, "F22", "User ID"),
        ({3: "Northlight"}, "F22", "User ID"),
        ({4: "XX"}, "F23", "User Role"),
        ({5: ""}, "F24", "reference"),
        ({5: "INC 1"}, "F24", "reference"),
        ({6: "2026-08-26 12:00:00"}, "F24", "creation time"),
        ({6: "2026-08-26T12:00:00+01:00"}, "F24", "creation time"),
        ({6: "2026-02-30T12:00:00Z"}, "F24", "creation time"),
        ({6: "0001-01-01T00:00:00Z"}, "F24", "creation time"),
        ({7: "01/09/2026"}, "F24", "effective date"),
        ({7: "20260901"}, "F24", "effective date"),
        ({7: "2026-W36-2"}, "F24", "effective date"),
        ({7: ""}, "F24", "effective date"),
        ({8: "SOME"}, "F24", "replaces"),
    ],
)
def test_each_field_of_the_header(header: dict[int, str], code: str, field: str) -> None:
    name, content = good(header=header)
    mine = [each for each in found(content, name) if (each.code, each.field) == (code, field)]
    assert len(mine) == 1
    assert mine[0].line == 1
    assert {each.code for each in found(content, name)} == {code}


def test_f20_a_second_header() -> None:
    header = good()[1].decode().splitlines()[0]
    assert only(more=f"{header}\r\n") == [("F20", 5)]


def test_f20_a_header_of_too_few_fields() -> None:
    content = good()[1].replace(b",ALL\r\n", b"\r\n", 1)
    assert codes(content) == [("F20", 1), ("F41", 5)]


def test_f20_no_header_and_the_details_are_read() -> None:
    name, content = good([ROW, ("99", *ROW[1:])])
    without = content.split(b"\r\n", 1)[1]
    assert codes(without, name) == [("F20", 1), ("F31", 2), ("F41", 3)]


def test_f22_the_name_is_of_another_user() -> None:
    assert only(name_user_id="90-B3-D5-1F-30-01-00-00") == [("F22", 0)]


def test_a_file_of_another_user_throughout() -> None:
    name, content = good(header_user_id="90-B3-D5-1F-30-01-00-00", name_user_id="90-B3-D5-1F-30-01-00-00")
    assert codes(content, name) == [("F22", 0), ("F22", 1)]


# --- F30 to F37: the records ---


def test_f30_the_shape_of_a_record() -> None:
    assert only(more="X,1,2\r\n") == [("F30", 5)]
    assert only(more="\r\n") == [("F30", 5)]
    assert only(rows=[ROW[:-1]]) == [("F30", 2)]
    assert only(rows=[(*ROW, "")]) == [("F30", 2)]


def test_f30_the_numbers_of_the_lines() -> None:
    assert only(lines=[1, 3, 4]) == [("F30", 3)]
    assert only(lines=[0, 1, 2]) == [("F30", 2)]
    assert only(lines=[1, 1, 2]) == [("F30", 3)]
    assert only(lines=[1, "02", 3]) == [("F30", 3)]
    assert only(lines=[1, "two", 3]) == [("F30", 3)]
    assert only(lines=[1, 3, 2]) == [("F30", 3), ("F30", 4)]


@pytest.mark.parametrize(
    "note",
    [
        "=1+1",
        "+44 20",
        "-1",
        "@SUM(A1)",
        "\tx",
        " =cmd|'/c calc'!A0",
        "\N{FULLWIDTH EQUALS SIGN}1+1",
        "a\x07b",
        "a\u202eb",
        "x" * (LONGEST_NOTE + 1),
    ],
)
def test_f30_a_note_that_a_spreadsheet_would_run(note: str) -> None:
    assert wrong_row(*ROW[:-1], note) == [("F30", 2, "note")]


@pytest.mark.parametrize("note", ["a = b", 'Zoë\'s, "quoted"', "x" * LONGEST_NOTE, "1", "(=)", "né 中文"])
def test_notes_that_may_be(note: str) -> None:
    assert wrong_row(*ROW[:-1], note) == []


@pytest.mark.parametrize("srv", ["", "4.1.9", "04.1.1", "4.1.1 ", "=4.1.1", "x" * 1_000, "४.१.१"])
def test_f31_the_service_reference_variant(srv: str) -> None:
    assert wrong_row(srv, *ROW[1:]) == [("F31", 2, "Service Reference Variant")]


def test_f32_the_user_role_may_not_send_it() -> None:
    assert wrong_row("6.5", *ROW[1:]) == [("F32", 2, "Service Reference Variant")]  # a distributor's
    assert wrong_row("7.16", *ROW[1:]) == [("F32", 2, "Service Reference Variant")]  # nobody's


def test_f32_no_pre_commands_of_what_is_not_critical() -> None:
    assert wrong_row("7.4", "SPC", *ROW[2:]) == [("F32", 2, "message type")]
    assert wrong_row("7.2", "SPC", *ROW[2:]) == []


@pytest.mark.parametrize(
    ("user_role", "srv", "expected"),
    [("ED", "6.5", []), ("ED", "7.2", ["F32"]), ("MDR", "4.8.1", []), ("MDR", "7.1", ["F32"]), ("OU", "9.1", [])],
)
def test_f32_is_by_the_role_of_the_header(user_role: str, srv: str, expected: list[str]) -> None:
    name, content = good([(srv, *ROW[1:])], user_role=user_role)
    assert [code for code, _ in codes(content, name)] == expected


def test_f34_a_value_that_is_none() -> None:
    assert wrong_row("4.1.1", "sr", *ROW[2:]) == [("F34", 2, "message type")]
    assert wrong_row("4.1.1", "SR", "WEEK", *ROW[3:]) == [("F34", 2, "period")]


NO_NUMBERS = ("0", "-1", "1.5", "1e3", " 1", "1,000", "", "none", "\N{ARABIC-INDIC DIGIT THREE}", "9" * 16, "0x1")


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_f35_the_quarantine_threshold(number: str) -> None:
    assert wrong_row("4.1.1", "SR", "DAY", "", number, "", "", "") == [("F35", 2, "quarantine threshold")]


@pytest.mark.parametrize("number", ["-1", "1.5", " 1", "²", "9" * 16])
def test_f35_the_warning_threshold(number: str) -> None:
    assert wrong_row("4.1.1", "SR", "DAY", number, 5, "", "", "") == [("F35", 2, "warning threshold")]


def test_f36_the_warning_is_below_the_quarantine() -> None:
    assert wrong_row("4.1.1", "SR", "DAY", 5, 5, "", "", "") == [("F36", 2, "warning threshold")]
    assert wrong_row("4.1.1", "SR", "DAY", 6, 5, "", "", "") == [("F36", 2, "warning threshold")]
    assert wrong_row("4.1.1", "SR", "DAY", 0, 1, "", "", "") == []


@pytest.mark.parametrize(
    ("begins", "ends", "field"),
    [
        ("2026-12-24", "", "exception to"),
        ("", "2026-12-24", "exception from"),
        ("2026-12-24", "2026-12-23", "exception to"),
        ("2026-02-29", "2026-03-01", "exception from"),
        ("24/12/2026", "2026-12-26", "exception from"),
        ("2026-12-24", "20261226", "exception to"),
        ("1999-12-24", "2026-12-26", "exception from"),
    ],
)
def test_f37_the_dates_of_an_exception(begins: str, ends: str, field: str) -> None:
    assert wrong_row("4.1.1", "SR", "DAY", "", 5, begins, ends, "") == [("F37", 2, field)]


# --- F40, F41: the trailer ---


def test_f40_the_trailer() -> None:
    assert only(trailer=False) == [("F40", 4)]
    assert only(count=4) == [("F40", 5)]
    assert only(count="03") == [("F40", 5)]
    assert only(count="") == [("F40", 5)]
    assert only(after=b"X\r\n") == [("F40", 6), ("F30", 6)]


def test_f40_a_second_trailer_and_details_after_it() -> None:
    name, content = good()
    trailer = content.splitlines()[-1]
    assert [code for code, _ in codes(content + trailer + b"\r\n", name)] == ["F40", "F41"]
    assert codes(content + b"D,4,99,SR,DAY,,5,,,\r\n", name) == [("F40", 6), ("F31", 6)]


def test_f41_the_hash() -> None:
    digest = good()[1].splitlines()[-1][-64:].decode()
    assert only(sha256="0" * 64) == [("F41", 5)]
    assert only(sha256=digest[:-1]) == [("F41", 5)]
    assert only(sha256=digest.upper()) == [("F41", 5)]


def test_the_trailer_has_one_spelling() -> None:
    name, content = good()
    body, trailer = content[: content.rindex(b"T,")], content[content.rindex(b"T,") :]
    assert codes(body + trailer.replace(b"T,3", b'T,"3"'), name) == [("F30", 5)]
    assert codes(body + trailer.replace(b"T,3,", b"T,3,,"), name) == [("F30", 5)]


# --- All of them ---


def test_twenty_wrongs_are_all_listed() -> None:
    rows = [
        ("99.9", "SR", "DAY", 1, 2, "", "", ""),  # F31
        ("6.5", "SR", "DAY", 1, 2, "", "", ""),  # F32
        ("7.4", "SPC", "DAY", 1, 2, "", "", ""),  # F32
        ("4.1.1", "XX", "WEEK", 1, 2, "", "", ""),  # F34 twice
        ("4.1.1", "SR", "DAY", "a", "b", "", "", ""),  # F35 twice
        ("4.1.1", "SR", "HOUR", 9, 5, "", "", ""),  # F36
        ("4.1.1", "SR", "DAY", 1, 2, "2026-12-24", "", "=1"),  # F37, F30
        ("4.1.1", "SR", "DAY", 1, 2),  # F30
        ("98", "SPC", "NEVER", "x", 0, "1", "2", "+"),  # F31, F34, F35 twice, F37 twice, F30
    ]
    name, content = good(
        rows,
        version="9",
        header_user_id="90-B3-D5-1F-30-01-00-00",
        name_reference="INC000000000001",
        count=7,
        sha256="f" * 64,
        after=b"nothing",
        header={7: "tomorrow", 8: "NONE"},
    )
    assert " ".join(f"{line}:{code}" for code, line in codes(content, name)) == (
        "0:F05 1:F21 1:F22 1:F24 1:F24 2:F31 3:F32 4:F32 5:F34 5:F34 6:F35 6:F35 7:F36 8:F37 8:F30 9:F30"
        " 10:F31 10:F34 10:F35 10:F35 10:F37 10:F37 10:F30 11:F40 11:F41 12:F08 12:F40 12:F30"
    )


def test_every_finding_says_what_is_wrong_and_what_to_do() -> None:
    name, content = good([("6.5", "SR", "DAY", 9, 5, "2026-12-24", "", "=1")], version="9")
    for each in found(content, name):
        assert each.message.endswith(".")
        assert each.way_out.endswith(".")


def test_reading_twice_yields_the_same() -> None:
    name, content = good([*GOOD_ROWS, ("99", "SR", "DAY", 1, 2, "", "", "=1")], bom=True, count=9)
    assert items(content, name) == items(content, name)
