"""Install codes: read however they are written, checked, hidden, and noticed where none may stand."""

import pytest

from inventory.install_code import (
    InstallCodeCheckDigitsDoNotMatch,
    InstallCodeIsPlaceholder,
    InstallCodeMissing,
    InstallCodeNeededTwice,
    InstallCodeNotHexadecimal,
    InstallCodesDiffer,
    InstallCodeWrongLength,
    NoteHoldsInstallCode,
    check_digits,
    crc16_x25,
    holds_install_code,
    parse,
    read,
)
from ssi.refusals import Refusal

BARE = "83FED3407A939723A5C639B26916D505"
FULL = f"{BARE}C3B5"
RTDS = "30313233343536373839414243444546"


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("83FED3407A93", "2B70"),
        ("83FED3407A932B70", "470F"),
        ("83FED3407A939723A5C639B2", "AD8B"),
        (BARE, "C3B5"),
        (RTDS, "F596"),
    ],
)
def test_check_digits_of_the_published_vectors(code: str, printed: str) -> None:
    assert check_digits(bytes.fromhex(code)) == printed


def test_crc_has_the_catalogue_check_value() -> None:
    assert crc16_x25(b"123456789") == 0x906E


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        FULL.lower(),
        f"IC:{FULL}",
        f"ic {FULL}",
        f"Install code: {FULL}",
        f"0x{FULL}",
        "83FE D340 7A93 9723 A5C6 39B2 6916 D505 C3B5",
        "83-FE-D3-40-7A-93-97-23-\nA5-C6-39-B2-69-16-D5-05-C3-B5\r\n",
        " ".join(f"0x{FULL[at : at + 2]}" for at in range(0, 36, 2)),
        ":".join(FULL[at : at + 2] for at in range(0, 36, 2)),
        "".join(chr(ord(each) + 0xFEE0) for each in FULL),
        f"\u200b'{BARE}\u00a0C3B5'",
    ],
)
def test_a_code_with_check_digits_is_read_however_it_is_written(text: str) -> None:
    code = parse(text)
    assert code.checked
    assert (code.code, code.hex, code.with_crc) == (bytes.fromhex(BARE), BARE, FULL)


def test_a_code_without_check_digits_must_be_given_twice() -> None:
    with pytest.raises(InstallCodeNeededTwice):
        parse(BARE)
    with pytest.raises(InstallCodeNeededTwice):
        parse(BARE, again=" ")
    with pytest.raises(InstallCodesDiffer):
        parse(BARE, again=BARE.replace("83", "38"))
    with pytest.raises(InstallCodesDiffer):
        parse(BARE, again="rubbish")
    code = parse(BARE, again="83fe d340 7a93 9723 a5c6 39b2 6916 d505")
    assert not code.checked
    assert code == parse(FULL) == parse(BARE, again=FULL)
    assert code.with_crc == FULL


def test_a_second_entry_that_differs_is_never_overlooked() -> None:
    with pytest.raises(InstallCodesDiffer):
        parse(FULL, again=RTDS)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", InstallCodeMissing),
        (" - ", InstallCodeMissing),
        ("IC:", InstallCodeMissing),
        (FULL[:-1] + "6", InstallCodeCheckDigitsDoNotMatch),
        (BARE + "B5C3", InstallCodeCheckDigitsDoNotMatch),
        ("38" + FULL[2:], InstallCodeCheckDigitsDoNotMatch),
        (FULL.replace("0", "O"), InstallCodeNotHexadecimal),
        (f"{FULL} thanks", InstallCodeNotHexadecimal),
        (BARE[:-1], InstallCodeWrongLength),
        (FULL + "0", InstallCodeWrongLength),
        ("83FED3407A932B70", InstallCodeWrongLength),
        ("0" * 32, InstallCodeIsPlaceholder),
        ("f" * 32, InstallCodeIsPlaceholder),
        ("0" * 32 + check_digits(bytes(16)), InstallCodeIsPlaceholder),
    ],
)
def test_a_bad_code_is_refused_by_name_with_a_way_out(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as caught:
        parse(text)
    assert caught.value.way_out
    assert caught.value.field == "install_code"


def test_the_sentences_are_plain() -> None:
    with pytest.raises(InstallCodeWrongLength) as caught:
        read("83FE D340 7A")
    assert caught.value.message == (
        "An install code has 36 digits with its check digits, or 32 without them; this has 10."
    )
    with pytest.raises(InstallCodeCheckDigitsDoNotMatch) as other:
        read(BARE + "0000")
    assert other.value.message == "The check digits do not match."
    assert "Re-read the label" in other.value.way_out


def test_a_code_is_hidden_wherever_it_is_printed() -> None:
    code = parse(FULL)
    for text in (repr(code), str(code), f"{code}", repr([code]), repr({"code": code})):
        assert BARE not in text
        assert repr(code.code) not in text


ORDINARY = [
    "Device 00-DB-12-34-56-78-90-A0 added to the shelf",
    "00-DB-12-34-56-78-90-A0, 90-B3-D5-1F-30-01-00-00, 00-0D-6F-AA-BB-CC-DD-EE",
    "00-DB-12-34-56-78-90-A0\n90-B3-D5-1F-30-01-00-00",
    "00-DB-12-34-56-78-90-A0 90-b3-d5-1f-30-01-00-00",
    "- 00-DB-12-34-56-78-90-A0\n- 90-B3-D5-1F-30-01-00-00\n- 90-B3-D5-1F-30-01-00-01",
    "00:DB:12:34:56:78:90:A0\n00:DB:12:34:56:78:90:A1",
    "00-DB-12-34-56-78-90-A0 - 00-DB-12-34-56-78-90-A1 - 12/08/2026",
    "00DB1234567890A0 00DB1234567890A1 00DB1234567890A2",
    "Device 00DB1234567890A0, MPAN 2000007794886, 12/08/2026 17:30 0800 123456",
    "User 90B3D51F30AB0C01, 12/08/2026 17:30, 07/08",
    "MPANs 2000007794886 2000020479229 1200031501010 2000007794886",
    "MPAN 2000007794886 added 12/08/2026 facade",
    "CF10 3AF, 2000007794886, 12/08/2026 17:30",
    "MPRN 3938424403 3938424404 7412345678 7412345679",
    "Call 020 7946 0958 or 07700 900123, 07700 900124, 07700 900125 (ask for Deb)",
    "INC000000000123 INC004711000815 see INC123456789012",
    "12/08/26, 13/08/26, 14/08/26, 15/08/26, 16/08/26, 17/08/26",
    "2026-08-12 2026-08-13 2026-08-14 2026-08-15 2026-08-16",
    "A bad cafe faced a dead bee, added a decade; a facade deed fed a cab",
    "Readings 1234, 1250, 1266, 1301, 1340, 1388, 1402, 1420",
    "Readings 00123.45 00125.07 00131.90 00144.02 00160.33",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
    "ESME variants AD BD CD ADE BDE CDE ADF BDF CDF ADEF BDEF CDEF",
    "DCC asked EDF on 12 Dec 2026 and 3 Feb 2027 for CAD and ED data",
    "firmware 0002012F on model 433100AC",
    "",
]


@pytest.mark.parametrize("text", [*ORDINARY, "\n".join(ORDINARY)])
def test_ordinary_notes_pass(text: str) -> None:
    assert not holds_install_code(text)


@pytest.mark.parametrize("code", [BARE, FULL, RTDS, f"{RTDS}F596", "DEADBEEFCAFEFACE0123456789ABCDEF"])
@pytest.mark.parametrize("size", [1, 2, 4, 8, 16])
@pytest.mark.parametrize(
    "gap", ["", " ", "-", ":", "\n", "\r\n", "-\n", " - ", ".", "\u200b", "\u2013", "\u00a0", "_"]
)
def test_a_code_in_groups_is_noticed(code: str, size: int, gap: str) -> None:
    text = gap.join(code[at : at + size] for at in range(0, len(code), size))
    assert holds_install_code(text)
    assert holds_install_code(f"Hello,\nthe code is {text.lower()} on 12/08/2026, thanks")
    assert holds_install_code(f"00-DB-12-34-56-78-90-A0 IC:{text}")


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(ord(each) + 0xFEE0) for each in FULL),
        ", ".join(f"0x{RTDS[at : at + 2]}" for at in range(0, 32, 2)),
        "".join(f"\\x{RTDS[at : at + 2]}" for at in range(0, 32, 2)),
        f"code{FULL}end",
        "83-FE-D3-40-7A-93-97-23 A5-C6-39-B2-69-16-D5-05 C3-B5",
        "83-FE-D3-40-7A-93-97-23\nA5-C6-39-B2-69-16-D5-05",
        "30-31-32-33-34-35-36-37\n38-39-41-42-43-44-45-46\nF5-96",
        "83FED3 407A, 939723A5C/639 B26916D5 05",
        "the code 2000007794886: 83fed3407a93 9723a5c639b2 6916d506",
    ],
)
def test_a_code_in_odd_spellings_is_noticed(text: str) -> None:
    assert holds_install_code(text)


def test_the_refusal_points_to_the_sealed_field_without_the_text() -> None:
    refusal = NoteHoldsInstallCode.at("reason")
    assert refusal.field == "reason"
    assert "under Install code" in refusal.way_out
