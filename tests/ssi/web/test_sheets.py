"""Tables that people send: what is read, what is refused, and that nothing is guessed."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from ssi.refusals import Refusal
from ssi.web import sheets
from ssi.web.exports import xlsx_download
from ssi.web.sheets import Sheet, is_spoilt

DEVICE, OTHER = "90-B3-D5-1F-30-01-00-01", "90-B3-D5-1F-30-01-00-02"
HEADER = ("Device ID", "Detail")


def read(data: bytes, *, most_rows: int = 100, largest_bytes: int = 1_000_000) -> Sheet:
    upload = SimpleUploadedFile("list", data)
    return sheets.read_sheet(upload, most_rows=most_rows, largest_bytes=largest_bytes)


def workbook(*rows: Sequence[object], hidden_first: bool = False) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        if hidden_first:
            book.add_worksheet("Lists").hide()
        sheet = book.add_worksheet()
        if hidden_first:
            sheet.activate()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    return file.getvalue()


def changed(data: bytes, name: str, content: bytes | None, *, was: bytes = b"", becomes: bytes = b"") -> bytes:
    """Return a workbook with one part put in, or with a text in it replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            if part != name:
                after.writestr(part, before.read(part))
        after.writestr(name, before.read(name).replace(was, becomes) if content is None else content)
    return file.getvalue()


def lines(sheet: Sheet) -> list[tuple[str, ...]]:
    return [cells for _, cells in sheet.rows]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_csv_in_every_usual_spelling(separator: str, encoding: str, newline: str) -> None:
    text = newline.join(separator.join(row) for row in (HEADER, (DEVICE, "café"), (OTHER, "")))
    sheet = read((text + newline).encode(encoding))
    assert sheet.header == HEADER
    assert sheet.rows == [(2, (DEVICE, "café")), (3, (OTHER, ""))]


def test_rows_keep_their_number_in_the_spreadsheet_and_empty_ones_are_left_out() -> None:
    sheet = read(f'\n{DEVICE},"two\nlines"\n , \n{OTHER},last\n'.encode())
    assert sheet.header is None
    assert sheet.rows == [(2, (DEVICE, "two\nlines")), (4, (OTHER, "last"))]


def test_a_single_column_without_a_header_is_a_table() -> None:
    assert lines(read(f"{DEVICE}\n{OTHER}\n".encode())) == [(DEVICE,), (OTHER,)]


def test_rows_of_uneven_length_become_equally_wide() -> None:
    assert lines(read(f"Device ID,Detail\n{DEVICE}\n{OTHER},x,y\n".encode())) == [
        (DEVICE, "", ""),
        (OTHER, "x", "y"),
    ]


def test_a_separator_named_as_excel_names_it_is_believed() -> None:
    assert lines(read(f"sep=;\r\nDevice ID;Detail\r\n{DEVICE};a, b, c, d\r\n".encode())) == [
        (DEVICE, "a, b, c, d")
    ]


@pytest.mark.parametrize(("cell", "meant"), [('"=""0012"""', "0012"), ("'=x", "=x"), ("  x ", "x"), ("'x", "'x")])
def test_what_keeps_a_spreadsheet_from_reading_a_cell_is_taken_off(cell: str, meant: str) -> None:
    assert lines(read(f"Device ID,Detail\n{DEVICE},{cell}\n".encode())) == [(DEVICE, meant)]


@pytest.mark.parametrize(
    ("first", "is_header"),
    [
        ("Device ID", True),
        ("Install code 2", True),
        ("DEVICE_ID", True),
        (DEVICE, False),
        ("90B3D51F30010001", False),
        ("INC000000000123", False),
        ("BEEF", False),
    ],
)
def test_a_header_is_words(first: str, is_header: bool) -> None:
    assert (read(f"{first}\n{DEVICE}\n".encode()).header is not None) is is_header


def test_a_column_is_found_by_its_name_however_it_is_written() -> None:
    sheet = read(f"device_id,Install Code\n{DEVICE},x\n".encode())
    assert sheet.place_of("Device ID", "GUID") == 0
    assert sheet.place_of("GUID", "Install code") == 1
    assert sheet.place_of("Reference") is None


def test_what_the_cells_hold_stays_out_of_the_repr() -> None:
    assert DEVICE not in repr(read(f"{DEVICE}\n".encode()))


def test_a_workbook_gives_text_and_the_kept_values_of_formulas() -> None:
    rows = [HEADER, (DEVICE, '=CONCAT("a","b")'), (None, None), (OTHER, "x")]
    file = workbook(*rows)
    file = changed(file, "xl/worksheets/sheet1.xml", None, was=b"</f><v>0<", becomes=b"</f><v>12<")
    sheet = read(file)
    assert sheet.header == HEADER
    assert sheet.rows == [(2, (DEVICE, "12")), (4, (OTHER, "x"))]


@pytest.mark.parametrize("kept", [b"", b"<v></v>", b"<v/>"])
def test_formulas_without_their_results_are_not_taken_for_empty_cells(kept: bytes) -> None:
    file = workbook(HEADER, (DEVICE, '=CONCAT("a","b")'))
    with pytest.raises(sheets.SheetIsNotCalculated):
        read(changed(file, "xl/worksheets/sheet1.xml", None, was=b"</f><v>0</v>", becomes=b"</f>" + kept))


def test_a_formula_may_result_in_an_empty_text() -> None:
    file = workbook(HEADER, (DEVICE, '=CONCAT("a","b")'))
    name, cell = "xl/worksheets/sheet1.xml", b'<c r="B2"'
    file = changed(file, name, None, was=b"</f><v>0</v>", becomes=b"</f><v></v>")
    assert lines(read(changed(file, name, None, was=cell, becomes=cell + b' t="str"'))) == [(DEVICE, "")]


def test_the_first_visible_sheet_counts() -> None:
    assert lines(read(workbook((DEVICE,), hidden_first=True))) == [(DEVICE,)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1200012345678, "1200012345678"),
        (2.0, "2"),
        (0.5, "0.5"),
        (True, "TRUE"),
        (999_999_999_999_999, "999999999999999"),
        (1_234_567_890_123_456, "1.23456789012346E+15"),
        (3e15, "3.00000000000000E+15"),
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 17, 30), "2026-11-20T17:30:00"),  # noqa: DTZ001 - spreadsheets know no zones
    ],
)
def test_values_of_a_workbook_as_text(value: object, text: str) -> None:
    ((_, detail),) = lines(read(workbook(HEADER, (DEVICE, value))))
    assert detail == text
    assert is_spoilt(detail) is ("E" in text and text != "TRUE")


@pytest.mark.parametrize("text", ["3.0E+15", "1,23457E+15", "9e+13", " 1.2E-07 "])
def test_what_is_left_of_a_long_number_is_known(text: str) -> None:
    assert is_spoilt(text)


@pytest.mark.parametrize("text", ["", "3E15", "90B3D51F30010E15", "1.5", "1200012345678", "a3.0E+15"])
def test_identifiers_are_not_taken_for_spoilt(text: str) -> None:
    assert not is_spoilt(text)


PLAIN = workbook((DEVICE,))


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", sheets.SheetIsEmpty),
        (b" \r\n\r\n", sheets.SheetIsEmpty),
        (b"Device ID,Detail\n", sheets.SheetIsEmpty),
        (b",,\n,,\n", sheets.SheetIsEmpty),
        (workbook(), sheets.SheetIsEmpty),
        (workbook(HEADER), sheets.SheetIsEmpty),
        (b'"a,b\nc,d\n', sheets.SheetQuoteIsOpen),
        (b'"a"b,c\n', sheets.SheetQuoteIsOpen),
        (b"x" * 40_000, sheets.SheetCellTooLong),
        (b"%PDF-1.7 \0", sheets.SheetIsOfOtherKind),
        (b"\x7fELF\0\0\0\x01", sheets.SheetIsOfOtherKind),
        (b"\x81\x8d\x8f\x90\x9d", sheets.SheetIsOfOtherKind),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), sheets.SheetIsOfOtherKind),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            sheets.SheetIsProtected,
        ),
        (b"PK\x03\x04 torn", sheets.SheetIsDamaged),
        (PLAIN[:-30], sheets.SheetIsDamaged),
        (changed(PLAIN, "xl/vbaProject.bin", b"x"), sheets.SheetHasMacros),
        (
            changed(PLAIN, "[Content_Types].xml", None, was=b"officedocument", becomes=b"macroEnabled"),
            sheets.SheetHasMacros,
        ),
        (changed(PLAIN, "xl/workbook.bin", b"x"), sheets.SheetIsOfOtherKind),
        (changed(PLAIN, "mimetype", b"x"), sheets.SheetIsOfOtherKind),
        (changed(PLAIN, "xl/worksheets/sheet1.xml", b"<worksheet"), sheets.SheetIsDamaged),
        (changed(PLAIN, "xl/sharedStrings.xml", bytes(101_000_000)), sheets.SheetUnpacksTooLarge),
        (
            changed(PLAIN, "xl/sharedStrings.xml", b'<!DOCTYPE sst [<!ENTITY a "aaaa">]><sst>&a;</sst>'),
            sheets.SheetIsDamaged,
        ),
        (
            changed(PLAIN, "xl/sharedStrings.xml", "<!DOCTYPE sst><sst/>".encode("utf-16")),
            sheets.SheetIsDamaged,
        ),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "file",  # bytes with the time in them differ
)
def test_what_cannot_be_read_is_refused_with_a_way_out(data: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as caught:
        read(data, most_rows=50_000)
    assert caught.value.message.endswith(".")
    assert caught.value.way_out.endswith(".")
    assert caught.value.field == "file"


def test_a_cell_far_to_the_right_or_far_below_costs_nothing() -> None:
    right = changed(PLAIN, "xl/worksheets/sheet1.xml", None, was=b'r="A1"', becomes=b'r="XFD1"')
    with pytest.raises(sheets.SheetIsEmpty):
        read(right)
    below = changed(PLAIN, "xl/worksheets/sheet1.xml", None, was=b'<row r="1"', becomes=b'<row r="99999999999"')
    with pytest.raises(sheets.SheetIsDamaged):
        read(below)


def test_what_a_workbook_says_of_its_size_is_not_believed() -> None:
    two = workbook((DEVICE,), (OTHER,))
    small = changed(two, "xl/worksheets/sheet1.xml", None, was=b'ref="A1:A2"', becomes=b'ref="A1"')
    assert lines(read(small)) == [(DEVICE,), (OTHER,)]


def test_the_limits_hold_for_bytes_and_for_rows() -> None:
    text = b"Device ID\n" + b"\n".join(b"90B3D51F3001%04d" % each for each in range(11))
    assert len(read(text, most_rows=11).rows) == 11
    with pytest.raises(sheets.SheetHasTooManyRows):
        read(text, most_rows=10)
    with pytest.raises(sheets.SheetHasTooManyRows):
        read(text.partition(b"\n")[2], most_rows=10)
    with pytest.raises(sheets.SheetTooLarge):
        read(text, largest_bytes=100)


def test_nothing_beyond_the_limit_is_read() -> None:
    class Endless:
        size: int | None = None
        asked = 0

        def read(self, num_bytes: int = -1, /) -> bytes:
            self.asked = num_bytes
            return b"x" * num_bytes

    upload = Endless()
    with pytest.raises(sheets.SheetTooLarge):
        sheets.read_sheet(upload, most_rows=10, largest_bytes=1000)
    assert upload.asked == 1001


def test_a_workbook_that_leaves_is_text_throughout_and_comes_back_the_same() -> None:
    rows = [("0012345678901234", "=1+1"), ("1234567890123456", None)]
    response = xlsx_download("template", HEADER, rows)
    assert response["Content-Disposition"].startswith('attachment; filename="template-')
    assert response["Cache-Control"] == "no-store"
    sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert [cell.data_type for cell in (*sheet["A"], *sheet["B"])] == ["s"] * 6
    columns = [sheet.column_dimensions[each] for each in ("A", "B") if each in sheet.column_dimensions]
    assert {each.number_format for each in columns} == {"@"}
    assert lines(read(response.content)) == [("0012345678901234", "=1+1"), ("1234567890123456", "")]
