"""Install codes: read however they are written, checked, hidden, and noticed where none may stand."""

import base64

import pytest

from inventory.install_code import (
    InstallCodeCheckDigitsDoNotMatch,
    InstallCodeIsPlaceholder,
    InstallCodeLengthAmbiguous,
    InstallCodeLooksLegacy,
    InstallCodeMissing,
    InstallCodeNeededTwice,
    InstallCodeNotHexadecimal,
    InstallCodesDiffer,
    InstallCodeWrongLength,
    LegacyLength,
    NoteHoldsInstallCode,
    check_digits,
    corrections,
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
        ("83FED3407A93", InstallCodeLooksLegacy),
        ("83FED3407A932B70470F", InstallCodeLooksLegacy),
        ("83FED3407A939723A5C639B2", InstallCodeLooksLegacy),
        ("83FED3407A939723A5C639B2AD8B", InstallCodeLooksLegacy),
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


LEGACY = [
    (LegacyLength.SIX, "83FED3407A93", "2B70"),
    (LegacyLength.EIGHT, "83FED3407A932B70", "470F"),
    (LegacyLength.TWELVE, "83FED3407A939723A5C639B2", "AD8B"),
]


@pytest.mark.parametrize(("length", "bare", "check"), LEGACY)
def test_a_legacy_code_is_read_only_when_its_length_is_named(length: LegacyLength, bare: str, check: str) -> None:
    code = parse(f"IC: {bare} {check}", legacy_length=length)
    assert (code.checked, code.hex, code.with_crc) == (True, bare, bare + check)
    with pytest.raises(InstallCodeNeededTwice):
        parse(bare, legacy_length=length)
    with pytest.raises(InstallCodesDiffer):
        parse(bare, again=f"38{bare[2:]}", legacy_length=length)
    assert parse(bare, again=bare.lower(), legacy_length=length) == code
    with pytest.raises(InstallCodeCheckDigitsDoNotMatch):
        parse(f"{bare}{check[2:]}{check[:2]}", legacy_length=length)
    for placeholder in ("0" * len(bare), "F" * len(bare)):
        with pytest.raises(InstallCodeIsPlaceholder):
            parse(placeholder, again=placeholder, legacy_length=length)
    for text in (FULL, BARE, bare[:-2]):
        with pytest.raises(InstallCodeWrongLength) as caught:
            parse(text, again=text, legacy_length=length)
        assert f"An install code of {length.value} bytes has {len(bare) + 4} digits" in caught.value.message


def test_sixteen_digits_are_asked_about_until_the_length_is_named() -> None:
    both = "83FED3407A932B70"
    with pytest.raises(InstallCodeLengthAmbiguous) as caught:
        parse(both, again=both)
    assert caught.value.field == "legacy_length"
    assert "6 bytes" in caught.value.way_out
    assert "8 bytes" in caught.value.way_out
    assert parse(both, legacy_length=LegacyLength.SIX).hex == "83FED3407A93"
    assert parse(both, again=both, legacy_length=LegacyLength.EIGHT).hex == both


def test_a_short_code_is_told_of_the_legacy_length_that_fits() -> None:
    with pytest.raises(InstallCodeLooksLegacy) as caught:
        read("83FED3407A939723A5C639B2")
    assert caught.value.message.endswith("this has 24.")
    assert "choose the legacy length of 12 bytes" in caught.value.way_out


def test_one_mistyped_digit_has_one_correction() -> None:
    [found] = corrections("IC: 83FE D340 7A93 9723 A5C6 39B2 6916 D508 C3B5")
    assert (found.digits, found.places, found.is_swap) == (FULL, (31,), False)
    assert FULL not in repr(found)
    assert BARE[:8] not in repr(found)


def test_two_swapped_neighbours_have_one_correction() -> None:
    [found] = corrections(f"38{FULL[2:]}")
    assert (found.digits, found.places, found.is_swap) == (FULL, (0, 1), True)


def test_a_mistyped_check_digit_is_corrected_as_any_other() -> None:
    [found] = corrections(f"{BARE}C3B6")
    assert (found.digits, found.places) == (FULL, (35,))


@pytest.mark.parametrize(("length", "bare", "check"), LEGACY)
def test_legacy_codes_have_corrections_too(length: LegacyLength, bare: str, check: str) -> None:
    assert [each.digits for each in corrections(f"93{bare[2:]}{check}", legacy_length=length)] == [bare + check]


@pytest.mark.parametrize("text", ["", "rubbish", FULL, BARE, f"{FULL}0", f"{BARE}B5C3", "0" * 36])
def test_what_is_right_or_no_single_slip_has_no_correction(text: str) -> None:
    assert corrections(text) == []


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
    "MPAN 5233425377275, firmware C8B007EE, 23/11/2026 21:23, 09/03/2026 14:14, MPAN 3862540988250",
    "firmware 1CBB78DF, 2026-03-12 19:11, 03930 961 4833, model A8D3",
    "from 00-DB-12-34-56-78-90-A0 to 90-B3-D5-1F-30-01-00-AF and card 5123412341234123",
    "IS IT LOOSE? SO IS OILS LOSS: SIZE 10, ZOO 5, SILO 12, 2 LOOS, 31 OZ, 12 SOLOS, 4 LOLS, 10 SIZZLES",
    "octets 12, 40, 255, 0, 1, 18, 33, 7, 9, 200, 201, 202, 13, 14, 15, 16, 17, 19, 20",
    "see https://portal.example/devices/00-DB-12-34-56-78-90-A0/history/2026/08/12/electroencephalographs==",
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


HALVES = FULL[:16], FULL[16:]


@pytest.mark.parametrize(
    "text",
    [
        f"the first half is {HALVES[0]} and the second half is {HALVES[1]}",
        "starts 83FED340 then 7A939723 then A5C639B2 then 6916D505 and ends C3B5, I think",
        "first 83-FE-D3-40-7A-93-97-23 then A5-C6-39-B2-69-16-D5-05, check digits C3-B5",
        f"one {BARE[:16]} and two {BARE[16:]}",  # no Device ID begins with an odd octet, such as 83
        FULL.replace("0", "O"),
        FULL.replace("1", "l").replace("5", "S"),
        " ".join(FULL[at : at + 4] for at in range(0, 36, 4)).replace("0", "o"),
        f"bytes {', '.join(str(each) for each in bytes.fromhex(FULL))}",
        f"b64 {base64.b64encode(bytes.fromhex(FULL)).decode()}",
        f"b64 {base64.b64encode(bytes.fromhex(BARE)).decode()}",
        f"b64 {base64.urlsafe_b64encode(FULL.encode()).decode()}",
        "%".join(["", *(RTDS[at : at + 2] for at in range(0, 32, 2))]),
        FULL.translate(str.maketrans("ABCE", "\u0410\u0412\u0421\u0415")),
        "\u0301".join(FULL),
        "the gas meter's is 83FED3407A932B70 470F",
        "short: 83FED3407A939723A5C639B2AD8B",
    ],
)
def test_a_code_in_disguise_is_noticed(text: str) -> None:
    assert holds_install_code(text)
    assert holds_install_code(f"Hello,\n{text}\nthanks, Deb, 12/08/2026")


def test_the_refusal_points_to_the_sealed_field_without_the_text() -> None:
    refusal = NoteHoldsInstallCode.at("reason")
    assert refusal.field == "reason"
    assert "under Install code" in refusal.way_out
