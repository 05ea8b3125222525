"""The device list as a CSV file of a million rows, streamed to somebody signed in; against COPY of its columns.

The floor is the strictest there is: a bare process that asks for the columns as they are stored, in the same
order, and throws away what it reads. Ours writes EUI-64s, words, London's time and safe texts besides, and sends
the file over real HTTP; meanwhile the memory of the web server's processes is sampled.
"""

import http.client
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import psycopg

from bench.estate import estate, loaded
from bench.harness import Options, Result, at_most, expect, in_turn
from bench.serving import Served, cookie_of, portal, session_of
from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from inventory.presenters.devices import MOST_IN_A_FILE

TIMES_THE_FLOOR: Final = 3.0
MOST_MEGABYTES: Final = 100
ROUNDS: Final = 3
WARM: Final = 8
"""So many connections that each of the web workers has had some."""
A_SAMPLE: Final = 0.1
"""Seconds: to look takes the kernel some milliseconds, which would be the portal's and the floor's."""
A_READ: Final = 1 << 20
_NARROWED_FROM: Final = 5 * MOST_IN_A_FILE
"""An estate of which the devices of the most usual type and status alone fill a file."""

FLOOR: Final = """
COPY (
    SELECT device.device_id, device.device_type, device.smi_status, device.status_since, model.manufacturer,
        model.model, model.firmware_version, device.notified_by_id, party.name, import.mpxn, secondary.mpxn,
        export.mpxn, device.comms_hub_id
    FROM inventory_device device
    JOIN inventory_devicemodel model ON model.id = device.device_model_id
    LEFT JOIN accounts_userid user_id ON user_id.eui = device.notified_by_id
    LEFT JOIN accounts_party party ON party.id = user_id.party_id
    LEFT JOIN inventory_meterpoint import ON import.id = device.import_meter_point_id
    LEFT JOIN inventory_meterpoint secondary ON secondary.id = device.secondary_import_meter_point_id
    LEFT JOIN inventory_meterpoint export ON export.id = device.export_meter_point_id
    {where}
    ORDER BY device.device_id
    LIMIT {most}
) TO STDOUT (FORMAT csv)
"""
_WHERE: Final = "WHERE model.device_type = {device_type} AND device.smi_status = {smi_status}"


def run(options: Options) -> Iterator[Result]:
    """Download the file, and copy its columns, in turn."""
    loaded(options)
    narrowed = options.size >= _NARROWED_FROM
    asked = {"device_type": DeviceType.ESME.duis, "smi_status": SmiStatus.COMMISSIONED.duis} if narrowed else {}
    where = _WHERE.format(device_type=DeviceType.ESME.value, smi_status=SmiStatus.COMMISSIONED.value)
    statement = FLOOR.format(where=where if narrowed else "", most=MOST_IN_A_FILE)
    headers = cookie_of(session_of(estate().raiser))
    rows = MOST_IN_A_FILE if narrowed else min(MOST_IN_A_FILE, Device.objects.count())
    with _fresh() as server:
        for _ in range(WARM):
            _downloaded(server, headers, "model=such+as+there+is+none")
        with Memory(server.process.pid).watched() as memory:

            def ours(_turn: int) -> None:
                lines = _downloaded(server, headers, urlencode(asked))
                expect("the file's rows", min(lines - 1, MOST_IN_A_FILE), rows)

            def floor(_turn: int) -> None:
                expect("the floor's rows", _copied(statement), rows)

            turns = in_turn(ours, floor, rounds=ROUNDS)
    yield Result.of_turns("CSV export", rows, turns, wanted=at_most(TIMES_THE_FLOOR))
    yield Result(
        "   memory of the web server above idle meanwhile, at most",
        rows,
        value=f"{memory.above_idle:.0f} MB",
        limit=f"< {MOST_MEGABYTES} MB",
        kept=memory.above_idle < MOST_MEGABYTES,
    )


@contextmanager
def _fresh() -> Iterator[Served]:
    """Have a portal that did nothing yet: one that did holds memory to spare, and a file might fill it unseen."""
    portal()
    server = Served("ssi.wsgi:application", {"SSI_LOG_LEVEL": "INFO"})
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def _downloaded(server: Served, headers: dict[str, str], query: str) -> int:
    """Return how many lines the file has, read as it comes. Raises IncompleteRead for one that broke off."""
    connection: http.client.HTTPConnection = server.connect()
    connection.request("GET", f"/devices/export.csv?{query}", headers=headers)
    answer = connection.getresponse()
    expect("the status", answer.status, 200)
    lines = 0
    while part := answer.read(A_READ):
        lines += part.count(b"\n")
    connection.close()
    return lines


def _copied(statement: str) -> int:
    with psycopg.connect(os.environ["DATABASE_URL"]) as database, database.cursor().copy(statement) as stream:
        return sum(1 for _ in stream)


@dataclass
class Memory:
    """The memory of a server and its workers: what is theirs, and their part of what they share (PSS)."""

    pid: int
    idle: float = 0.0
    highest: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def above_idle(self) -> float:
        """Return by how many megabytes it grew at most."""
        return self.highest - self.idle

    @contextmanager
    def watched(self) -> Iterator["Memory"]:
        """Look again and again while something happens within."""
        self.idle = self.highest = self._megabytes()
        looking = threading.Thread(target=self._look, daemon=True)
        looking.start()
        try:
            yield self
        finally:
            self._ended.set()
            looking.join()

    def _look(self) -> None:
        while not self._ended.wait(A_SAMPLE):
            self.highest = max(self.highest, self._megabytes())

    def _megabytes(self) -> float:
        """Return the sum over the server and its workers, which share much of it."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        kilobytes = 0
        for pid in (self.pid, *map(int, children)):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
        return kilobytes / 1_024
