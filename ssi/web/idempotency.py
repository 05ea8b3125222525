"""The same POST twice has one effect: a double click, a lost answer, a retrying program."""

import hashlib
import hmac
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from psycopg.types.numeric import Int8

from ssi.access.actor import Actor
from ssi.prepared import prepared_cursor
from ssi.refusals import Refusal
from ssi.web.models import IdempotencyKey

Answer = dict[str, Any]
LONGEST_KEY = 200

_CLAIM: Final = """
INSERT INTO web_idempotencykey (person_id, key, fingerprint, answer, created_at) VALUES (%s, %s, %s, '{}', %s)
ON CONFLICT (person_id, key) DO NOTHING RETURNING id
"""
_KEEP: Final = "UPDATE web_idempotencykey SET answer = %s WHERE id = %s"


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key was already used for another request."""

    suggestion = "Send a new key with a new request; repeat a key only with the very same body."
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "Idempotency-Key"


class IdempotencyKeyTooLong(Refusal):
    """The Idempotency-Key is longer than 200 characters."""

    suggestion = "Send a UUID."
    field = "Idempotency-Key"


def fingerprint_of(*parts: bytes) -> bytes:
    """Return a keyed digest of what was sent: it tells nobody what that was."""
    digest = hmac.new(settings.SECRET_KEY.encode(), digestmod=hashlib.sha256)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def once(*, by: Actor, key: str, sent: bytes, act: Callable[[], Answer]) -> Answer:
    """Run `act` in a transaction together with its key, or return what it answered the first time.

    `sent` is everything that makes the request what it is (path and body). `act` returns plain JSON without any
    secret. An empty `key` only runs `act`. Two at the same moment: the second waits, then gets the first's answer.
    If `act` refuses, nothing is kept and the key may be used again. Raises IdempotencyKeyReused.
    """
    if len(key) > LONGEST_KEY:
        raise IdempotencyKeyTooLong
    with transaction.atomic():
        if not key:
            return act()
        person_id, fingerprint = by.person_id or 0, fingerprint_of(sent)
        claimed = _claimed(person_id, key, fingerprint)
        if claimed is None:
            row = IdempotencyKey.objects.select_for_update().get(person_id=person_id, key=key)
            if not hmac.compare_digest(bytes(row.fingerprint), fingerprint):
                raise IdempotencyKeyReused
            if "done" in row.answer:
                return dict(row.answer["done"])
            claimed = row.pk
        answer = act()
        with prepared_cursor() as cursor:
            cursor.execute(_KEEP, [json.dumps({"done": answer}), Int8(claimed)])
        return answer


def _claimed(person_id: int, key: str, fingerprint: bytes) -> int | None:
    """Claim a key and return its row's, or None if it is taken; waits for whoever is claiming it just now."""
    with prepared_cursor() as cursor:
        cursor.execute(_CLAIM, [Int8(person_id), key, fingerprint, timezone.now()])
        row = cursor.fetchone()
    return int(row[0]) if row else None
