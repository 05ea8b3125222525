"""A second database beside the first, in the same server, with a smaller estate: for what must not grow with it.

`python -m bench.small 1000000` loads it, in a process whose DATABASE_URL leads there, and prints what to ask for.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import django
import psycopg
from django.db import connection

NAME = "ssi_small"


@dataclass(frozen=True, slots=True)
class Small:
    """The second database: its address, a session in it, and what to ask for."""

    url: str
    session: str
    addresses: dict[str, list[str]]


def copy_empty(url: str) -> None:
    """Make the second database as a copy of the first, in which there are only tables yet; nobody may use it."""
    with psycopg.connect(_address(url, "postgres"), autocommit=True) as maintenance:
        maintenance.execute(f"CREATE DATABASE {NAME} TEMPLATE ssi")


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
    """Work in the second database, whatever is in it."""
    first = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = NAME
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = first


def _address(url: str, database: str) -> str:
    return url.replace("/ssi?", f"/{database}?")


if __name__ == "__main__":
    django.setup()
    print(json.dumps(import_module("bench.addresses").of_new_estate(int(sys.argv[1]))))
