"""Quarantine events and what they hold, made straight in the tables; holding has tests of its own."""

import hashlib
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from ssi.accounts.models import Person, UserId
from ssi.eui64 import Eui64
from ssi.uploads.kinds.exit_quarantine import ExitQuarantineFile
from ssi.uploads.models import QuarantinedCommunication, QuarantineEvent, Upload, UploadFinding
from ssi.uploads.models.choices import Breach, Kind
from tests.factories.uploads import eqf_file

FIRST_TARGET = Eui64.parse("00-DB-12-34-00-00-00-01")
SRVS = ("7.4", "6.23", "11.3")

_MANY = """
INSERT INTO uploads_quarantinedcommunication
       (event_id, target, counter, srv, fate, held_at, wish, wish_because, decision)
SELECT %(event)s, %(target)s + n / 3, 1000 + n, (%(srvs)s::text[])[1 + n %% 3], 'held', now(), '', '', ''
  FROM generate_series(0, %(number)s - 1) AS n
"""


def event_of(user_id: UserId, number: int = 3, *, event_ref: int = 4711, **facts: Any) -> QuarantineEvent:
    """Return an event that holds `number` communications: three to a target, each of another SRV."""
    began_at = facts.pop("began_at", timezone.now() - timedelta(hours=2))
    event = QuarantineEvent.objects.create(
        user_id=user_id,
        event_ref=event_ref,
        breach=Breach.USER_THRESHOLD,
        began_at=began_at,
        due_at=facts.pop("due_at", began_at + timedelta(hours=24)),
        held=number,
        **facts,
    )
    numbers: dict[str, Any] = {
        "event": event.pk,
        "target": FIRST_TARGET.as_bigint,
        "srvs": list(SRVS),
        "number": number,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MANY, numbers)
    return event


def held_in(event: QuarantineEvent) -> list[QuarantinedCommunication]:
    """Return the communications of an event, as they were held."""
    return list(QuarantinedCommunication.objects.filter(event=event).order_by("id"))


def request_id(communication: QuarantinedCommunication, user_id: object = None) -> str:
    """Return a communication's RequestID, or another User's with the same target and counter."""
    owner = getattr(user_id, "pk", user_id) or communication.event.user_id_id
    return f"{owner}:{communication.target}:{int(communication.counter)}"


def decisions_of(event: QuarantineEvent, action: str = "RELEASE") -> list[tuple[str, str, str]]:
    """Return a good file's decisions about all of an event."""
    return [(request_id(each), action, "") for each in held_in(event)]


def read_in(
    person: Person, event: QuarantineEvent, decisions: Sequence[Sequence[object]] | None = None, **wrong: Any
) -> Upload:
    """Return an upload of an Exit Quarantine file that was read, with what reading found."""
    name, content = eqf_file(
        event.user_id, int(event.event_ref), decisions_of(event) if decisions is None else decisions, **wrong
    )
    return kept(person, event.user_id, name, content)


def kept(person: Person, user_id: UserId, name: str, content: bytes) -> Upload:
    """Return an upload of these bytes that was read, with what reading found."""
    upload = Upload.objects.create(
        kind=Kind.EXIT_QUARANTINE,
        party=user_id.party,
        user_id=user_id,
        uploaded_by=person,
        via="screen",
        file_name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored_as="",
    )
    kind = ExitQuarantineFile()
    items = list(kind.read(upload, io.BytesIO(content)))
    kind.keep(upload, [each for each in items if not hasattr(each, "code")])
    upload.found.bulk_create(
        UploadFinding(
            upload=upload,
            step="parse",
            code=each.code,
            line=each.line,
            field=each.field,
            message=each.message,
            suggestion=each.way_out,
        )
        for each in items
        if hasattr(each, "code")
    )
    return upload
