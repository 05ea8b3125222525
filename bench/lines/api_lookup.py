"""50,000 pasted identifiers looked up by a program: real HTTP, a token, JSON; against one bare query.

The floor is the strictest there is: the query alone, in a bare process that holds the keys as numbers already;
no HTTP, no JSON, nothing read of what was pasted, nobody asked whose addresses are shown.
"""

import json
import os
import random
from collections.abc import Iterator
from typing import Any, Final

import psycopg
from django.db import connection

from bench.estate import estate, loaded
from bench.harness import Options, Result, at_most, expect, in_turn
from bench.serving import portal
from inventory.search import MOST_IDENTIFIERS
from inventory.search.related import bigints
from ssi.access.actor import Actor
from ssi.accounts.actions import tokens
from ssi.eui64 import canonical_text

ADDRESS: Final = "/api/v1/devices/lookup"
TIMES_THE_FLOOR: Final = 2.5
ROUNDS: Final = 7
WARM: Final = 4

FLOOR: Final = """
SELECT device.device_id, device.device_type, device.smi_status, device.status_since, model.manufacturer,
    model.model, model.firmware_version, model.smets_version, device.esme_variant, device.notified_by_id,
    party.name, device.notified_at, import.mpxn, import.uprn, import.post_code, import.address_identifier,
    secondary.mpxn, export.mpxn, device.comms_hub_id, device.csp_region
FROM inventory_device device
JOIN inventory_devicemodel model ON model.id = device.device_model_id
LEFT JOIN accounts_userid user_id ON user_id.eui = device.notified_by_id
LEFT JOIN accounts_party party ON party.id = user_id.party_id
LEFT JOIN inventory_meterpoint import ON import.id = device.import_meter_point_id
LEFT JOIN inventory_meterpoint secondary ON secondary.id = device.secondary_import_meter_point_id
LEFT JOIN inventory_meterpoint export ON export.id = device.export_meter_point_id
WHERE device.device_id = ANY(%s)
"""

_SOME_EVERYWHERE: Final = """
SELECT device_id FROM inventory_device TABLESAMPLE BERNOULLI (%s) REPEATABLE (6) LIMIT %s
"""
_A_FEW_MORE: Final = 1.1


def run(options: Options) -> Iterator[Result]:
    """Ask for devices all over the estate, in no order, by HTTP and by the bare query in turn."""
    loaded(options)
    keys = _scattered(options.size)
    token = tokens.issue(person=estate().raiser, can_reveal=False, by=Actor.system())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"identifiers": [canonical_text(key) for key in keys]}).encode()

    def ours(_turn: int = 0) -> bytes:
        status, answer = portal().ask(ADDRESS, method="POST", headers=headers, body=body)
        expect("the status", status, 200)
        return answer

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
        array = bigints(keys)

        def floor(_turn: int = 0) -> list[tuple[Any, ...]]:
            return database.execute(FLOOR, [array]).fetchall()

        answer = json.loads(ours())
        found, gone = len(answer["found"]), len(answer["not_found"]) + len(answer["invalid"])
        expect("what was found, and what was not", (found, gone, len(floor())), (len(keys), 0, len(keys)))
        turns = in_turn(ours, floor, rounds=ROUNDS, warm=WARM)
    what = "API lookup of pasted identifiers (floor: no HTTP, no JSON)"
    yield Result.of_turns(what, len(keys), turns, wanted=at_most(TIMES_THE_FLOOR))


def _scattered(size: int) -> list[int]:
    """Return Device IDs from all over the estate, shuffled, the same in each run."""
    with connection.cursor() as cursor:
        part = min(100.0, 100 * _A_FEW_MORE * MOST_IDENTIFIERS / size)
        cursor.execute(_SOME_EVERYWHERE, [part, min(size, MOST_IDENTIFIERS)])
        keys = [key for (key,) in cursor]
    random.Random(6).shuffle(keys)  # noqa: S311 - no secret
    return keys
