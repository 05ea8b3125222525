"""How long the shared screens keep what they remember."""

from datetime import timedelta

from ssi.retention import Rule
from ssi.web.models import IdempotencyKey

RULES = [
    Rule(
        "idempotency keys",
        model=IdempotencyKey,
        since="created_at",
        keep=timedelta(days=2),
        why="Whoever repeats a request does so within minutes; a program that was down, within a day.",
    )
]
