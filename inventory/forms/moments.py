"""A moment that narrows a list: a day, or a day with a time, as London's clocks showed it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone

from ssi.web.forms import SuggestedError

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
_DAY: Final = (
    re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII),
)
_TIME: Final = re.compile(r"[T,\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})", re.ASCII)


class NotAMoment(SuggestedError):  # noqa: N818 - an answer to the user
    """A text that is neither a day nor a day with a time."""

    def __init__(self) -> None:
        super().__init__(
            "This is not a day or a time.", "Write it like 26/08/2026 or 26/08/2026 17:30.", "invalid"
        )


class MomentField(forms.CharField):
    """Gives the moment at which what was typed begins; with `is_end` the moment after it is over.

    So "26/08/2026" as an end takes in all of that day, and "26/08/2026 17:30" all of that minute.
    """

    def __init__(self, *, is_end: bool = False, **options: Any) -> None:
        self.is_end = is_end
        attrs = {"placeholder": "dd/mm/yyyy hh:mm", "autocomplete": "off", "size": 16}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), empty_value=None, **options)

    def clean(self, value: Any) -> datetime | None:
        """Return the moment, None for blank; raises NotAMoment."""
        text = super().clean(value)
        return None if text is None else parsed(str(text), is_end=self.is_end)


def parsed(text: str, *, is_end: bool) -> datetime:
    """Return the moment at which a day or minute begins in London or, as an end, the next one does."""
    found = next((match for each in _DAY if (match := each.match(text))), None)
    if found is None:
        raise NotAMoment
    rest = text[found.end() :]
    clock = _TIME.fullmatch(rest) if rest else None
    if rest and clock is None:
        raise NotAMoment
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
        minute = time(int(clock["hour"]), int(clock["minute"])) if clock else None
    except ValueError:
        raise NotAMoment from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotAMoment
    return _in_london(day, minute, is_end=is_end)


def _in_london(day: date, minute: time | None, *, is_end: bool) -> datetime:
    zone = timezone.get_default_timezone()
    if minute is None:
        return datetime.combine(day + timedelta(days=is_end), time(), tzinfo=zone).astimezone(UTC)
    # The hour that comes twice in October is meant whole: from its first beginning to its second end.
    begins = datetime.combine(day, minute.replace(fold=int(is_end)), tzinfo=zone)
    return begins.astimezone(UTC) + timedelta(minutes=is_end)
