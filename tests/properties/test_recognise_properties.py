"""What people paste is recognised whatever surrounds it, and any other text is refused in words."""

from hypothesis import given
from hypothesis import strategies as st

from inventory.meter_points import mpan_check_digit, mprn_check_digits, parse_typed
from inventory.recognise import Kind, recognise
from ssi.eui64 import Eui64
from ssi.refusals import Refusal

around = st.sampled_from(["", " ", '"', "'", "\u00a0", "\u200b", "\ufeff", "\n", "\t", ",", "\u201c"])
digits = st.characters(min_codepoint=48, max_codepoint=57)


@given(st.binary(min_size=8, max_size=8), around, around, st.sampled_from(["", "-", ":", " "]), st.booleans())
def test_every_device_id(raw: bytes, before: str, after: str, gap: str, lower: bool) -> None:
    text = gap.join(f"{octet:02x}" if lower else f"{octet:02X}" for octet in raw)
    found = recognise(before + text + after)
    assert (found.kind, found.value) == (Kind.DEVICE_ID, Eui64.from_bytes(raw))


@given(st.text(digits, min_size=12, max_size=12), around, around)
def test_every_mpan_with_and_without_its_first_eight(body: str, before: str, after: str) -> None:
    mpan = body + mpan_check_digit(body)
    for text in (mpan, f"02801100{mpan}", f"{mpan[:2]} {mpan[2:6]} {mpan[6:10]} {mpan[10:]}"):
        found = recognise(before + text + after)
        assert (found.kind, found.value) == (Kind.MPAN, mpan)
    assert parse_typed(mpan).check_digits_match


@given(st.text(digits, min_size=4, max_size=8), around, around)
def test_every_mprn(body: str, before: str, after: str) -> None:
    mprn = body + mprn_check_digits(body)
    found = recognise(before + mprn + after)
    assert (found.kind, found.value) == (Kind.MPRN, mprn)
    assert parse_typed(mprn).check_digits_match


@given(st.text(digits, min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_an_mpan_with_one_wrong_digit_is_mostly_noticed(body: str, at: int, off: int) -> None:
    wrong = body[:at] + str((int(body[at]) + off) % 10) + body[at + 1 :]
    # Modulo 11, then 10: remainders 0 and 10 share a digit, the only way for one wrong digit to pass.
    assert mpan_check_digit(wrong) != mpan_check_digit(body) or mpan_check_digit(body) == "0"


@given(st.text())
def test_any_text_is_recognised_or_refused_with_a_way_out(text: str) -> None:
    try:
        recognise(text)
    except Refusal as refusal:
        way_out = refusal.way_out
    else:
        return
    assert way_out
