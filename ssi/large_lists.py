"""Lists of the desk over tables too large to be counted or searched through: the first page, and exact finds."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property


class FirstPage(Paginator):  # type: ignore[type-arg]  # generic for type checkers only
    """The first page of a table too large to count: whoever looks for something else searches for it."""

    num_pages = 1
    is_first_page_only = True

    @cached_property
    def count(self) -> int:
        """Return how many rows the first page has, one more if there are more: else the admin shows them all."""
        rows: Any = self.object_list
        return len(rows[: self.per_page + 1].values_list("pk"))


class FoundByKey(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """A page whose search probes indexes, one after the other, where the admin's own would join them by OR.

    `search_fields` only have the admin show the search box; `probes` find.
    """

    probes: tuple[Callable[[Sequence[str]], Sequence[int]], ...] = ()
    """Each returns the keys of some of the newest rows that one of the given spellings names, by an index."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return what is named in full by what was typed."""
        typed = search_term.strip()
        if not typed:
            return queryset, False
        spellings = spellings_of(typed)
        return queryset.filter(pk__in={key for probe in type(self).probes for key in probe(spellings)}), False


def spellings_of(typed: str) -> Sequence[str]:
    """Return in which ways it may be stored: e-mail addresses are in small letters, references in capitals."""
    return sorted({typed, typed.lower(), typed.upper()})
