"""The one search box tells by its shape what was pasted."""

import pytest

from inventory.install_code import NoteHoldsInstallCode
from inventory.recognise import Kind, NotRecognised, SeveralRecognised, recognise
from ssi.eui64 import Eui64

DEVICE = Eui64.parse("00-DB-12-34-56-78-90-A0")


@pytest.mark.parametrize(
    "text",
    [
        "00-DB-12-34-56-78-90-A0",
        "00db1234567890a0",
        "00:db:12:34:56:78:90:a0",
        "00 DB 12 34 56 78 90 A0",
        "\ufeff\u200b00-DB-12-34-56-78-90-A0\u00a0",
        '"00-DB-12-34-56-78-90-A0",',
        "\u201c00-DB-12-34-56-78-90-A0\u201d",
        "'00DB1234567890A0",
        '="00DB1234567890A0"',
        "Device ID: 00-DB-12-34-56-78-90-A0.",
        "GUID 00DB1234567890A0",
        "00\u201312".replace("12", "DB") + "\u201312\u201334\u201356\u201378\u201390\u2013A0\r\n",
    ],
)
def test_a_device_id(text: str) -> None:
    found = recognise(text)
    assert (found.kind, found.value) == (Kind.DEVICE_ID, DEVICE)


def test_sixteen_decimal_digits_are_a_device_id() -> None:
    assert recognise("1234567890123456").value == Eui64.parse("12-34-56-78-90-12-34-56")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2000007794886", Kind.MPAN, "2000007794886"),
        ("20 0000 7794 886", Kind.MPAN, "2000007794886"),
        ("'2000007794886", Kind.MPAN, "2000007794886"),
        ("2000007794886.0", Kind.MPAN, "2000007794886"),
        ("MPAN: 2000007794886", Kind.MPAN, "2000007794886"),
        ("02 801 100 20 0000 7794 886", Kind.MPAN, "2000007794886"),
        ("1312345678111", Kind.MPAN, "1312345678111"),
        ("3938424403", Kind.MPRN, "3938424403"),
        ("0012345678", Kind.MPRN, "0012345678"),
        ("7", Kind.MPRN, "7"),
        ("INC004711000815", Kind.INCIDENT, "INC004711000815"),
        ("inc004711000815", Kind.INCIDENT, "INC004711000815"),
        ("Inc 004711000815", Kind.INCIDENT, "INC004711000815"),
        (" (INC004711000815) ", Kind.INCIDENT, "INC004711000815"),
    ],
)
def test_a_meter_point_or_an_incident(text: str, kind: Kind, value: str) -> None:
    found = recognise(text)
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Nothing was typed."),
        ("\u200b \u00a0", "Nothing was typed."),
        ("00-DB-12-34-56-78-90", "A Device ID has 16 digits; this has 14."),
        ("00-DB-12-34-56-78-90-A0-11", "A Device ID has 16 digits; this has 18."),
        ("123456789012", "No identifier has 12 digits"),
        ("20000077948861", "No identifier has 14 digits"),
        ("INC0047", "An incident reference has 12 digits after INC; this has 4."),
        ("2.00001E+12", "A spreadsheet has rounded this number"),
        ("meter in the cellar", "No Device ID, meter point or incident reference looks like this."),
        ("00-DB-12-34-56-78-90-AO", "No Device ID, meter point or incident reference"),
    ],
)
def test_anything_else_is_refused_with_a_way_out(text: str, problem: str) -> None:
    with pytest.raises(NotRecognised) as caught:
        recognise(text)
    assert caught.value.message.startswith(problem)
    assert "INC and 12 digits" in caught.value.way_out
    assert caught.value.title == "Not recognised"


@pytest.mark.parametrize(
    "text",
    [
        "00-DB-12-34-56-78-90-A0\n00-DB-12-34-56-78-90-A1",
        "00-DB-12-34-56-78-90-A0 00-DB-12-34-56-78-90-A1",
        "00DB1234567890A0, INC004711000815",
        "2000007794886;2000020479229",
        "2000007794886 2000020479229",
        "Device ID\r\n00DB1234567890A0\r\n00DB1234567890A1\r\n",
        '"00DB1234567890A0"\t"2000007794886"',
        "3938424403 | 3938424404 | 3938424405",
    ],
)
def test_a_list_goes_one_by_one(text: str) -> None:
    with pytest.raises(SeveralRecognised, match="one by one"):
        recognise(text)


def test_a_number_in_pieces_is_no_list() -> None:
    with pytest.raises(NotRecognised, match="No identifier has 12 digits"):
        recognise("20 0000 7794 88")


@pytest.mark.parametrize("spelling", ["{}", "IC: {}", "0x{}"])
@pytest.mark.parametrize("code", ["83FED3407A939723A5C639B26916D505", "83FED3407A939723A5C639B26916D505C3B5"])
def test_an_install_code_in_the_search_box_is_not_repeated(spelling: str, code: str) -> None:
    with pytest.raises(NoteHoldsInstallCode) as refused:
        recognise(spelling.format(code))
    assert refused.value.hides_value
    assert refused.value.field == "q"
