"""Importing the Central Products List: a full list, all of it or, if anything is wrong with it, nothing.

What it means for devices is counted here and carried out by a worker (`carrying_out`).
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from inventory.actions.products import findings
from inventory.actions.products.comparing import Comparison, compare, write
from inventory.actions.products.consequences import Consequences, consequences_of
from inventory.actions.products.matching import update_device_models
from inventory.actions.products.reading import Row, read
from inventory.actions.products.waking import wake_after_commit
from inventory.actions.registrations.findings import Finding
from inventory.models import CplEntry, CplImport
from inventory.models.choices import CplStep
from ssi.access.actor import Actor
from ssi.audit import log

IMPORTS_WAIT_FOR_EACH_OTHER: Final = 8_700_902
"""Key of the advisory lock: what one import compared must not change under it."""
LARGEST: Final = 20_000_000
UNCHANGED: Final = "unchanged"

Tell = Callable[[Finding], None]


@dataclass(slots=True)
class Summary:
    """What an import did, or would do: entries by what became of them, and what follows for devices.

    `cpl_import` is None where nothing was changed, `consequences` where nothing would be.
    """

    rows: int = 0
    listed: int = 0
    findings: int = 0
    removes_many: bool = False
    outcomes: Counter[str] = field(default_factory=Counter)
    consequences: Consequences | None = None
    cpl_import: CplImport | None = None
    entries: dict[CplStep, list[CplEntry]] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """Tell whether the file was rejected whole."""
        return self.findings > 0

    @property
    def has_steps(self) -> bool:
        """Tell whether the list differs from what is there."""
        return any(self.outcomes[step.label] for step in CplStep)


def import_file(
    file: BinaryIO,
    *,
    name: str,
    by: Actor,
    is_rehearsal: bool = False,
    remove_many: bool = False,
    tell: Tell = lambda _: None,
) -> Summary:
    """Apply a full list, or reject it whole; a list that was applied already changes nothing and leaves no trace.

    `tell` gets each finding. More than half of the entries are removed only with `remove_many`. With
    `is_rehearsal` everything is checked and counted, and nothing changed.
    """
    content = file.read(LARGEST + 1)
    summary = Summary()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTS_WAIT_FOR_EACH_OTHER])
        rows = list(_told(content, summary, tell))
        if not summary.is_refused:
            comparison = compare(rows, today=timezone.localdate())
            _judge(comparison, summary, tell, remove_many=remove_many)
            if summary.has_steps and (is_rehearsal or not summary.is_refused):
                _apply(comparison, summary, content, name=name, by=by, is_rehearsal=is_rehearsal)
        if summary.is_refused or is_rehearsal:
            transaction.set_rollback(True)
            summary.cpl_import = None
    return summary


def _told(content: bytes, summary: Summary, tell: Tell) -> Iterator[Row]:
    """Yield the rows that are well-formed, and tell what is wrong with the others."""
    if len(content) > LARGEST:
        summary.findings += 1
        tell(Finding.of(0, findings.TooLarge(most=f"{LARGEST // 1_000_000}")))
        return
    for each in read(BytesIO(content), today=timezone.localdate(), with_smets_version=settings.MP202):
        if isinstance(each, Row):
            summary.rows += 1
            yield each
        else:
            summary.findings += 1
            tell(each)


def _judge(comparison: Comparison, summary: Summary, tell: Tell, *, remove_many: bool) -> None:
    """Count the steps; a list that lacks more than half of the entries is refused unless that is meant."""
    summary.listed = comparison.listed
    for step in CplStep:
        summary.entries[step] = [each.entry for each in comparison.steps if each.step is step]
        summary.outcomes[step.label] = len(summary.entries[step])
    summary.outcomes[UNCHANGED] = summary.rows - sum(
        summary.outcomes[step.label] for step in CplStep if step is not CplStep.REMOVED
    )
    summary.removes_many = comparison.removes_many
    if summary.removes_many and not remove_many:
        summary.findings += 1
        removed = summary.outcomes[CplStep.REMOVED.label]
        tell(Finding.of(0, findings.ManyRemoved(removed=f"{removed:,}", listed=f"{comparison.listed:,}")))


def _apply(
    comparison: Comparison, summary: Summary, content: bytes, *, name: str, by: Actor, is_rehearsal: bool
) -> None:
    """Write the list and its history, count what follows, and have a worker woken."""
    counts = {step.label: summary.outcomes[step.label] for step in CplStep}
    summary.cpl_import = CplImport.objects.create(
        at=timezone.now(),
        name=name[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        by=(by.person_name or by.via)[:120],
        rows=summary.rows,
        **counts,
    )
    write(comparison, summary.cpl_import)
    update_device_models()
    summary.consequences = consequences = consequences_of(summary.cpl_import)
    summary.cpl_import.devices_expected = consequences.suspended.devices + consequences.restored.devices
    summary.cpl_import.save(update_fields=["devices_expected"])
    if is_rehearsal:
        return
    wake_after_commit(summary.cpl_import.pk)
    log.record(
        "products.imported",
        by=by,
        about=summary.cpl_import,
        sha256=summary.cpl_import.sha256,
        rows=summary.rows,
        **counts,
    )
