"""A full list on the desk's screen: checked first, with all that would follow, and applied when confirmed."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

from django.db import transaction

from inventory.actions.products.consequences import Consequences, Touched
from inventory.actions.products.importing import UNCHANGED, Summary, import_file
from inventory.actions.registrations.findings import Finding
from inventory.models import CplDraft, CplEntry, CplImport
from inventory.models.choices import CplStep
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.refusals import Refusal

MOST_SHOWN: Final = 200
"""Entries of one step, and findings, that a page shows."""


class DraftUnknown(Refusal):
    """There is no checked list under this reference: it was applied, or a day has passed."""

    suggestion = "Send the file again."
    status = HTTPStatus.NOT_FOUND


class ListChangedMeanwhile(Refusal):
    """The Central Products List was changed since this file was checked."""

    suggestion = "Send the file again to see what it means now."
    status = HTTPStatus.CONFLICT


class RemoveManyNotSaid(Refusal):
    """More than half of the entries would be removed."""

    suggestion = "Tick the box if this is the full list and they are to go."
    field = "remove_many"


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a file gave: a draft to confirm, or none where it is wrong or changes nothing."""

    summary: Summary
    draft: CplDraft | None = None
    findings: list[Finding] = field(default_factory=list)


@transaction.atomic
def check(content: bytes, *, name: str, by: Actor) -> Checked:
    """Check a full list, count what would follow, and keep it to be applied; the first findings are returned.

    Raises NotAllowed.
    """
    by.require(Component.SERVICE_DESK)
    findings: list[Finding] = []

    def tell(finding: Finding) -> None:
        if len(findings) < MOST_SHOWN:
            findings.append(finding)

    last = _last_import()
    summary = import_file(BytesIO(content), name=name, by=by, is_rehearsal=True, remove_many=True, tell=tell)
    if summary.is_refused or not summary.has_steps or summary.consequences is None:
        return Checked(summary, findings=findings)
    draft = CplDraft.objects.create(
        name=name[:200],
        content=zlib.compress(content),
        last_import=last,
        found=_as_json(summary, summary.consequences, content),
    )
    return Checked(summary, draft)


@transaction.atomic
def confirm(reference: str, *, remove_many: bool, by: Actor) -> CplImport:
    """Apply a checked list exactly as it was shown. Raises NotAllowed, DraftUnknown and what its name says."""
    by.require(Component.SERVICE_DESK)
    draft = CplDraft.objects.select_for_update().filter(reference=reference).first()
    if draft is None:
        raise DraftUnknown
    if draft.found["removes_many"] and not remove_many:
        raise RemoveManyNotSaid
    content = zlib.decompress(draft.content)
    summary = import_file(BytesIO(content), name=draft.name, by=by, remove_many=remove_many)
    if summary.cpl_import is None or not _is_next(summary.cpl_import, draft):
        raise ListChangedMeanwhile
    draft.delete()
    return summary.cpl_import


def draft_of(reference: str, *, by: Actor) -> CplDraft:
    """Return a checked list; raises NotAllowed, DraftUnknown."""
    by.require(Component.SERVICE_DESK)
    draft = CplDraft.objects.filter(reference=reference).first()
    if draft is None:
        raise DraftUnknown
    return draft


def is_there(reference: str, *, by: Actor) -> bool:
    """Tell whether a checked list still waits to be applied. Raises NotAllowed."""
    by.require(Component.SERVICE_DESK)
    return CplDraft.objects.filter(reference=reference).exists()


def _last_import() -> int | None:
    return CplImport.objects.order_by("-id").values_list("pk", flat=True).first()


def _is_next(cpl_import: CplImport, draft: CplDraft) -> bool:
    """Tell whether nothing was imported between the check and this; asked under the lock that imports take."""
    before = CplImport.objects.exclude(pk=cpl_import.pk).order_by("-id").values_list("pk", flat=True).first()
    return before == draft.last_import


def _as_json(summary: Summary, consequences: Consequences, content: bytes) -> dict[str, Any]:
    touched = {entry.pk: each for entry, each in consequences.by_entry}
    removed = sorted(
        summary.entries[CplStep.REMOVED],
        key=lambda entry: (-touched.get(entry.pk, Touched()).devices, str(entry)),
    )
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows": summary.rows,
        "listed": summary.listed,
        "removes_many": summary.removes_many,
        "outcomes": {name: summary.outcomes[name] for name in [*(step.label for step in CplStep), UNCHANGED]},
        "entries": {
            step.label: [
                _entry(entry, touched)
                for entry in (removed if step is CplStep.REMOVED else summary.entries[step])[:MOST_SHOWN]
            ]
            for step in CplStep
        },
        "suspended": _counts(consequences.suspended),
        "restored": _counts(consequences.restored),
    }


def _entry(entry: CplEntry, touched: Mapping[int, Touched]) -> dict[str, Any]:
    return {
        "name": str(entry),
        "device_type": entry.get_device_type_display(),
        "smets_version": entry.smets_version,
        **_counts(touched.get(entry.pk, Touched())),
    }


def _counts(touched: Touched) -> dict[str, int]:
    return {"devices": touched.devices, "meter_points": touched.meter_points, "files": touched.files}
