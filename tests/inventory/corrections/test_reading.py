"""Reading files of corrections: the two columns, however they are spelt, and no more lines than may be."""

import io
from unittest import mock

import pytest
from django.test import RequestFactory
from openpyxl import Workbook

from inventory.actions.corrections import reading
from inventory.actions.corrections.reading import ColumnsNotFound, NewRow, read
from inventory.models.choices import EsmeVariant
from inventory.views import corrections
from ssi.eui64 import Eui64
from ssi.web.in_memory import MOST_BYTES, InMemoryUploadHandler
from ssi.web.sheets import SheetHasTooManyRows

ID = "1E-5A-01-00-00-00-00-01"
ROW = NewRow(1, Eui64.parse(ID).as_bigint, int(EsmeVariant.BD))


def at(line: int) -> NewRow:
    return NewRow(line, ROW.device_id, ROW.wanted)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (f"{ID},BD\n", 1),
        (f"BD,{ID}\n", 1),
        (f"Device ID,ESME Variant\n{ID},BD\n", 2),
        (f"Model;ESME Variant;Device ID\n41A0;bd;{ID.replace('-', '').lower()}\n", 2),
        (f"\ufeffGUID\tVariant\r\n\r\n{ID}\t BD \r\n", 3),
        (f'sep=;\n"Device ID";"ESME Variant"\n="{ID}";"BD"\n', 3),
    ],
)
def test_the_columns_are_found_however_the_file_is_spelt(data: str, line: int) -> None:
    assert list(read(data.encode())) == [at(line)]


def test_utf_16_and_workbooks_are_read_too() -> None:
    assert list(read(f"Device ID\tESME Variant\r\n{ID}\tBD\r\n".encode("utf-16"))) == [at(2)]
    book, file = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Device ID", "ESME Variant"])
    sheet.append([ID, "BD"])
    book.save(file)
    assert list(read(file.getvalue())) == [at(2)]


@pytest.mark.parametrize("data", [f"{ID}\n", f"{ID},BD,x\n", f"Device ID,Letters\n{ID},BD\n"])
def test_nobody_guesses_which_column_it_is(data: str) -> None:
    with pytest.raises(ColumnsNotFound):
        list(read(data.encode()))


def test_a_line_too_many_is_refused_when_it_is_come_to() -> None:
    with mock.patch.object(reading, "MOST_LINES", 2), pytest.raises(SheetHasTooManyRows):
        list(read(f"{ID},BD\n{ID},BD\n{ID},BD\n".encode()))


def test_what_may_hold_a_code_is_looked_into_only_so_long() -> None:
    line = b"just a rather longish line of words that says nothing,A\n"
    with mock.patch.object(reading, "MOST_LOOKED_INTO", len(line)):
        rows = list(read(b"Device ID,ESME Variant\n" + line * 3))
    assert [row.given for row in rows[1:]] == ["(holds an install code: not kept)"] * 2


@pytest.mark.parametrize(("address", "is_kept"), [("/corrections/new/", True), ("/elsewhere/", False)])
def test_the_page_takes_larger_files_than_others(address: str, is_kept: bool) -> None:
    assert corrections.new.__name__ == "new"  # its module says how much the page takes
    handler = InMemoryUploadHandler(RequestFactory().post(address))
    handler.new_file("file", "variants.csv", "text/csv", None)
    for _ in range(3):
        handler.receive_data_chunk(b"x" * (MOST_BYTES // 2), 0)
    assert bool(handler.file_complete(3 * MOST_BYTES // 2).read()) is is_kept
