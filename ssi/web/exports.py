"""Lists as CSV files, streamed row by row, and as XLSX workbooks; both safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final, TypeVar

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from xlsxwriter import Workbook

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheet programs read UTF-8 as if it were Windows' own encoding."""


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def safe_cell(value: object) -> str:
    """Return a value as text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


NOT_WHOLE: Final = "This file is not whole: the portal could not go on from here. Download it again."


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the file's lines, the byte order mark first."""
    writer = csv.writer(_Echo())
    yield _BYTE_ORDER_MARK
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def csv_download(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Return `rows` as a download called "<name>-<today>.csv"; rows are taken as the file goes out."""
    return _streamed(name, (line.encode() for line in csv_lines(header, rows)))


def csv_download_of(name: str, header: Sequence[str], lines: Iterable[bytes]) -> StreamingHttpResponse:
    """Return lines that are made already, in blocks of any length, as such a download."""
    return _streamed(name, chain((line.encode() for line in csv_lines(header, ())), lines))


def _streamed(name: str, blocks: Iterable[bytes]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_whole_or_told(blocks), content_type="text/csv; charset=utf-8")
    return _as_attachment(response, name, "csv")


def _whole_or_told(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a file; one that breaks off says so in its last line, and the connection ends without its due end."""
    try:
        yield from blocks
    except Exception:
        yield f"{NOT_WHOLE}\r\n".encode()
        raise


def csv_attachment(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """Return `rows` as a file for a program: whole, plain UTF-8 without a mark, and nothing in it altered."""
    file = io.StringIO()
    csv.writer(file).writerows([header, *rows])
    return _as_attachment(HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8"), name, "csv")


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST = 60
_LAST_LINE = 1_048_575
NO_CHOICES: Mapping[str, Sequence[str]] = MappingProxyType({})


def xlsx_download(
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    choices: Mapping[str, Sequence[str]] = NO_CHOICES,
) -> HttpResponse:
    """Return `rows` as a workbook called "<name>-<today>.xlsx", made in memory.

    Whole columns are formatted as text, below the last row too, so that a spreadsheet neither calculates what
    stands there nor rounds the identifiers that somebody adds. `choices` are what a column may hold, by its title,
    which the spreadsheet then offers.
    """
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Rows")
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
        for place, title in enumerate(header):
            sheet.set_column(place, place, min(max(len(title) + 4, 24), _WIDEST), text)
            sheet.write_string(0, place, title, bold)
            if title in choices:
                offered = {"validate": "list", "source": list(choices[title]), "error_type": "warning"}
                sheet.data_validation(1, place, _LAST_LINE, place, offered)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                sheet.write_string(line, place, "" if value is None else str(value), text)
    return _as_attachment(HttpResponse(file.getvalue(), content_type=XLSX), name, "xlsx")


Response = TypeVar("Response", bound=HttpResponseBase)


def _as_attachment(response: Response, name: str, ending: str) -> Response:
    file_name = f"{name}-{timezone.localdate():%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response["Cache-Control"] = "no-store"
    return response
