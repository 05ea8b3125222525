"""Keyset pages: never an OFFSET, never a COUNT, as quick at the hundred-millionth row as at the first."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet

from ssi.refusals import Refusal

PAGE_SIZE = 50
LONGEST_PAGE = 500
LONGEST_CURSOR = 1_000

Row = TypeVar("Row", bound=Model)


class CursorUnknown(Refusal):
    """The page marker is not one this list gave out."""

    suggestion = "Start again from the first page."
    field = "cursor"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page: its rows, and the cursor of the next one (None on the last)."""

    rows: Sequence[Row]
    next_cursor: str | None
    is_first: bool


def page_of(queryset: QuerySet[Row], *, key: Sequence[str], cursor: str = "", size: int = PAGE_SIZE) -> Page[Row]:
    """Return one page of `queryset` in the order of `key`.

    `key` names columns that together are unique and stand in one index in that order; all ascending, or all
    descending with a leading "-". `cursor` is empty for the first page. Raises CursorUnknown.
    """
    descending = key[0].startswith("-")
    names = [name.lstrip("-") for name in key]
    if cursor:
        queryset = _after(queryset, names, _decode(cursor, len(names)), descending)
    size = min(size, LONGEST_PAGE)
    rows = list(queryset.order_by(*key)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    following = _encode([getattr(rows[-1], name) for name in names]) if more else None
    return Page(rows=rows, next_cursor=following, is_first=not cursor)


def _after(
    queryset: QuerySet[Row], names: Sequence[str], values: Sequence[Any], descending: bool
) -> QuerySet[Row]:
    """Return the rows beyond a cursor's values, which may be anything that somebody made up."""
    try:
        return queryset.filter(_beyond(names, values, descending))
    except (ValueError, TypeError, ValidationError) as wrong:
        raise CursorUnknown from wrong


def _beyond(names: Sequence[str], values: Sequence[Any], descending: bool) -> Q:
    """Return "the key is beyond these values": the leading column bounds the index range, the rest breaks ties."""
    step = "lt" if descending else "gt"
    beyond = Q(**{f"{names[-1]}__{step}": values[-1]})
    for name, value in zip(reversed(names[:-1]), reversed(values[:-1]), strict=True):
        beyond = Q(**{f"{name}__{step}": value}) | (Q(**{name: value}) & beyond)
    if len(names) > 1:
        beyond &= Q(**{f"{names[0]}__{step}e": values[0]})
    return beyond


def _encode(values: Sequence[Any]) -> str:
    text = json.dumps([value if isinstance(value, int) else str(value) for value in values], cls=DjangoJSONEncoder)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, length: int) -> list[Any]:
    if len(cursor) > LONGEST_CURSOR:
        raise CursorUnknown
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as wrong:
        raise CursorUnknown from wrong
    if not isinstance(values, list) or len(values) != length or not all(map(_may_stand_in_a_cursor, values)):
        raise CursorUnknown
    return values


def _may_stand_in_a_cursor(value: object) -> bool:
    """Tell whether PostgreSQL can compare a value: a number of 64 bits, or text without NUL and surrogates."""
    if isinstance(value, str):
        return not any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in value)
    return isinstance(value, int) and -(2**63) <= value < 2**63
