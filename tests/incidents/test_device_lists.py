"""Reading a list of devices out of what people paste and send."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.device_lists import (
    MOST_DEVICES,
    ColumnUnclear,
    ListHoldsInstallCode,
    ListIsEmpty,
    ListTooLong,
    NoColumnOfDeviceIds,
    read_file,
    read_pasted,
)
from tests.factories.incidents import CODE, CODE_WITH_CRC

ONE, TWO = "00-DB-12-34-56-78-90-A0", "1E-5A-01-40-00-00-00-15"


def values(text: str) -> list[str]:
    return [entry for _, entry in read_pasted(text)]


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}\n{TWO}",
        f"{ONE}\r\n\r\n{TWO}\r\n",
        f"{ONE},{TWO}",
        f"{ONE} ; {TWO}",
        f"{ONE} | {TWO}",
        f"{ONE} {TWO}",
        f"  {ONE}\t\n{TWO}\t",
    ],
)
def test_every_usual_shape(text: str) -> None:
    assert values(text) == [ONE, TWO]


def test_what_is_no_device_id_stays_whole() -> None:
    assert values("14 Alder Row\nMeter no. 7") == ["14 Alder Row", "Meter no. 7"]
    assert values("00 DB 12 34 56 78 90 A0") == ["00 DB 12 34 56 78 90 A0"]


def test_lines_are_those_of_the_text() -> None:
    assert read_pasted(f"\n{ONE}\n\n{TWO}") == [(2, ONE), (4, TWO)]


@pytest.mark.parametrize("header", ["Device ID", "device_id", "DEVICEID", "GUID", "EUI-64", "Device IDs"])
def test_the_header_names_the_column(header: str) -> None:
    assert values(f"Hub\t{header}\n{ONE}\t{TWO}") == [TWO]


def test_without_a_header_what_a_column_holds_names_it() -> None:
    assert values(f"Site A\t{ONE}\nSite B\t{TWO}\nSite C\tno label\n") == [ONE, TWO, "no label"]


def test_of_two_such_columns_nobody_guesses() -> None:
    text = f"Hub\tMeter\n{ONE}\t{TWO}"
    with pytest.raises(ColumnUnclear) as asked:
        read_pasted(text)
    assert [each.name for each in asked.value.columns] == [
        f"Column A, “Hub”, such as {ONE}",
        f"Column B, “Meter”, such as {TWO}",
    ]
    assert read_pasted(text, column=1) == [(2, TWO)]
    with pytest.raises(ColumnUnclear):
        read_pasted(text, column=7)


def test_columns_are_named_as_in_a_spreadsheet() -> None:
    text = "\t".join([*["x"] * 26, ONE, TWO])
    with pytest.raises(ColumnUnclear) as asked:
        read_pasted(text)
    assert [each.name.split(",")[0] for each in asked.value.columns] == ["Column AA", "Column AB"]


def test_a_table_without_them() -> None:
    with pytest.raises(NoColumnOfDeviceIds):
        read_pasted("Site\tPost code\nA\tNL1 4QX")


def test_a_single_column_is_taken_as_it_is() -> None:
    file = SimpleUploadedFile("homes.csv", b"4711\n4712\n")
    assert [entry for _, entry in read_file(file)] == ["4711", "4712"]


@pytest.mark.parametrize("text", ["", "  \n\t\n", ",,,;"])
def test_nothing_is_no_list(text: str) -> None:
    with pytest.raises(Exception, match=r"There is no Device ID|The file has no rows") as refused:
        read_pasted(text)
    assert isinstance(refused.value, ListIsEmpty) or "rows" in str(refused.value)


def test_as_many_as_a_batch_takes() -> None:
    assert len(read_pasted(f"{ONE}\n" * MOST_DEVICES)) == MOST_DEVICES
    with pytest.raises(ListTooLong):
        read_pasted(f"{ONE}\n" * (MOST_DEVICES + 1))


@pytest.mark.parametrize(
    "line",
    [
        CODE_WITH_CRC,
        CODE.lower(),
        f"{ONE},{CODE_WITH_CRC}",
        f"{ONE}\t{CODE_WITH_CRC}",
        " ".join(CODE_WITH_CRC[at : at + 4] for at in range(0, 36, 4)),
        ":".join(CODE_WITH_CRC[at : at + 2] for at in range(0, 36, 2)),
        f"{CODE[:16]} {CODE[16:]}",
        "\n".join(CODE[at : at + 4] for at in range(0, 32, 4)),
        "".join(chr(ord(letter) + 0xFEE0) for letter in CODE_WITH_CRC),  # full width
    ],
)
def test_a_code_in_the_list_is_refused_and_not_repeated(line: str) -> None:
    with pytest.raises(ListHoldsInstallCode) as refused:
        read_pasted(f"{ONE}\n{line}\n{TWO}")
    assert "Line 2" in refused.value.message
    assert CODE[:6] not in str(refused.value)
    assert refused.value.hides_value


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE} {TWO} {ONE} {TWO}",
        f"{ONE.replace('-', '')}\n{TWO.replace('-', '')}\n",
        " ".join([ONE.replace("-", ""), TWO.replace("-", ""), "1E5A070000001234"]),
        "2000000000000\n2000000000001\n2000000000002",
        "1E-5A-01-40-00-00-00\n1E-5A-01-40-00-00-00-1\n1E-5A-01-40",
    ],
)
def test_device_ids_and_numbers_are_none(text: str) -> None:
    assert read_pasted(text)


def test_of_a_file_only_the_column_is_looked_at() -> None:
    data = io.StringIO()
    data.write(f"Device ID,Asset\n{ONE},{CODE}\n")
    assert read_file(SimpleUploadedFile("homes.csv", data.getvalue().encode())) == [(2, ONE)]
