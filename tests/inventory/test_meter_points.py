"""MPANs and MPRNs: told apart by length, check digits only for people."""

import pytest

from inventory.meter_points import (
    MpxnKind,
    NotAMeterPoint,
    kind_of,
    mpan_check_digit,
    mprn_check_digits,
    parse_typed,
)


@pytest.mark.parametrize(
    ("digits", "kind"),
    [
        ("1312345678111", MpxnKind.MPAN),  # of the public DUIS test set, with wrong check digits
        ("1000999888", MpxnKind.MPRN),  # likewise
        ("1", MpxnKind.MPRN),
        ("12345678901", None),
        ("123456789012", None),
        ("12345678901234", None),
        ("", None),
        ("12345a", None),
        ("\u0661\u0662", None),
    ],
)
def test_the_length_tells_the_kind(digits: str, kind: MpxnKind | None) -> None:
    assert kind_of(digits) == kind


@pytest.mark.parametrize("mpan", ["2000007794886", "2000020479229", "1200031501010"])
def test_check_digit_of_real_mpans(mpan: str) -> None:
    assert mpan_check_digit(mpan[:12]) == mpan[12]
    assert parse_typed(mpan).check_digits_match


@pytest.mark.parametrize(
    ("mpan", "expected"), [("1312345678111", "8"), ("1312345678222", "4"), ("1312345678333", "0")]
)
def test_check_digit_of_published_samples_is_wrong_and_they_are_still_taken(mpan: str, expected: str) -> None:
    assert mpan_check_digit(mpan[:12]) == expected
    typed = parse_typed(mpan)
    assert typed.digits == mpan
    assert not typed.check_digits_match


def test_check_digits_of_mprns() -> None:
    assert mprn_check_digits("39384244") == "03"
    assert mprn_check_digits("10009998") == "09"
    assert parse_typed("3938424403").check_digits_match
    assert not parse_typed("1000999888").check_digits_match
    assert not parse_typed("7").check_digits_match


@pytest.mark.parametrize(
    "text",
    [
        "2000007794886",
        " 20 0000 7794 886 ",
        "20-0000-7794-886",
        "02801100/2000007794886",
        "02 801 100 20 00007794 886",
    ],
)
def test_a_typed_mpan_gives_its_core(text: str) -> None:
    typed = parse_typed(text)
    assert (typed.kind, typed.digits, str(typed), typed.distributor) == (
        MpxnKind.MPAN,
        "2000007794886",
        "2000007794886",
        "20",
    )


def test_an_mprn_keeps_its_zeros_and_has_no_distributor() -> None:
    typed = parse_typed("0012345678")
    assert (typed.kind, typed.digits, typed.distributor) == (MpxnKind.MPRN, "0012345678", None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "nothing was given"),
        ("12345678901", "this has 11"),
        ("12345678901234", "this has 14"),
        ("2000007794886.0", "no digit"),
        ("MPAN", "no digit"),
    ],
)
def test_what_is_none_is_refused_with_a_way_out(text: str, problem: str) -> None:
    with pytest.raises(NotAMeterPoint, match=problem) as caught:
        parse_typed(text)
    assert caught.value.way_out


@pytest.mark.parametrize("body", ["", "12345678901", "1234567890123", "12345678901a"])
def test_check_digit_of_something_else_is_a_mistake_of_the_program(body: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        mpan_check_digit(body)


def test_check_digits_of_something_else_are_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="1 to 8 digits"):
        mprn_check_digits("123456789")
