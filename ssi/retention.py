"""How long we keep our own old records: rules as data, in each app's `retention.py`, swept once a day.

    RULES = [Rule("expired sessions", model=Session, since="expire_date", keep=timedelta(0), why="…")]

Removing Pending devices from the inventory is something else: housekeeping. The audit log is never swept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module

import structlog
from django.apps import apps
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

log = structlog.get_logger(__name__)

BATCH = 5_000
"""Rows a transaction; a larger one would hold its locks, and the table's old versions, for too long."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of `model` are deleted once `since`, a moment in them, is more than `keep` ago; `why` says why so long.

    `only` narrows the rule to some of the rows. A row without the moment is kept.
    """

    name: str
    model: type[Model]
    since: str
    keep: timedelta
    why: str
    only: Q = field(default_factory=Q)

    def due(self, now: datetime) -> QuerySet[Model]:
        """Return the rows that are to go."""
        return self.model._default_manager.filter(self.only, **{f"{self.since}__lt": now - self.keep})


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows a rule deleted or, in a simulation, would delete."""

    rule: Rule
    rows: int


def rules() -> Iterator[Rule]:
    """Yield the rules of every app."""
    for config in apps.get_app_configs():
        if config.module and module_has_submodule(config.module, "retention"):
            yield from import_module(f"{config.name}.retention").RULES


def sweep(*, simulate: bool = False) -> list[Swept]:
    """Apply every rule, batch by batch; with `simulate` only count. May be stopped and run again at any time."""
    now = timezone.now()
    swept = []
    for rule in rules():
        rows = rule.due(now).count() if simulate else _delete(rule, now)
        swept.append(Swept(rule, rows))
        if rows and not simulate:
            log.info("retention_swept", rule=rule.name, rows=rows)
    return swept


def _delete(rule: Rule, now: datetime) -> int:
    """Delete what is due, each batch in its own transaction; what somebody holds just now stays till tomorrow."""
    deleted = 0
    while True:
        with transaction.atomic(durable=True):
            # Read first: as a subquery PostgreSQL may run it once a row, and then its LIMIT is none.
            due = rule.due(now).select_for_update(skip_locked=True).order_by().values_list("pk", flat=True)
            # Asked by their age too: removed devices have no index that begins with the key.
            rows, _ = rule.due(now).filter(pk__in=list(due[:BATCH])).delete()
        deleted += rows
        if rows < BATCH:
            return deleted
