"""Every address of the portal, as the URLconf has it, with made-up things in the place of its parameters."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from ssi.access.decorators import Access, access_of

SAMPLES = {
    "int": "4711",
    "str": "INC000000004711",
    "reference": "INC000000004711",
    "path": "4711",
    "slug": "nowhere",
    "uuid": "8d3a4c1e-7f21-4a55-9e1b-2f6f1c0a9b7d",
    "eui64": "00-DB-12-00-00-00-47-11",
}
"""What stands for a parameter, by its converter: things that do not exist."""

_EXPRESSIONS = (
    (re.compile(r"\(\?P<uidb36>.*?\)-\(\?P<key>.*?\)"), "1-0"),
    (re.compile(r"\(\?P<app_label>.*?\)"), "accounts"),
    (re.compile(r"\(\?P<url>.*?\)"), "nowhere"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """One address; `has_parameters` if it names a thing, which then does not exist. `route` has the parameters."""

    url: str
    view: Callable[..., Any]
    has_parameters: bool
    route: str = ""

    @property
    def access(self) -> Access | None:
        """Return what the view declares."""
        return access_of(self.view)


def every_address() -> list[Address]:
    """Return every address that the portal answers."""
    return list(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> Iterator[Address]:
    for each in patterns:
        route = prefix + _text_of(each)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, route)
        else:
            url = _filled(route)
            yield Address(url=url, view=each.callback, has_parameters=url != route, route=route)


def _text_of(each: URLPattern | URLResolver) -> str:
    text = str(each.pattern)
    return (
        text.removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(each.pattern, RegexPattern)
        else text
    )


def _filled(route: str) -> str:
    for expression, sample in _EXPRESSIONS:
        route = expression.sub(sample, route)
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], route)
