"""A second database beside the first, in the same server, with a smaller estate: for what must not grow with it.

It is empty until it is filled, and the model of others that are needed empty for a while.

`python -m bench.small 1000000` loads it, in a process whose DATABASE_URL leads there, and prints what to ask for.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Final

import django
import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

NAME: Final = "ssi_small"
_FOR_A_WHILE: Final = "ssi_empty"


@dataclass(frozen=True, slots=True)
class Small:
    """The second database: its address, a session in it, and what to ask for."""

    url: str
    session: str
    addresses: dict[str, list[str]]


def copy_empty(url: str) -> None:
    """Make the second database as a copy of the first, in which there are only tables yet; nobody may use it."""
    _maintain(url, f"CREATE DATABASE {NAME} TEMPLATE ssi")


def filled(devices: int) -> Small:
    """Load an estate into the second database."""
    url = _address(os.environ["DATABASE_URL"], NAME)
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bench.small", str(devices)],
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Small(url, **json.loads(done.stdout))


@contextmanager
def inside() -> Iterator[None]:
    """Work in the second database, whatever is in it, over a connection that is kept for the next time."""
    with _worked_over(_beside()):
        yield


@contextmanager
def inside_an_empty() -> Iterator[None]:
    """Work in an empty database, thrown away afterwards; only while the second one is still empty itself."""
    url = os.environ["DATABASE_URL"]
    _maintain(url, f"CREATE DATABASE {_FOR_A_WHILE} TEMPLATE {NAME}")
    other = _connection_to(_FOR_A_WHILE)
    try:
        with _worked_over(other):
            yield
    finally:
        other.close()
        _maintain(url, f"DROP DATABASE {_FOR_A_WHILE}")


@cache
def _beside() -> BaseDatabaseWrapper:
    return _connection_to(NAME)


def _connection_to(database: str) -> BaseDatabaseWrapper:
    other = connections[DEFAULT_DB_ALIAS].copy()
    other.settings_dict["NAME"] = database
    return other


@contextmanager
def _worked_over(other: BaseDatabaseWrapper) -> Iterator[None]:
    """Have other code work over this connection, the first one stays as it is."""
    first = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = first


def _maintain(url: str, statement: str) -> None:
    with psycopg.connect(_address(url, "postgres"), autocommit=True) as maintenance:
        maintenance.execute(statement)


def _address(url: str, database: str) -> str:
    return url.replace("/ssi?", f"/{database}?")


if __name__ == "__main__":
    django.setup()
    print(json.dumps(import_module("bench.addresses").of_new_estate(int(sys.argv[1]))))
