"""A believable estate of any size for measuring, put together from what every app contributes in `synthetic`."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, TextIO, cast

from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.utils.module_loading import module_has_submodule
from psycopg.errors import LockNotAvailable

from ssi.access.actor import Actor
from ssi.audit import log
from ssi.refusals import Refusal
from ssi.web.progress import Progress

FEWEST: Final = 100
MOST: Final = 200_000_000
DEVICES_A_REQUEST: Final = 10
ROOM_BESIDE: Final = 1.05
"""Sorting for the indexes takes room beside the tables for a while."""

_LOCAL_HOSTS: Final = {"", "localhost", "127.0.0.1", "::1"}


class AbsurdNumberOfDevices(Refusal):
    """An estate of {devices:,} devices cannot be made."""

    suggestion = f"Ask for {FEWEST:,} to {MOST:,}; Great Britain has some 130 million."
    field = "devices"


class TooManyIncidents(Refusal):
    """{incidents:,} incidents are too many for {devices:,} devices."""

    suggestion = f"Ask for at most one for every {DEVICES_A_REQUEST} devices, or for none."
    field = "incidents"


class DiskTooSmall(Refusal):
    """This estate takes about {needed:.1f} GB, and the database's disk has {free:.1f} GB left."""

    suggestion = "Ask for fewer devices, make room, or set SSI_DATA_DIR to a folder on a larger disk."


class EstateLoadedBefore(Refusal):
    """There is a synthetic estate in this database already."""

    suggestion = "Load another one into a database of its own, for instance with SSI_DATA_DIR=.ssi-another."


class TablesInUse(Refusal):
    """Others hold the tables, so that the estate cannot be loaded; nothing was changed."""

    suggestion = "Stop the portal, its worker and its clock, and start the command again."


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: so many devices and incidents, drawn by `seed`, as of a day."""

    devices: int
    incidents: int
    seed: int
    as_of: date

    audit_name = "synthetic_estate"

    @property
    def audit_ref(self) -> str:
        """Return the seed, by which it can be made again."""
        return f"seed {self.seed}"


class Part(Protocol):
    """What an app's `synthetic` offers."""

    def prepare(self, order: Order) -> None:
        """Make what is small and may be there already; committed on its own."""

    def bytes_for(self, order: Order) -> int:
        """Return how much disk the part takes."""

    def effort(self, order: Order) -> float:
        """Return how much the part will report to `Progress.advance`."""

    def load(self, order: Order, progress: Progress) -> str:
        """Fill the tables, in a transaction of the caller's; return a phrase for the terminal."""


def load(order: Order, stream: TextIO) -> list[str]:
    """Load every app's part in one transaction, the lower floors first; return what was made, a phrase each.

    All or nothing, but for the parties, which stay for the next attempt. Raises this module's refusals.
    """
    _refuse_absurd(order)
    parts = _parts()
    _refuse_without_room(sum(part.bytes_for(order) for part in parts), stream)
    for part in parts:
        part.prepare(order)
    progress = Progress(stream, sum(part.effort(order) for part in parts))
    try:
        with transaction.atomic():
            made = [phrase for part in parts if (phrase := part.load(order, progress))]
            log.record("synthetic_estate.loaded", by=Actor.system(), about=order, devices=order.devices)
    except OperationalError as trouble:
        if isinstance(trouble.__cause__, LockNotAvailable):
            raise TablesInUse from trouble
        raise
    progress.end()
    return made


def _parts() -> Sequence[Part]:
    configs = [config for config in apps.get_app_configs() if config.module is not None]
    found = [import_module(f"{c.name}.synthetic") for c in configs if module_has_submodule(c.module, "synthetic")]
    return [cast("Part", part) for part in found if part.__name__ != __name__]


def _refuse_absurd(order: Order) -> None:
    if not FEWEST <= order.devices <= MOST:
        raise AbsurdNumberOfDevices(devices=order.devices)
    if not 0 <= order.incidents <= order.devices // DEVICES_A_REQUEST:
        raise TooManyIncidents(incidents=order.incidents, devices=order.devices)


def _refuse_without_room(needed: float, stream: TextIO) -> None:
    """Compare with what is free where the database lives, if that is this machine."""
    folder = _database_folder()
    try:
        free = shutil.disk_usage(folder).free if folder else None
    except OSError:
        free = None
    gigabyte = 1e9
    if free is None:
        stream.write(f"This will take about {needed / gigabyte:.1f} GB on the database's machine.\n")
    elif free < needed * ROOM_BESIDE:
        raise DiskTooSmall(needed=needed * ROOM_BESIDE / gigabyte, free=free / gigabyte)


def _database_folder() -> Path | None:
    """Return where the server keeps its data, if it is on this machine and tells us."""
    host = str(connection.settings_dict.get("HOST") or "")
    if not (host in _LOCAL_HOSTS or host.startswith("/")):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
        row = cursor.fetchone()
    return Path(row[0]) if row else None
