"""Install codes for every 16 bytes: read back, refused without a trace, noticed in free text."""

import re
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory.install_code import (
    InstallCode,
    LegacyLength,
    corrections,
    crc16_x25,
    holds_install_code,
    parse,
    read,
)
from ssi.refusals import Refusal

codes = (
    st.binary(min_size=16, max_size=16).filter(lambda raw: raw not in (bytes(16), b"\xff" * 16)).map(InstallCode)
)
# Such as manufacturers make: drawn evenly, where hypothesis prefers zeros.
random_codes = st.integers().map(lambda seed: InstallCode(Random(seed).randbytes(16)))
even_gaps = st.sampled_from(["", " ", "-", ":", "\n", "\r\n", ".", "\u00a0", "\u200b", "_"])
gaps = st.sampled_from(["", "", "", " ", "-", ":", "\n", "\r\n", ".", ", ", "\u00a0", "\u200b", "_"])


def spelt(draw: Callable[[st.SearchStrategy[str]], str], digits: str) -> str:
    text = "".join(each + draw(gaps) for each in digits)
    return text.lower() if draw(st.sampled_from(["lower", "upper"])) == "lower" else text


@given(codes, st.data())
def test_reads_back_whatever_stands_between_the_digits(code: InstallCode, data: st.DataObject) -> None:
    assert parse(spelt(data.draw, code.with_crc)) == code
    assert parse(spelt(data.draw, code.hex), again=spelt(data.draw, code.hex)) == code


@given(codes, st.integers(0, 35), st.sampled_from("0123456789ABCDEF"))
def test_no_single_mistyped_digit_gets_through(code: InstallCode, at: int, digit: str) -> None:
    right = code.with_crc
    assume(right[at] != digit)
    with pytest.raises(Refusal) as caught:
        read(right[:at] + digit + right[at + 1 :])
    told = str(caught.value).upper()
    assert code.hex not in told
    assert code.with_crc[32:] not in told


@given(codes, st.integers(0, 34))
def test_no_swapped_pair_gets_through(code: InstallCode, at: int) -> None:
    right = code.with_crc
    assume(right[at] != right[at + 1])
    wrong = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
    with pytest.raises(Refusal):
        read(wrong)


lengths = st.sampled_from([None, *LegacyLength])


@st.composite
def codes_of_any_length(draw: st.DrawFn) -> tuple[LegacyLength | None, InstallCode]:
    length = draw(lengths)
    size = length.octets if length else 16
    raw = draw(
        st.binary(min_size=size, max_size=size).filter(lambda raw: raw not in (bytes(size), b"\xff" * size))
    )
    return length, InstallCode(raw)


@given(codes_of_any_length(), st.data())
def test_reads_back_every_length_that_is_named(
    given_: tuple[LegacyLength | None, InstallCode], data: st.DataObject
) -> None:
    length, code = given_
    assert parse(spelt(data.draw, code.with_crc), legacy_length=length) == code
    assert parse(spelt(data.draw, code.hex), again=spelt(data.draw, code.hex), legacy_length=length) == code


@given(codes_of_any_length(), st.data())
def test_every_slip_has_itself_as_its_only_correction(
    given_: tuple[LegacyLength | None, InstallCode], data: st.DataObject
) -> None:
    length, code = given_
    right = code.with_crc
    at = data.draw(st.integers(0, len(right) - 1))
    if data.draw(st.booleans()) and at + 1 < len(right):
        wrong = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
    else:
        wrong = right[:at] + data.draw(st.sampled_from("0123456789ABCDEF")) + right[at + 1 :]
    assume(wrong != right)
    assume(len(set(wrong[:-4])) > 1)  # all zeros and all Fs are placeholders, not slips
    assert [each.digits for each in corrections(spelt(data.draw, wrong), legacy_length=length)] == [right]


@given(st.text("0123456789abcdef -:", min_size=36, max_size=50))
def test_a_correction_is_a_code_and_differs_where_it_says(text: str) -> None:
    for found in corrections(text):
        assert parse(found.digits).checked
        assert [at for at, digit in enumerate(found.digits) if digit != found.typed[at]] == list(found.places)


@given(st.binary(max_size=64))
def test_crc_of_a_message_with_its_crc_is_the_residue(message: bytes) -> None:
    assert crc16_x25(message + crc16_x25(message).to_bytes(2, "little")) == 0x0F47


@given(st.text(max_size=60) | st.text("0123456789abcdefABCDEF :-xIC", max_size=60))
def test_any_text_is_a_code_or_a_refusal_that_does_not_repeat_it(text: str) -> None:
    try:
        read(text)
    except Refusal as refusal:
        told = str(refusal)
    else:
        return
    assert not re.search("[0-9A-F]{5}", text.upper()) or text not in told


@given(random_codes, st.booleans(), st.sampled_from([1, 2, 4, 8, 16]), even_gaps)
def test_any_code_in_even_groups_is_noticed(code: InstallCode, bare: bool, size: int, gap: str) -> None:
    digits = code.hex if bare else code.with_crc
    text = gap.join(digits[at : at + size] for at in range(0, len(digits), size))
    assert holds_install_code(f"Use {text}, please")


@given(random_codes, st.data())
def test_any_code_with_check_digits_is_noticed_in_any_spelling(code: InstallCode, data: st.DataObject) -> None:
    assert holds_install_code(spelt(data.draw, code.with_crc))


@given(
    st.lists(st.integers(0, 2**40 - 1), min_size=1, max_size=6, unique=True),
    st.sampled_from(["\n", ", ", " ", "; "]),
)
def test_device_ids_of_a_manufacturer_pass_in_any_number(numbers: list[int], gap: str) -> None:
    texts = [f"00DB12{number:010X}" for number in numbers]
    dashed = ["-".join(text[at : at + 2] for at in range(0, 16, 2)) for text in texts]
    assert not holds_install_code(gap.join(dashed))
    assert not holds_install_code(gap.join(texts[:1]))


@given(st.lists(st.integers(10**12, 10**13 - 1), max_size=8), st.sampled_from(["\n", ", ", " ", " and "]))
def test_lists_of_mpans_pass(numbers: list[int], gap: str) -> None:
    assert not holds_install_code(gap.join(map(str, numbers)))
