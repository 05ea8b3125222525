"""How the Central Products List reads on a screen and in a file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from inventory.actions.products.consequences import MPAS_LIMIT
from inventory.models import CplDraft, CplEntry, CplEntryChange, CplImport
from inventory.models.choices import CplStep, DeviceType, EsmeVariant, ProductStatus
from inventory.search.products import MOST_COUNTED, ProductDetail
from ssi.access.actor import Actor
from ssi.web.tones import BAD, GOOD, OVER, UNDER_WAY

CSV_HEADER: Final = (
    "Device type",
    "Manufacturer ID",
    "Manufacturer",
    "Model identifier",
    "Hardware version",
    "Firmware version",
    "SMETS or CHTS version",
    "GBCS version",
    "ESME Variant",
    "Hash of the image",
    "CPA certificate",
    "CPA expiry or renewal",
    "Status",
    "Added",
    "Removed",
)
CHANGES_HEADER: Final = ("What", "Device type", "Entry", "SMETS or CHTS version", "What changed")
WORDS: Final[Mapping[str, str]] = {
    "manufacturer_name": "manufacturer",
    "gbcs_version": "GBCS version",
    "esme_variant": "ESME Variant",
    "image_hash": "hash of the image",
    "cpa_reference": "CPA certificate",
    "cpa_until_date": "CPA expiry or renewal",
    "status": "status",
    "added_date": "added",
    "smets_version": "SMETS version",
}
STEP_TITLES: Final = {
    CplStep.ADDED: "Added to the list",
    CplStep.CHANGED: "Changed",
    CplStep.REMOVED: "Removed from the list",
    CplStep.RESTORED: "Restored to the list",
}


def csv_rows(entries: Iterable[CplEntry]) -> Iterator[list[object]]:
    """Yield entries as lines of a CSV file."""
    for entry in entries:
        yield [
            DeviceType(entry.device_type).duis,
            entry.manufacturer,
            entry.manufacturer_name,
            entry.model_identifier,
            entry.hardware_version,
            entry.firmware_version,
            entry.smets_version,
            entry.gbcs_version,
            EsmeVariant(entry.esme_variant).duis if entry.esme_variant else "",
            entry.image_hash,
            entry.cpa_reference,
            entry.cpa_until_date or "",
            standing_of(entry),
            entry.added_date,
            entry.removed_date or "",
        ]


def change_rows(changes: Iterable[CplEntryChange]) -> Iterator[list[object]]:
    """Yield what an import did as lines of a CSV file."""
    for change in changes:
        entry = change.entry
        yield [
            CplStep(change.step).label,
            DeviceType(entry.device_type).duis,
            str(entry),
            entry.smets_version,
            in_words(change.changed),
        ]


def in_words(changed: Mapping[str, Sequence[str]]) -> str:
    """Return what changed of an entry: "GBCS version: 4.1 → 4.2; status: Active → Expired"."""
    return "; ".join(
        f"{WORDS.get(name, name)}: {before or 'none'} → {after or 'none'}"
        for name, (before, after) in sorted(changed.items())
    )


def standing_of(entry: CplEntry) -> str:
    """Return where an entry stands in a word: "Removed", else its status."""
    return "Removed" if entry.removed_date else ProductStatus(entry.status).duis


def tone_of_entry(entry: CplEntry) -> str:
    """Return the tone of an entry: on the list and Active, on the list otherwise, or removed."""
    if entry.removed_date:
        return BAD
    return GOOD if entry.status == ProductStatus.ACTIVE else OVER


@dataclass(frozen=True, slots=True)
class ProductLine:
    """An entry in the list."""

    entry: CplEntry

    @property
    def standing(self) -> str:
        """Return where it stands."""
        return standing_of(self.entry)

    @property
    def tone(self) -> str:
        """Return the tone of that."""
        return tone_of_entry(self.entry)


@dataclass(frozen=True, slots=True)
class Event:
    """A step of an entry's history as the timeline shows it."""

    title: str
    at: datetime
    by: str
    detail: str


@dataclass(frozen=True, slots=True)
class ProductPage:
    """An entry as its page shows it."""

    detail: ProductDetail

    @property
    def entry(self) -> CplEntry:
        """Return the entry."""
        return self.detail.entry

    @property
    def line(self) -> ProductLine:
        """Return where it stands."""
        return ProductLine(self.entry)

    @property
    def others(self) -> list[ProductLine]:
        """Return the same firmware in other SMETS versions."""
        return [ProductLine(entry) for entry in self.detail.others]

    @property
    def history(self) -> list[Event]:
        """Return what imports did to it, the newest first."""
        return [
            Event(
                STEP_TITLES[CplStep(change.step)],
                change.cpl_import.at,
                change.cpl_import.name,
                in_words(change.changed),
            )
            for change in self.detail.history
        ]

    @property
    def most_counted(self) -> int:
        """Return up to how many devices are counted."""
        return MOST_COUNTED

    @property
    def devices_url(self) -> str:
        """Return the list of its devices."""
        words = f"{self.entry.manufacturer} {self.entry.model} {self.entry.firmware_version}"
        query = {"device_type": DeviceType(self.entry.device_type).duis, "model": words}
        return f"{reverse('inventory:devices')}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class ImportPage:
    """An import as its page shows it; devices are for DCC alone."""

    cpl_import: CplImport
    actor: Actor

    @property
    def shows_devices(self) -> bool:
        """Tell whether the actor sees how many devices followed."""
        return self.actor.is_dcc

    @property
    def is_done(self) -> bool:
        """Tell whether all devices followed."""
        return self.cpl_import.carried_out_at is not None

    @property
    def state(self) -> str:
        """Return how far it is."""
        return "Carried out" if self.is_done else "Devices follow"

    @property
    def tone(self) -> str:
        """Return the tone of that."""
        return GOOD if self.is_done else UNDER_WAY


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What an import did to one entry."""

    change: CplEntryChange

    @property
    def what(self) -> str:
        """Return the step."""
        return STEP_TITLES[CplStep(self.change.step)]

    @property
    def detail(self) -> str:
        """Return what changed."""
        return in_words(self.change.changed)


@dataclass(frozen=True, slots=True)
class Part:
    """The entries that take one step, as the check shows them; `more` says how many are left out."""

    step: str
    title: str
    count: int
    rows: Sequence[Mapping[str, Any]]

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return self.count - len(self.rows)

    @property
    def touches_devices(self) -> bool:
        """Tell whether devices may follow this step."""
        return self.step != CplStep.CHANGED.label


@dataclass(frozen=True, slots=True)
class CheckPage:
    """A checked list as the desk sees it before applying it."""

    draft: CplDraft

    @property
    def found(self) -> Mapping[str, Any]:
        """Return what the check said."""
        found: Mapping[str, Any] = self.draft.found
        return found

    @property
    def parts(self) -> list[Part]:
        """Return what happens to entries, removals first."""
        order = (CplStep.REMOVED, CplStep.RESTORED, CplStep.ADDED, CplStep.CHANGED)
        return [
            Part(step.label, f"Entries {step.label}", count, self.found["entries"][step.label])
            for step in order
            if (count := self.found["outcomes"][step.label])
        ]

    @property
    def mpas_limit(self) -> int:
        """Return how many updates an MPAS takes in a file."""
        return MPAS_LIMIT
