"""An event of Northlight's, and its files sent as its ARO sends them."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.uploads.actions import pipeline, receiving
from ssi.uploads.issuing import Issued
from ssi.uploads.models import QuarantineEvent, Upload
from ssi.uploads.models.choices import Kind
from tests.factories.quarantine import decisions_of, event_of
from tests.factories.uploads import TestAuthority, eqf_file, sign
from tests.personas import actor_of

Sent = Callable[..., Upload]


@pytest.fixture
def event(aroha: Person) -> QuarantineEvent:
    """Return an event of Northlight's that holds three communications."""
    return event_of(aroha.grants.get().acting_for)


@pytest.fixture
def by(aroha: Person) -> Actor:
    """Return Northlight's ARO."""
    return actor_of(aroha)


@pytest.fixture
def sent(authority: TestAuthority, arohas: Issued, by: Actor) -> Sent:
    """Return what sends a signed file about an event and has it taken through the pipeline."""

    def send(
        event: QuarantineEvent, decisions: Any = None, *, file: tuple[str, bytes] | None = None, **wrong: Any
    ) -> Upload:
        given = decisions_of(event) if decisions is None else decisions
        name, content = file or eqf_file(event.user_id_id, int(event.event_ref), given, **wrong)
        upload = receiving.receive(
            kind=Kind.EXIT_QUARANTINE,
            file=io.BytesIO(content),
            name=name,
            size=len(content),
            signature=sign(content, *arohas, chain=authority.chain),
            signature_name=f"{name}.sig",
            submit_when_checked=False,
            by=by,
        )
        pipeline.process(upload.pk)
        upload.refresh_from_db()
        return upload

    return send
