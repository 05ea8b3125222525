"""Days and times typed into filters: London's, whatever they are written like."""

from datetime import UTC, datetime

import pytest

from inventory.forms.moments import MomentField, NotAMoment, parsed


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("26/08/2026", datetime(2026, 8, 25, 23, tzinfo=UTC), datetime(2026, 8, 26, 23, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC)),
        ("26/08/2026 17:30", datetime(2026, 8, 26, 16, 30, tzinfo=UTC), datetime(2026, 8, 26, 16, 31, tzinfo=UTC)),
        ("1/2/2026, 9:05", datetime(2026, 2, 1, 9, 5, tzinfo=UTC), datetime(2026, 2, 1, 9, 6, tzinfo=UTC)),
        ("2026-02-01T09:05", datetime(2026, 2, 1, 9, 5, tzinfo=UTC), datetime(2026, 2, 1, 9, 6, tzinfo=UTC)),
        # the hour that comes twice, and the day that has 25
        ("25/10/2026 01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 31, tzinfo=UTC)),
        ("25/10/2026", datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)),
        ("25/10/2026 01:59", datetime(2026, 10, 25, 0, 59, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)),
        # the hour that never is
        ("29/03/2026 01:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 29, 0, 31, tzinfo=UTC)),
    ],
)
def test_a_day_or_minute_begins_and_ends_in_london(text: str, begins: datetime, ends: datetime) -> None:
    assert parsed(text, is_end=False) == begins
    assert parsed(text, is_end=True) == ends


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "31/02/2026",
        "26/08/26",
        "26/08/2026 25:00",
        "26/08/2026 5pm",
        "01/01/1999",
        "01/01/2100",
        "1/1/9999 x",
    ],
)
def test_what_is_neither_says_how_to_write_it(text: str) -> None:
    with pytest.raises(NotAMoment) as refused:
        MomentField(required=False).clean(text)
    assert "26/08/2026" in str(refused.value.suggestion)


def test_blank_is_no_moment() -> None:
    assert MomentField(required=False).clean("  ") is None
