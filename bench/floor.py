"""The floor under the portal's pages: a bare Django view with the same SELECTs and the same template.

Served by a gunicorn of its own beside the portal's, set up alike. The first time a page is asked for, its worker
asks the portal's own view for it, for the person whose cookie was sent, notes what SELECTs it sent and what its
template was given, and makes plain values of that. From then on a page is those SELECTs through psycopg, all rows
fetched, and that template: no middleware, no session, no ORM, no access check. What is no page is in
`bench/floors/`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib import import_module
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import Context, Engine, Template
from django.test import Client
from django.urls import path, re_path
from django.urls.base import clear_script_prefix, get_urlconf, set_urlconf
from django.views.decorators.csrf import csrf_exempt

from bench import floors
from bench.plain import plain


@dataclass(frozen=True, slots=True)
class FloorPage:
    """What a page of the portal comes down to."""

    statements: list[tuple[str, Any]]
    template: Any = None
    context: dict[str, Any] = field(default_factory=dict)
    leads_to: str = ""

    def answer(self) -> HttpResponse:
        """Lead to where the portal leads, or render the template from the plain values."""
        if self.leads_to:
            return HttpResponseRedirect(self.leads_to)
        return HttpResponse(self.template.render(Context(dict(self.context))))


class FloorAsksMore(Exception):  # noqa: N818 - it says what is wrong with the floor
    """The floor sent a statement of its own while it rendered: a value was not plain."""


class _Watched:
    """What one page sent to the database, and the first template it rendered, with what that was given."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []
        self.rendered: tuple[str, dict[str, Any]] | None = None

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if is_read(sql):
            self.statements.append((sql, params))
        return execute(sql, params, many, context)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what happens inside."""
        render = Template._render  # type: ignore[attr-defined] # every template goes through it, as tests do

        def noted(template: Any, context: Any) -> Any:
            if self.rendered is None:
                self.rendered = (template.name, context.flatten())
            return render(template, context)

        with connection.execute_wrapper(self.statement), mock.patch.object(Template, "_render", noted):
            yield


def is_read(sql: str) -> bool:
    """Tell whether a statement is a query of the page's, and not one about the connection."""
    begins = sql.lstrip().upper()
    return begins.startswith(("SELECT", "WITH")) and "set_config" not in sql


def learned(address: str, session: str) -> FloorPage:
    """Ask the portal for a page and return what it comes down to. Raises RuntimeError, FloorAsksMore."""
    watched, client = _Watched(), Client(SERVER_NAME="127.0.0.1")
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    with watched.watching():
        response = client.get(address)
    if response.status_code == HTTPStatus.FOUND:
        return FloorPage(watched.statements, leads_to=response["Location"])
    if response.status_code != HTTPStatus.OK or watched.rendered is None:
        raise RuntimeError(f"{address} answers {response.status_code}")
    template, context = watched.rendered
    values = {key: plain(value) for key, value in context.items()}
    page = FloorPage(watched.statements, Engine.get_default().get_template(template), values)
    with connection.execute_wrapper(_refused):
        page.answer()
    return page


def _refused(_execute: Any, sql: str, *_more: Any) -> Any:
    raise FloorAsksMore(sql)


_pages: dict[str, FloorPage] = {}
_learning = threading.Lock()


def _page(request: HttpRequest) -> FloorPage:
    address = request.get_full_path()
    if address not in _pages:
        with _learning:
            urls = get_urlconf()
            try:
                _pages[address] = learned(address, request.COOKIES[settings.SESSION_COOKIE_NAME])
            finally:
                set_urlconf(urls)
                clear_script_prefix()
                connection.close()
    return _pages[address]


def serve(request: HttpRequest) -> HttpResponse:
    """Send the page's SELECTs and answer as it does."""
    page = _page(request)
    database = floors.database()
    for statement, params in page.statements:
        database.execute(statement, params).fetchall()
    return page.answer()


class FloorRequest(WSGIRequest):
    """A request that goes by the floor's addresses, not by the portal's."""

    urlconf = "bench.floor"


class FloorHandler(WSGIHandler):
    """Django's own handler, without any middleware."""

    request_class = FloorRequest

    def load_middleware(self, is_async: bool = False) -> None:
        """Load none."""
        kept, settings.MIDDLEWARE = settings.MIDDLEWARE, []
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = kept


get_wsgi_application()
application = FloorHandler()
urlpatterns = [
    *(path(f"-/{name}/", csrf_exempt(view)) for name, view in floors.views().items()),
    re_path("", csrf_exempt(serve)),
    *import_module(settings.ROOT_URLCONF).urlpatterns,  # the portal's, for the links in its templates
]
