"""EUI-64 for every eight octets, however they are written."""

from hypothesis import given
from hypothesis import strategies as st

from ssi.eui64 import Eui64, NotAnEui64

octets = st.binary(min_size=8, max_size=8)


@given(octets)
def test_every_value_survives_every_form(raw: bytes) -> None:
    value = Eui64.from_bytes(raw)
    assert bytes(value) == raw
    assert Eui64.parse(str(value)) == Eui64.parse(value.plain) == Eui64.from_bigint(value.as_bigint) == value
    assert -(2**63) <= value.as_bigint < 2**63
    assert value.plain == raw.hex().upper()


@given(
    octets,
    st.sampled_from(["", "-", ":", " ", "\u2013", "\u00a0"]),
    st.booleans(),
    st.sampled_from([1, 2, 4]),
)
def test_separators_and_case_do_not_matter(raw: bytes, separator: str, lower: bool, per_group: int) -> None:
    text = separator.join(raw[at : at + per_group].hex() for at in range(0, 8, per_group))
    assert Eui64.parse(text if lower else text.upper()) == Eui64.from_bytes(raw)


@given(octets, octets)
def test_order_is_that_of_the_column(one: bytes, other: bytes) -> None:
    first, second = Eui64.from_bytes(one), Eui64.from_bytes(other)
    assert (first < second) == (first.as_bigint < second.as_bigint)
    assert (first == second) == (one == other)
    assert first != second or hash(first) == hash(second)


@given(st.text())
def test_any_text_is_a_value_or_a_refusal(text: str) -> None:
    try:
        value = Eui64.parse(text)
    except NotAnEui64:
        return
    assert Eui64.parse(str(value)) == value
