"""The floor under raising one request: the rows that the portal writes for it, once more under keys of their own.

When it is first asked it looks at what the portal wrote for the newest request. From then on each call writes such
rows for the device it is given: the same INSERTs, and the one UPDATE that keeps the answer, in one transaction
through psycopg, each with a time and a reference of its own. Nothing is looked up and nothing is checked.
"""

import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import make_msgid
from functools import cache
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8

from bench.floors import database
from ssi.db import new_reference
from ssi.eui64 import Eui64

Row = dict[str, Any]

_WRITTEN = {
    "incidents_installcoderequest": "SELECT * FROM incidents_installcoderequest WHERE id = %(key)s",
    "incidents_obligation": "SELECT * FROM incidents_obligation WHERE request_id = %(key)s",
    "incidents_installcoderequestevent": (
        "SELECT * FROM incidents_installcoderequestevent WHERE request_id = %(key)s ORDER BY id"
    ),
    "notifications_outboxmessage": "SELECT * FROM notifications_outboxmessage WHERE reference = %(reference)s",
    "audit_auditevent": (
        "SELECT * FROM audit_auditevent"
        " WHERE about = 'install_code_request' AND reference = %(reference)s ORDER BY id"
    ),
    "web_idempotencykey": "SELECT * FROM web_idempotencykey WHERE answer #>> '{done,reference}' = %(reference)s",
}
_NEWEST = """
SELECT id AS key, reference, raised_by_party_id AS party FROM incidents_installcoderequest
WHERE state = 'assigned' AND batch_id IS NULL ORDER BY id DESC LIMIT 1
"""
_BY_DATABASE = {"audit_auditevent": {"id", "at", "digest"}}
"""Columns that the database fills itself; elsewhere that is the key."""

_COUNT = """
INSERT INTO incidents_partyday AS counter (party_id, on_date, raised) VALUES (%s, current_date, 1)
ON CONFLICT (party_id, on_date) DO UPDATE SET raised = counter.raised + excluded.raised RETURNING raised
"""
_KEEP = "UPDATE web_idempotencykey SET answer = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Written:
    """What the portal wrote for one request, by table, and whose day it counted."""

    party: int
    rows: Mapping[str, Sequence[Row]]


_learning = threading.Lock()


@cache
def _written() -> Written:
    with database().cursor(row_factory=dict_row) as cursor:
        newest = cursor.execute(_NEWEST).fetchone() or {}
        found = {table: cursor.execute(query, newest).fetchall() for table, query in _WRITTEN.items()}
    empty = [table for table, rows in found.items() if not rows]
    if empty:
        raise RuntimeError(f"The portal wrote nothing into {empty}.")
    rows = {
        table: [_without(_BY_DATABASE.get(table, {"id"}), row) for row in each] for table, each in found.items()
    }
    return Written(newest["party"], rows)


def _without(names: set[str], row: Row) -> Row:
    return {name: _sent(value) for name, value in row.items() if name not in names}


def _sent(value: Any) -> Any:
    if isinstance(value, dict):
        return Jsonb(value)
    return Int8(value) if type(value) is int else value


@cache
def _insert(table: str, rows: int) -> str:
    names = _written().rows[table][0]
    places = f"({', '.join(['%s'] * len(names))})"
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([places] * rows)} RETURNING id"  # noqa: S608 - names


def _put(table: str, now: datetime, *, one_by_one: bool = False, **own: Any) -> int:
    """Insert rows like those the portal wrote, with their own keys and times; return the last one's."""
    made = [
        [own.get(name, now if isinstance(value, datetime) else value) for name, value in row.items()]
        for row in _written().rows[table]
    ]
    key = None
    for rows in [[row] for row in made] if one_by_one else [made]:
        key = database().execute(_insert(table, len(rows)), [each for row in rows for each in row]).fetchone()
    return int(key[0]) if key else 0


def serve(request: HttpRequest) -> HttpResponse:
    """Write what raising a request for the device in the body writes."""
    with _learning:
        written = _written()
    device, reference = Eui64.parse(json.loads(request.body)["device_id"]), new_reference()
    now = datetime.now(UTC)
    with database().transaction():
        key = _put("web_idempotencykey", now, key=secrets.token_hex(16), answer=Jsonb({}))
        raised = _put("incidents_installcoderequest", now, reference=reference, device_id=Int8(device.as_bigint))
        _put("incidents_obligation", now, request_id=Int8(raised))
        _put("incidents_installcoderequestevent", now, request_id=Int8(raised))
        _put(
            "notifications_outboxmessage", now, message_id=make_msgid(domain="bench.example"), reference=reference
        )
        database().execute(_COUNT, [Int8(written.party)])
        _put("audit_auditevent", now, one_by_one=True, reference=reference)
        answer = written.rows["web_idempotencykey"][0]["answer"]
        database().execute(_KEEP, [answer, Int8(key)])
    return JsonResponse(answer.obj["done"], status=HTTPStatus.CREATED)
