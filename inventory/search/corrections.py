"""Finding corrections: files and their rows, what the desk was asked for, the history of a device's details."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from inventory.actions.corrections.batches import BatchUnknown
from inventory.models import (
    CorrectionBatch,
    CorrectionRow,
    Device,
    DeviceDetailChange,
    DeviceModel,
    ManualCorrection,
    MeterPoint,
    RemovedDevice,
)
from inventory.models.choices import Detail, Removal
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64, Eui64Field
from ssi.prepared import Prepared, Slot
from ssi.web.pages import Page, page_of

NEWEST_FIRST: Final = ("-created_at", "-id")
MANUAL_SHOWN: Final = 20
CHANGES_SHOWN: Final = 20
EXPORT_CHUNK: Final = 2_000


def page_of_batches(actor: Actor, *, cursor: str = "") -> Page[CorrectionBatch]:
    """Return one page of the files that the actor's User ID sent, the newest first."""
    return page_of(CorrectionBatch.objects.visible_to(actor), key=NEWEST_FIRST, cursor=cursor)


def batch(reference: str, *, by: Actor) -> CorrectionBatch:
    """Return a file. Raises BatchUnknown also for what `by` may not see."""
    visible = CorrectionBatch.objects.visible_to(by).select_related("party")
    found = visible.filter(reference=reference.upper()).first()
    if found is None:
        raise BatchUnknown(reference=reference)
    return found


def page_of_rows(
    of: CorrectionBatch, *, finding: str = "", refused: bool, cursor: str = ""
) -> Page[CorrectionRow]:
    """Return one page of a file's rows by line: those that nothing speaks against, or those with a finding."""
    rows = CorrectionRow.objects.filter(batch=of)
    if not refused:
        rows = rows.filter(finding="")
    else:
        rows = rows.exclude(finding="")
        rows = rows.filter(finding=finding) if finding else rows
    return page_of(rows, key=("line",), cursor=cursor)


def every_row(of: CorrectionBatch) -> Iterator[CorrectionRow]:
    """Yield every row of a file by line, a few at a time."""
    rows: QuerySet[CorrectionRow] = CorrectionRow.objects.filter(batch=of)
    return rows.order_by("line").iterator(chunk_size=EXPORT_CHUNK)


def manual_corrections(actor: Actor) -> Sequence[ManualCorrection]:
    """Return the newest corrections that the actor's User ID asked of the desk."""
    visible = ManualCorrection.objects.visible_to(actor).select_related("current_model")
    return list(visible.order_by(*NEWEST_FIRST)[:MANUAL_SHOWN])


def manual_correction(reference: str, *, by: Actor) -> ManualCorrection | None:
    """Return a correction asked of the desk, None where there is none that `by` may see."""
    visible = ManualCorrection.objects.visible_to(by).select_related("current_model", "party")
    return visible.filter(reference=reference.upper()).first()


_CHANGES: Final = Prepared(
    lambda: (
        DeviceDetailChange.objects.filter(device_id=Slot("device_id", Eui64Field()))
        .select_related("batch")
        .order_by("-at", "-id")[:CHANGES_SHOWN]
    )
)


@dataclass(frozen=True, slots=True)
class DetailHistory:
    """The newest changes of a device's details, with what they speak of by its key."""

    changes: Sequence[DeviceDetailChange]
    models: dict[int, DeviceModel]
    points: dict[int, str]
    parties: dict[Eui64, str]


def detail_history(device: Device) -> DetailHistory:
    """Return the newest changes of a device's details; four queries at most, one where there are none."""
    changes = _CHANGES(device_id=device.pk)
    keys: dict[bool, set[int]] = {True: set(), False: set()}
    for change in changes:
        if change.field != Detail.ESME_VARIANT:
            keys[change.field == Detail.DEVICE_MODEL] |= {change.before or 0, change.after or 0} - {0}
    users = {change.told_by for change in changes if change.told_by}
    return DetailHistory(
        changes,
        DeviceModel.objects.in_bulk(keys[True]) if keys[True] else {},
        dict(MeterPoint.objects.filter(pk__in=keys[False]).values_list("pk", "mpxn")) if keys[False] else {},
        dict(UserId.objects.filter(eui__in=users).values_list("eui", "party__name")) if users else {},
    )


def was_deleted(device_id: Eui64) -> bool:
    """Tell whether a device of that id was deleted on request (SR 8.4)."""
    return RemovedDevice.objects.filter(device_id=device_id, how=Removal.DELETED).exists()
