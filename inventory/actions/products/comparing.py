"""What a full list means for the entries that are there: added, changed, removed, restored, or there already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.conf import settings

from inventory.actions.products.reading import Row
from inventory.models import CplEntry, CplEntryChange, CplImport
from inventory.models.choices import CplStep, DuisChoices, EsmeVariant, ProductStatus
from ssi.db import update_many

FACTS: Final = (
    "manufacturer_name",
    "gbcs_version",
    "esme_variant",
    "image_hash",
    "cpa_reference",
    "cpa_until_date",
    "status",
    "added_date",
)
"""What an entry says besides its key; without MP202 its SMETS version is such a fact as well."""
ROWS_AT_ONCE: Final = 2_000

_CHOICES: Final[Mapping[str, type[DuisChoices]]] = {"esme_variant": EsmeVariant, "status": ProductStatus}
_KEY: Final = (
    "device_type",
    "manufacturer",
    "model_identifier",
    "hardware_version",
    "firmware_version",
    "smets_version",
)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one entry; `changed` holds, by field, what stood there before and after, as text."""

    entry: CplEntry
    step: CplStep
    changed: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The steps of a whole list; `listed` is how many entries were on it before."""

    steps: tuple[Step, ...]
    listed: int
    rows: int

    def count(self, step: CplStep) -> int:
        """Return how many entries take that step."""
        return sum(each.step is step for each in self.steps)

    @property
    def removes_many(self) -> bool:
        """Tell whether more than half of the entries on the list would go: suspiciously many."""
        return self.count(CplStep.REMOVED) * 2 > self.listed


def compare(rows: Iterable[Row], *, today: date) -> Comparison:
    """Return what the rows of a full list mean. Its entries have the new facts already, and are not saved."""
    entries = list(CplEntry.objects.order_by("id"))
    listed = sum(each.removed_date is None for each in entries)
    by_key = _by_key(entries)
    named: set[int] = set()
    steps: list[Step] = []
    count = 0
    for row in rows:
        count += 1
        entry = by_key.get(_key_of(row))
        if entry is None:
            steps.append(Step(_entry(row), CplStep.ADDED))
            continue
        named.add(entry.pk)
        changed = _take(entry, row)
        if entry.removed_date is not None:
            entry.removed_date = None
            steps.append(Step(entry, CplStep.RESTORED, changed))
        elif changed:
            steps.append(Step(entry, CplStep.CHANGED, changed))
    for entry in entries:
        if entry.removed_date is None and entry.pk not in named:
            entry.removed_date = today
            steps.append(Step(entry, CplStep.REMOVED))
    return Comparison(tuple(steps), listed, count)


def write(comparison: Comparison, cpl_import: CplImport) -> None:
    """Save the entries and the history of each, in a handful of statements."""
    new = [each.entry for each in comparison.steps if each.step is CplStep.ADDED]
    kept = [each.entry for each in comparison.steps if each.step in {CplStep.CHANGED, CplStep.RESTORED}]
    gone = [each.entry for each in comparison.steps if each.step is CplStep.REMOVED]
    CplEntry.objects.bulk_create(new, batch_size=ROWS_AT_ONCE)
    update_many(kept, [*FACTS, "smets_version", "removed_date"])
    for entry in gone[:1]:
        CplEntry.objects.filter(pk__in=[each.pk for each in gone]).update(removed_date=entry.removed_date)
    CplEntryChange.objects.bulk_create(
        [
            CplEntryChange(
                entry=each.entry,
                cpl_import=cpl_import,
                step=each.step,
                changed={name: list(values) for name, values in each.changed.items()},
            )
            for each in comparison.steps
        ],
        batch_size=ROWS_AT_ONCE,
    )


def _by_key(entries: Iterable[CplEntry]) -> dict[tuple[object, ...], CplEntry]:
    """Return the entries by their key. Without MP202 several share one: one that is listed comes first."""
    kept: dict[tuple[object, ...], CplEntry] = {}
    for entry in entries:
        key = tuple(getattr(entry, name) for name in _key_columns())
        if key not in kept or kept[key].removed_date is not None:
            kept[key] = entry
    return kept


def _key_columns() -> tuple[str, ...]:
    return _KEY if settings.MP202 else _KEY[:-1]


def _key_of(row: Row) -> tuple[object, ...]:
    return row.key if settings.MP202 else row.key[:-1]


def _entry(row: Row) -> CplEntry:
    return CplEntry(**{name: getattr(row, name) for name in (*_KEY, *FACTS)})


def _take(entry: CplEntry, row: Row) -> dict[str, tuple[str, str]]:
    """Set the row's facts in the entry and return those that differ."""
    changed = {}
    for name in (*FACTS, *(() if settings.MP202 else ("smets_version",))):
        before, after = getattr(entry, name), getattr(row, name)
        if before != after:
            changed[name] = (_in_words(name, before), _in_words(name, after))
            setattr(entry, name, after)
    return changed


def _in_words(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and name in _CHOICES:
        return _CHOICES[name](value).duis
    return str(value)
