"""Floors that lines write themselves: one module each, for what is not a page asked for by GET.

`bench/floors/<name>.py` holds `serve(request) -> HttpResponse`: a Django view that does the same work bare, by
psycopg on `database()`. The floor's server, the same gunicorn as the portal's, answers every method on
`/-/<name>/` with it, without middleware and without the token that CSRF asks for. A line asks both in turn:

    ours = Ask("/api/v1/install-code-requests", "POST", headers=token, body=body)
    bare = Ask(address_of("raise_one"), "POST", body=body)
    turns = alternated((portal(), [ours]), (floor(), [bare]))

A floor does what is measured and no less: the same rows into the same tables with the same keys, committed; it
may know beforehand whatever does not depend on what is asked.
"""

import os
import pkgutil
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

import psycopg
from django.http import HttpRequest, HttpResponse

View = Callable[[HttpRequest], HttpResponse]

_mine = threading.local()


def database() -> psycopg.Connection[Any]:
    """Return this thread's own connection, kept as the portal keeps its own; each statement commits by itself."""
    if not hasattr(_mine, "database"):
        _mine.database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    kept: psycopg.Connection[Any] = _mine.database
    return kept


def address_of(name: str) -> str:
    """Return where the floor's server answers with the floor of that name."""
    return f"/-/{name}/"


def views() -> dict[str, View]:
    """Return each floor's view by its name."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return {name: import_module(f"bench.floors.{name}").serve for name in names}
