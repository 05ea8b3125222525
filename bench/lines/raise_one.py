"""One request raised through the API, with every write, audit and outbox, against its bare INSERTs in one view."""

import json
import secrets
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Final

from bench.estate import estate, new_devices
from bench.floors import address_of
from bench.harness import Options, Result, at_most, expect
from bench.serving import ROUNDS, WARM, Ask, alternated, floor, portal
from incidents.models import InstallCodeRequest
from ssi.access.actor import Actor
from ssi.accounts.actions.tokens import issue

TIMES_THE_FLOOR: Final = 3.0
ADDRESS: Final = "/api/v1/install-code-requests"
ASKED: Final = ROUNDS + WARM


def run(options: Options) -> Iterator[Result]:
    """Raise requests one after another through the API, and as many by the floor, for devices of their own."""
    bearer = {"Authorization": f"Bearer {issue(person=estate().raiser, can_reveal=False, by=Actor.system())}"}
    before = InstallCodeRequest.objects.count()
    ours = _asks(ADDRESS, new_devices(ASKED), bearer)
    bare = _asks(address_of("raise_one"), new_devices(ASKED), {})
    turns = alternated((portal(), ours), (floor(), bare))
    expect("raised", InstallCodeRequest.objects.count() - before, 2 * ASKED)
    yield Result.of_turns("Raise one request through the API", ROUNDS, turns, wanted=at_most(TIMES_THE_FLOOR))


def _asks(address: str, devices: Sequence[str], headers: dict[str, str]) -> list[Ask]:
    """Return a POST for each device, each with an Idempotency-Key of its own."""
    plain = {"Content-Type": "application/json"}
    return [
        Ask(
            address,
            "POST",
            headers=headers | plain | {"Idempotency-Key": secrets.token_hex(16)},
            body=json.dumps({"device_id": device}).encode(),
            wanted=HTTPStatus.CREATED,
        )
        for device in devices
    ]
