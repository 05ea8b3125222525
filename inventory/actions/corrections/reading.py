"""Reading a file of corrections: a Device ID and the ESME Variant it should carry, a line each.

The two columns are found by their headers, else by what the first line holds; other columns are left alone. A
million lines are read one by one, so nothing of the file is held twice.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from inventory.actions.corrections import findings
from inventory.install_code import NoteHoldsInstallCode
from inventory.install_code.shown import MASKED, is_long_enough_for_a_code, shown_back
from inventory.models.choices import EsmeVariant
from ssi.eui64 import Eui64, NotAnEui64
from ssi.refusals import Refusal
from ssi.web.sheets import SheetIsEmpty, SheetStream, SpoiltBySpreadsheet, is_spoilt, stream_sheet

MOST_LINES: Final = 1_000_000
MOST_IN_WORKBOOK: Final = 100_000
LARGEST_BYTES: Final = 40_000_000
"""A million lines of CSV have about 28 MB."""
MOST_LOOKED_INTO: Final = 50_000
"""Letters, of what is no Device ID: looking for install codes takes long; what else might hold one is not kept."""

DEVICE_NAMES: Final = ("Device ID", "Device IDs", "DeviceID", "Device GUID", "GUID", "EUI-64", "EUI")
VARIANT_NAMES: Final = (
    "ESME Variant",
    "ESMEVariant",
    "Right ESME Variant",
    "New ESME Variant",
    "Correct ESME Variant",
    "Variant",
    "New Variant",
)


class ColumnsNotFound(Refusal):
    """The file does not say which column holds the Device IDs and which the ESME Variants."""

    suggestion = "Write “Device ID” and “ESME Variant” above them, or send a file of these two columns alone."
    field = "file"


@dataclass(frozen=True, slots=True)
class NewRow:
    """A line as it was given; `finding` if it cannot be used, and then `given` as it may be shown back."""

    line: int
    device_id: int | None = None
    wanted: int | None = None
    given: str = ""
    finding: str = ""


def read(data: bytes) -> Iterator[NewRow]:
    """Yield the lines of a CSV or XLSX file. Raises ColumnsNotFound and what `ssi.web.sheets` refuses."""
    stream = stream_sheet(data, most_rows=MOST_LINES, most_in_workbook=MOST_IN_WORKBOOK)
    first = next(stream.rows, None)
    if first is None:
        raise SheetIsEmpty
    device, variant = _places(stream, first[1])
    reader = _Reader(device, variant)
    yield reader.row(*first)
    for line, cells in stream.rows:
        yield reader.row(line, cells)


def _places(stream: SheetStream, first: Sequence[str]) -> tuple[int, int]:
    """Return where the Device IDs and the ESME Variants stand. Raises ColumnsNotFound."""
    if stream.header is not None:
        named = stream.place_of(*DEVICE_NAMES), stream.place_of(*VARIANT_NAMES)
        if named[0] is None or named[1] is None:
            raise ColumnsNotFound
        return named[0], named[1]
    if len(first) != 2:  # noqa: PLR2004 - a file of the two columns alone
        raise ColumnsNotFound
    return (1, 0) if first[0].strip().upper() in _VARIANTS else (0, 1)


_VARIANTS: Final = {variant.duis: int(variant) for variant in EsmeVariant}
_AS_PRINTED: Final = re.compile(r"[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){7}", re.ASCII)
_HALF, _SPAN = 1 << 63, 1 << 64


class _Reader:
    """Makes rows of lines, and looks only so long for install codes in what is no Device ID."""

    def __init__(self, device: int, variant: int) -> None:
        self._device, self._variant = device, variant
        self._left = MOST_LOOKED_INTO

    def row(self, line: int, cells: Sequence[str]) -> NewRow:
        """Return the row of a line."""
        device = cells[self._device] if len(cells) > self._device else ""
        variant = cells[self._variant] if len(cells) > self._variant else ""
        try:
            device_id = _bigint_of(device)
        except NotAnEui64:
            refusal: type[Refusal] = SpoiltBySpreadsheet if is_spoilt(device) else NotAnEui64
            return self._refused(line, None, ", ".join(filter(None, [device, variant])), refusal)
        wanted = _VARIANTS.get(variant) or _VARIANTS.get(variant.strip().upper())
        if wanted is None:
            finding = findings.VariantUnknown if variant else findings.VariantMissing
            return self._refused(line, device_id, variant, finding)
        return NewRow(line, device_id, wanted)

    def _refused(self, line: int, device_id: int | None, given: str, refusal: type[Refusal]) -> NewRow:
        """Return the row of a line that cannot be used; what was given is kept unless it may hold a secret."""
        suspicious = is_long_enough_for_a_code(given)
        self._left -= suspicious * len(given)
        shown = MASKED if suspicious and self._left < 0 else shown_back(given)
        finding = NoteHoldsInstallCode if shown == MASKED else refusal
        return NewRow(line, device_id, None, shown, findings.key_of(finding))


def _bigint_of(text: str) -> int:
    """Return a Device ID as its column holds it; the usual spelling takes the short way. Raises NotAnEui64."""
    if not _AS_PRINTED.fullmatch(text):
        return Eui64.parse(text).as_bigint
    value = int(text.replace("-", ""), 16)
    return value - _SPAN if value >= _HALF else value
