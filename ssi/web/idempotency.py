"""The same POST twice has one effect: a double click, a lost answer, a retrying program."""

import hashlib
import hmac
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import transaction

from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.web.models import IdempotencyKey

Answer = dict[str, Any]
LONGEST_KEY = 200


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
        claim = IdempotencyKey(person_id=by.person_id or 0, key=key, fingerprint=fingerprint_of(sent))
        IdempotencyKey.objects.bulk_create([claim], ignore_conflicts=True)
        row = IdempotencyKey.objects.select_for_update().get(person_id=claim.person_id, key=key)
        if not hmac.compare_digest(bytes(row.fingerprint), claim.fingerprint):
            raise IdempotencyKeyReused
        if "done" in row.answer:
            return dict(row.answer["done"])
        answer = act()
        row.answer = {"done": answer}
        row.save(update_fields=["answer"])
        return answer
