"""Reading a file of the Central Products List: what is right comes out, everything else is named."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.actions.products import reading
from inventory.actions.products.reading import COLUMNS, Row, read
from inventory.actions.registrations.findings import Finding
from inventory.models.choices import DeviceType, EsmeVariant, ProductStatus
from tests.factories.products import file_of, row

TODAY = date(2026, 11, 22)


def _read(content: bytes, *, mp202: bool = True) -> list[Row | Finding]:
    return list(read(io.BytesIO(content), today=TODAY, with_smets_version=mp202))


def _findings(*rows: dict[str, str], mp202: bool = True) -> list[tuple[int, str]]:
    found = [each for each in _read(file_of(*rows), mp202=mp202) if isinstance(each, Finding)]
    assert all(each.message and each.suggestion for each in found)
    return [(each.line, each.field) for each in found]


def test_a_row_is_read_in_capitals_and_without_blanks() -> None:
    given_row = row(
        device_type=" esme ",
        manufacturer_id="2f01",
        model_identifier=" 41a0",
        firmware_version="0002a311",
        smets_version="SMETS  V4.2",
        esme_variant="ad",
        image_hash="ab" * 32,
        cpa_until_date="2028-06-30",
        status="expired",
        firmware_coding="HEX",
    )
    (read_row,) = _read(file_of(given_row))
    assert isinstance(read_row, Row)
    assert read_row.key == (DeviceType.ESME, "2F01", "41A0", "0102", "0002A311", "SMETS V4.2")
    assert (read_row.esme_variant, read_row.status) == (EsmeVariant.AD, ProductStatus.EXPIRED)
    assert (read_row.image_hash, read_row.cpa_until_date) == ("AB" * 32, date(2028, 6, 30))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"device_type": "SAPC"}, "device_type"),
        ({"device_type": "IHD"}, "device_type"),
        ({"device_type": "CAD"}, "device_type"),
        ({"device_type": "GPF"}, "device_type"),
        ({"manufacturer_id": "GEO"}, "manufacturer_id"),
        ({"manufacturer_id": "0x2F01"}, "manufacturer_id"),
        ({"manufacturer_id": ""}, "manufacturer_id"),
        ({"manufacturer_id": "A" * 31}, "manufacturer_id"),
        ({"manufacturer_name": "x" * 101}, "manufacturer_name"),
        ({"model_identifier": "Omega 2"}, "model_identifier"),
        ({"model_identifier": ""}, "model_identifier"),
        ({"hardware_version": "1.0"}, "hardware_version"),
        ({"firmware_version": "1.2.3"}, "firmware_version"),
        ({"firmware_version": "000203111"}, "firmware_version"),
        ({"firmware_version": "0002031A", "firmware_coding": "BCD"}, "firmware_version"),
        ({"firmware_coding": "octal"}, "firmware_coding"),
        ({"smets_version": ""}, "smets_version"),
        ({"smets_version": "S" * 21}, "smets_version"),
        ({"esme_variant": "Z"}, "esme_variant"),
        ({"device_type": "GSME", "esme_variant": "A"}, "esme_variant"),
        ({"image_hash": "AB" * 31}, "image_hash"),
        ({"image_hash": "XY" * 32}, "image_hash"),
        ({"status": "Gone"}, "status"),
        ({"added_date": ""}, "added_date"),
        ({"added_date": "01/03/2024"}, "added_date"),
        ({"added_date": "2024-02-30"}, "added_date"),
        ({"added_date": "2026-11-23"}, "added_date"),
        ({"cpa_until_date": "soon"}, "cpa_until_date"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_field(facts: dict[str, str], field: str) -> None:
    assert _findings(row(firmware_version="00000001"), row(**facts)) == [(3, field)]


def test_everything_wrong_with_a_line_is_told_at_once() -> None:
    wrong = row(device_type="TV", manufacturer_id="?", added_date="?")
    assert _findings(wrong) == [(2, "device_type"), (2, "manufacturer_id"), (2, "added_date")]


def test_firmware_versions_of_a_product_are_in_one_coding() -> None:
    assert _findings(row(), row(firmware_version="20312")) == [(3, "firmware_version")]
    assert _findings(row(), row(hardware_version="0103", firmware_version="20312")) == []
    in_two = row(firmware_coding="BCD"), row(firmware_version="00020312", firmware_coding="hex")
    assert _findings(*in_two) == [(3, "firmware_coding")]


def test_the_same_entry_twice_is_a_finding() -> None:
    assert _findings(row(), row(manufacturer_name="Another")) == [(3, "firmware_version")]


def test_one_firmware_in_two_smets_versions_takes_mp202() -> None:
    both = row(device_type="PPMID"), row(device_type="PPMID", smets_version="SMETS1")
    assert _findings(*both) == []
    assert _findings(*both, mp202=False) == [(3, "smets_version")]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"\xff\xfe", 1),
        (b"device_type\n", 1),
        (",".join(COLUMNS).encode() + b",colour\n", 1),
        (",".join([*COLUMNS, "status"]).encode() + b"\n", 1),
        (",".join(COLUMNS).encode() + b"\n", 0),
        (",".join(COLUMNS).encode() + b"\nESME,2F01\n", 2),
        (",".join(COLUMNS).encode() + b'\n"ESME\n', 2),
        (",".join(COLUMNS).encode() + b"\nES\0ME\n", 2),
    ],
)
def test_what_is_no_such_file_is_a_finding(content: bytes, line: int) -> None:
    (finding,) = _read(content)
    assert isinstance(finding, Finding)
    assert finding.line == line


def test_a_file_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    rows = [row(firmware_version=f"{number:08d}") for number in range(4)]
    assert _findings(*rows) == [(4, "")]


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_stumble(content: bytes) -> None:
    header = ",".join(COLUMNS).encode() + b"\n"
    for each in [*_read(content), *_read(header + content)]:
        assert isinstance(each, Row | Finding)


@given(st.lists(st.fixed_dictionaries({name: st.text(max_size=20) for name in COLUMNS}), min_size=1, max_size=4))
def test_whatever_stands_in_the_cells_is_a_row_or_named(rows: list[dict[str, str]]) -> None:
    for each in _read(file_of(*rows)):
        if isinstance(each, Row):
            assert each.device_type in reading.LISTED_TYPES
            assert each.smets_version
            assert each.added_date <= TODAY
        else:
            assert each.message
