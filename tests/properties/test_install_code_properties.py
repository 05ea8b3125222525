"""Install codes for every 16 bytes: read back, refused without a trace, noticed in free text."""

import base64
import re
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import assume, given, settings
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


words = st.sampled_from([" and then ", " the second part: ", "\nnext ", " (is) ", " plus "])


@given(random_codes, st.lists(st.integers(1, 35), min_size=1, max_size=4, unique=True), st.data())
def test_a_code_with_check_digits_broken_up_by_words_is_noticed(
    code: InstallCode, cuts: list[int], data: st.DataObject
) -> None:
    digits, ends = code.with_crc, [*sorted(cuts), 36]
    parts = [digits[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    assume(not any(part.isalpha() for part in parts))  # such as "bad" or "face": words
    assume(sum(digit.isalpha() for digit in digits) >= 4)
    assert holds_install_code("".join(part + data.draw(words) for part in parts))


@given(random_codes)
def test_a_code_with_check_digits_is_noticed_in_other_notations(code: InstallCode) -> None:
    octets = bytes.fromhex(code.with_crc)
    assert holds_install_code(f"It is {list(octets)}")
    assert holds_install_code(f"It is {base64.b64encode(octets).decode()}, thanks")
    assert holds_install_code(f"It is {code.with_crc.replace('0', 'O').replace('1', 'I')}")


MAKERS = ("00DB12", "90B3D5", "1E5A01", "000D6F")


@st.composite
def facts(draw: st.DrawFn) -> str:
    """Return one of the things that people write into notes."""
    number = draw(st.integers(0, 2**40 - 1))
    digits = f"{draw(st.sampled_from(MAKERS))}{number:010X}"
    return draw(
        st.sampled_from(
            [
                "-".join(digits[at : at + 2] for at in range(0, 16, 2)),
                f"MPAN {number % 10**13:013d}",
                f"{number % 28 + 1:02d}/{number % 12 + 1:02d}/2026 {number % 24:02d}:{number % 60:02d}",
                f"reading {number % 100_000:05d}",
                f"firmware {number % 2**32:08X}",
                f"0{number % 9_000 + 1_000} {number % 900 + 100} {number % 9_000 + 1_000}",
                f"INC{number % 10**12:012d}",
                f"model {number % 2**16:04X}",
                "the seal is blue, a bad bead faded",
            ]
        )
    )


@given(st.lists(facts(), max_size=12))
@settings(derandomize=True)  # a list in 65,536 has check digits that match by chance
def test_ordinary_facts_pass(known: list[str]) -> None:
    assert not holds_install_code(", ".join(known))


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
