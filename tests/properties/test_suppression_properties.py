"""What is shown of a column of counts never says more of a small one than that it is small."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from incidents.suppression import LEAST, Hidden, suppressed

COUNTS = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 60)), max_size=6)
BEYOND = 100
"""More than any count above: what is withheld may be anything from LEAST on."""


def could_be(shown: list[int | Hidden], rest: int, place: int, value: int) -> bool:
    """Tell whether a hidden count may be `value` if the hidden ones add up to `rest`."""
    others = [each for at, each in enumerate(shown) if at != place and isinstance(each, Hidden)]
    ranges = [range(LEAST) if each is Hidden.FEW else (LEAST, BEYOND) for each in others]
    lowest = sum(min(each) for each in ranges)
    highest = sum(max(each) for each in ranges) if Hidden.WITHHELD not in others else float("inf")
    return lowest <= rest - value <= highest


@given(COUNTS)
def test_nobody_learns_a_small_count(counts: list[int]) -> None:
    shown, may_show_sum = suppressed(counts)
    for count, each in zip(counts, shown, strict=True):
        assert (each is Hidden.FEW) == (count < LEAST)
        assert isinstance(each, Hidden) or each == count
    if not may_show_sum:
        return
    rest = sum(counts) - sum(each for each in shown if not isinstance(each, Hidden))
    for place, each in enumerate(shown):
        if each is Hidden.FEW:
            assert all(could_be(shown, rest, place, value) for value in range(LEAST))


@given(COUNTS)
def test_nothing_is_withheld_without_need(counts: list[int]) -> None:
    shown, may_show_sum = suppressed(counts)
    if min(counts, default=LEAST) >= LEAST:
        assert shown == counts
        assert may_show_sum
    withheld = [count for count, each in zip(counts, shown, strict=True) if each is Hidden.WITHHELD]
    visible = [each for each in shown if not isinstance(each, Hidden)]
    assert max(withheld, default=0) <= min(visible, default=BEYOND)
    assert may_show_sum or not visible


def test_every_column_of_three_small_ones() -> None:
    for counts in product(range(LEAST), repeat=3):
        shown, may_show_sum = suppressed(counts)
        assert shown == [Hidden.FEW] * 3
        assert may_show_sum == (LEAST <= sum(counts) <= 2 * (LEAST - 1))
