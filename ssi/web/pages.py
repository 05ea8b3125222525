"""Keyset pages: never an OFFSET, never a COUNT, as quick at the hundred-millionth row as at the first."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from ssi.crypto import CannotOpen, open_sealed, seal
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
    descending with a leading "-". `cursor` is empty for the first page; only what this function gave out for the
    same key is one. Raises CursorUnknown.
    """
    descending = key[0].startswith("-")
    if cursor:
        names = [name.lstrip("-") for name in key]
        queryset = queryset.filter(_beyond(names, values_of(cursor, key=key), descending))
    size = min(size, LONGEST_PAGE)
    return page_from(list(queryset.order_by(*key)[: size + 1]), key=key, size=size, is_first=not cursor)


def page_from(rows: Sequence[Row], *, key: Sequence[str], size: int, is_first: bool) -> Page[Row]:
    """Return a page of `rows`, asked for in the order of `key` by other means, one more of them than `size`."""
    names = [name.lstrip("-") for name in key]
    more = len(rows) > size
    rows = rows[:size]
    following = _encode([getattr(rows[-1], name) for name in names], key) if more else None
    return Page(rows=rows, next_cursor=following, is_first=is_first)


def _beyond(names: Sequence[str], values: Sequence[Any], descending: bool) -> Q:
    """Return "the key is beyond these values": the leading column bounds the index range, the rest breaks ties."""
    step = "lt" if descending else "gt"
    beyond = Q(**{f"{names[-1]}__{step}": values[-1]})
    for name, value in zip(reversed(names[:-1]), reversed(values[:-1]), strict=True):
        beyond = Q(**{f"{name}__{step}": value}) | (Q(**{name: value}) & beyond)
    if len(names) > 1:
        beyond &= Q(**{f"{names[0]}__{step}e": values[0]})
    return beyond


def _encode(values: Sequence[Any], key: Sequence[str]) -> str:
    """Return the values sealed: a row's number in the clear would tell how much everybody else asks for."""
    text = json.dumps([value if isinstance(value, int) else str(value) for value in values])
    return base64.urlsafe_b64encode(seal(text.encode(), aad=_bound_to(key))).decode().rstrip("=")


def values_of(cursor: str, *, key: Sequence[str]) -> list[Any]:
    """Return the values of `key` beyond which a cursor's page begins. Raises CursorUnknown."""
    try:
        envelope = base64.urlsafe_b64decode(cursor[:LONGEST_CURSOR] + "=" * (-len(cursor) % 4))
        values: list[Any] = json.loads(open_sealed(envelope, aad=_bound_to(key)))
    except (binascii.Error, ValueError, CannotOpen) as wrong:
        raise CursorUnknown from wrong
    return values


def _bound_to(key: Sequence[str]) -> str:
    """Return what a cursor is sealed for: a list of another order does not open it."""
    return f"page cursor {' '.join(key)}"
