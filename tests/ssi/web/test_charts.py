"""Charts of columns: their places, and the line of their limit."""

from ssi.web.charts import Column, ColumnChart


def chart(*columns: Column) -> ColumnChart:
    return ColumnChart("Messages a day", "In words.", columns, "Mon", "Sun")


def test_the_highest_of_values_and_limits_fits_in() -> None:
    low, high = chart(Column(50, 90), Column(100, 90)).standing
    assert (low.is_above, high.is_above) == (False, True)
    assert 0 < high.y < low.y < 100
    assert high.y + high.height == 100
    assert low.limit_at is not None
    assert high.y < low.limit_at < low.y
    assert low.limit_ends == high.x


def test_a_limit_far_above_is_left_out_and_the_columns_stay_high() -> None:
    far = chart(Column(50, 1_000), Column(100, 1_000))
    assert not far.has_line
    assert max(each.height for each in far.standing) > 90


def test_a_limit_of_some_days_is_drawn_on_those() -> None:
    places = chart(Column(5), Column(9, 7), Column(5)).standing
    assert [each.limit_at is not None for each in places] == [False, True, False]


def test_nothing_sent_draws_nothing_high() -> None:
    empty = chart(Column(0, 5), Column(0))
    assert [each.height for each in empty.standing] == [0, 0]
    assert (empty.width, empty.height) == (40, 100)
    assert chart().standing == []
