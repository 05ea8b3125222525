"""Writing to the audit log, and proving that nobody edited it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import connection, transaction
from psycopg.types.numeric import Int8

from ssi.access.actor import Actor
from ssi.audit.models import DIGEST, GENESIS, AuditEvent
from ssi.prepared import prepared_cursor

_INSERT = """
INSERT INTO audit_auditevent
    (event, person_id, person_email, party_name, acting_user_id, acting_user_role, via, about, reference, detail)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb) RETURNING id
"""


class Auditable(Protocol):
    """What the log needs to know of a thing."""

    @property
    def audit_name(self) -> str:
        """The kind of thing, such as "device"."""
        ...

    @property
    def audit_ref(self) -> str:
        """The thing's public reference."""
        ...


def record(event: str, *, by: Actor, about: Auditable, **detail: object) -> int:
    """Append one event inside the caller's transaction and return its id.

    Call it last: writers queue from here to their commit, so that the chain has one order. `detail` is kept as
    JSON: facts in plain types, never a secret and never personal data of a customer.
    """
    with prepared_cursor() as cursor:
        cursor.execute(
            _INSERT,
            [*_who_did(event, by), about.audit_name, about.audit_ref, json.dumps(detail)],
        )
        return int(cursor.fetchone()[0])


# Keys that wait to be checked slow every statement within the chain's trigger down by their number; and whoever
# queues for the chain need not wait for their checks.
_CHECK_KEYS_FIRST = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"

_INSERT_MANY = """
INSERT INTO audit_auditevent
    (event, person_id, person_email, party_name, acting_user_id, acting_user_role, via, about, reference, detail)
SELECT %s, %s::bigint, %s, %s, %s, %s, %s, %s, given.one ->> 0, given.one -> 1
  FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS given(one, line) ORDER BY given.line
RETURNING id
"""


def record_many(
    event: str, *, by: Actor, about: Sequence[Auditable], details: Sequence[Mapping[str, object]] = ()
) -> list[int]:
    """Append one event for each of many things of one kind, in a single statement; return their ids in that order.

    `details` are as long as `about`, or empty. As with `record`, call it last.
    """
    if not about:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_CHECK_KEYS_FIRST)
        cursor.execute(
            _INSERT_MANY,
            [
                *_who_did(event, by),
                about[0].audit_name,
                json.dumps(list(zip(map(_ref, about), details or [{}] * len(about), strict=True))),
            ],
        )
        return sorted(key for (key,) in cursor.fetchall())  # the chain numbers them as they come


def _ref(about: Auditable) -> str:
    return about.audit_ref


def _who_did(event: str, by: Actor) -> list[str | Int8 | None]:
    return [
        event,
        None if by.person_id is None else Int8(by.person_id),
        by.person_email,
        by.party_name,
        str(by.user_id or ""),
        str(by.user_role or ""),
        by.via,
    ]


def find_many(event_ids: Collection[int], *, event: str, person_id: int | None) -> dict[int, AuditEvent]:
    """Return those of the events, by their ids, that are committed and of this kind and person.

    Must not be called inside a transaction: there one would find what is not committed yet.
    """
    with transaction.atomic(durable=True):
        found = AuditEvent.objects.filter(id__in=event_ids, event=event, person_id=person_id)
        return {each.id: each for each in found}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found: how many events, the last digest (hex), and the first broken event."""

    events: int
    head: str
    broken_id: int | None


_FIRST_BROKEN = f"""
WITH chained AS (
    SELECT e.*, lag(e.digest) OVER line AS previous, row_number() OVER line AS expected_id
    FROM audit_auditevent e WINDOW line AS (ORDER BY e.id)
)
SELECT min(id) FROM chained c
WHERE c.id <> c.expected_id
   OR c.digest IS DISTINCT FROM {DIGEST.format(previous=f"coalesce(c.previous, {GENESIS})", row="c")}
"""  # noqa: S608 - built from this package's own constants


def verify() -> Verdict:
    """Check the chain from the first event. An edited, removed or inserted event breaks it there.

    Whoever can drop triggers could still cut the newest events off: keep the printed head elsewhere to see that.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_BROKEN)
        broken = cursor.fetchone()[0]
        cursor.execute(
            "SELECT (SELECT count(*) FROM audit_auditevent),"
            " coalesce((SELECT encode(digest, 'hex') FROM audit_auditevent ORDER BY id DESC LIMIT 1), '')"
        )
        count, head = cursor.fetchone()
    return Verdict(events=count, head=head, broken_id=broken)
