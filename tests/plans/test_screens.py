"""No screen scans a large table: every address, with every filter its page offers, as everybody who may see it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from ssi.access.decorators import Requires, SignedIn
from ssi.accounts.models import Person
from tests.architecture.urls import Address, every_address
from tests.personas import actor_of, client_of
from tests.plans.exceptions import ALLOWED, NOT_SHOWN
from tests.plans.guard import Guard
from tests.plans.things import Things
from tests.tokens import bearer

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("plans")]

CALLERS = ("gina", "ivan", "aroha", "sunil", "nils", "dana")
"""A large supplier, its competitor, officers, a network operator, the desk: each sees other pages."""

CALLERS_OF_API = {"gina", "ivan"}

MOST_LINES = 1_200
"""Of a download so many are read: two of its queries."""

MOST_FILTERS = 12
"""Of a page so many choices are opened."""

READ = {HTTPStatus.OK, HTTPStatus.FOUND}
REFUSED = {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.FORBIDDEN}
"""A page that is only sent, or that the desk may not open: it is there, and shows nothing."""

API = "/api/"


class _Filters(HTMLParser):
    """What a page lets one choose: the options of its GET forms, and the way to the next page."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__()
        self.texts, self.queries = texts, set[str]()
        self._name = ""
        self._is_filter = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_filter = given.get("method", "get").lower() == "get" and not given.get("action")
        elif tag == "select":
            self._name = given.get("name", "") if self._is_filter else ""
        elif tag == "option" and self._name and given.get("value"):
            self.queries.add(urlencode({self._name: given["value"]}))
        elif tag == "input" and self._is_filter and given.get("name") in self.texts:
            self.queries.add(urlencode({given["name"]: self.texts[given["name"]]}))
        elif tag == "a" and re.fullmatch(r"\?[^#]*", given.get("href", "")):
            self.queries.add(given["href"].removeprefix("?"))

    def chosen(self) -> list[str]:
        """Return some choices of each field: the first, the last and one between."""
        by_field: dict[str, list[str]] = {}
        for query in sorted(self.queries):
            by_field.setdefault(query.split("=")[0], []).append(query)
        return [each for some in by_field.values() for each in sorted({some[0], some[-1], some[len(some) // 2]})]


def _body(answer: Any) -> str:
    if answer.streaming:
        begun: str = b"".join(islice(answer.streaming_content, MOST_LINES)).decode()
        answer._iterator.close()  # as when somebody closes their browser
        return begun
    return bytes(answer.content).decode(errors="replace")


def _filtered(answer: Any, page: str, things: Things) -> list[str]:
    if "html" not in answer.get("Content-Type", ""):
        return []
    filters = _Filters(dict(things.texts))
    filters.feed(page)
    return filters.chosen()


def _pages(person: Person, *, of_api: bool) -> Iterator[Address]:
    actor = actor_of(person)
    for address in every_address():
        access = address.access
        may = isinstance(access, SignedIn) or (
            isinstance(access, Requires) and any(actor.may(each) for each in access.components)
        )
        if (address.url.startswith(API) and of_api) or (may and not of_api):
            yield address


def _walked(client: Client, pages: Iterator[Address], guard: Guard, things: Things) -> tuple[list[str], set[str]]:
    """Open each page of each thing with its filters; return the faults, and the routes that were answered."""
    faults, answered = [], set()
    for address in pages:
        for url in things.addresses(address):
            to_open, opened = [url], 0
            while to_open and opened < MOST_FILTERS:
                now, opened = to_open.pop(), opened + 1
                with guard.listening() as heard:
                    answer = client.get(now)
                    page = _body(answer)
                if answer.status_code in READ | REFUSED:
                    answered.add(address.route)
                if now == url:
                    to_open += [f"{url}?{query}" for query in _filtered(answer, page, things)]
                faults += [
                    f"{now}: {fault}"
                    for fault in guard.faults(address.route, heard)
                    if not any(route == address.route and words in fault for route, words in ALLOWED)
                ]
    return faults, answered


def test_no_screen_scans_a_large_table_and_none_escapes(guard: Guard, things: Things) -> None:
    """Every address was answered to somebody, or stands with its reason among those that show nothing.

    One test, since only who has walked them all can tell which was left out.
    """
    faults, answered = [], set[str]()
    for caller in CALLERS:
        account = Person.objects.get(email__startswith=f"{caller}@")
        walks = [_walked(client_of(account), _pages(account, of_api=False), guard, things)]
        if caller in CALLERS_OF_API:
            program = Client(headers=bearer(account))
            walks.append(_walked(program, _pages(account, of_api=True), guard, things))
        for found, routes in walks:
            faults += found
            answered |= routes
    assert not faults, "\n".join(faults)
    expected = {
        each.route
        for each in every_address()
        if each.url.startswith(API) or isinstance(each.access, Requires | SignedIn)
    }
    assert sorted(expected - answered - NOT_SHOWN.keys()) == []
    assert guard.queries > 500
