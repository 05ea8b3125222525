"""The floor under the portal's pages: a bare Django view with the same SELECTs and the same template.

Served by a gunicorn of its own beside the portal's. When it starts it asks the portal's own view for each page
once, notes what SELECTs it sent and what its template was given, and makes plain values of that. From then on a
page is those SELECTs through psycopg and that template: no middleware, no session, no ORM, no access check.
"""

import json
import os
import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.test import Client
from django.test.signals import template_rendered
from django.test.utils import setup_test_environment, teardown_test_environment
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from bench import FLOOR_PLAN
from bench.plain import plain


@dataclass(frozen=True, slots=True)
class FloorPage:
    """What a page of the portal comes down to."""

    statements: list[tuple[str, Any]]
    template: str
    context: dict[str, Any]


class _Watched:
    """What one page sent to the database, and the first template it rendered, with what that was given."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []
        self.rendered: tuple[str, dict[str, Any]] | None = None

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith("SELECT") and "set_config" not in sql:
            self.statements.append((sql, params))
        return execute(sql, params, many, context)

    def template(self, *, template: Any, context: Any, **_more: object) -> None:
        if self.rendered is None:
            self.rendered = (template.name, context.flatten())


def _page(client: Client, address: str) -> FloorPage:
    """Ask the portal for a page and return what it comes down to."""
    watched = _Watched()
    template_rendered.connect(watched.template)
    try:
        with connection.execute_wrapper(watched.statement):
            response = client.get(address)
    finally:
        template_rendered.disconnect(watched.template)
    if response.status_code != 200 or watched.rendered is None:  # noqa: PLR2004 - OK
        raise RuntimeError(f"{address} answers {response.status_code}")
    template, context = watched.rendered
    return FloorPage(watched.statements, template, {key: plain(value) for key, value in context.items()})


def _pages() -> dict[str, FloorPage]:
    plan = json.loads(Path(os.environ[FLOOR_PLAN]).read_text(encoding="utf-8"))
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies[settings.SESSION_COOKIE_NAME] = plan["session"]
    setup_test_environment(debug=False)  # without it templates do not tell that they are rendered
    try:
        return {address: _page(client, address) for address in plan["addresses"]}
    finally:
        teardown_test_environment()
        connection.close()


_mine = threading.local()


def _database() -> psycopg.Connection[Any]:
    """Return this thread's connection, kept as the portal keeps its own."""
    if not hasattr(_mine, "database"):
        _mine.database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    database: psycopg.Connection[Any] = _mine.database
    return database


@csrf_exempt
def serve(request: HttpRequest) -> HttpResponse:
    """Send the page's SELECTs and render its template."""
    page = PAGES[request.get_full_path()]
    for statement, params in page.statements:
        _database().execute(statement, params).fetchall()
    return HttpResponse(_templates[page.template].render(Context(dict(page.context))))


application = get_wsgi_application()
PAGES = _pages()
portal_urls = import_module(settings.ROOT_URLCONF).urlpatterns
_templates = {page.template: Engine.get_default().get_template(page.template) for page in PAGES.values()}
urlpatterns = [re_path("", serve), *portal_urls]  # the portal's, for the links in its templates
settings.ROOT_URLCONF = "bench.floor"
settings.MIDDLEWARE = []
application = get_wsgi_application()
