"""How corrections of one device read: what may be corrected by which rule, and the history of its details."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from inventory.models import Device, DeviceDetailChange
from inventory.models.choices import Detail, DeviceType, EsmeVariant
from inventory.rules_of_details import (
    CorrectionRefused,
    Rule,
    Standing,
    may_ask_the_desk,
    refusal_of,
    rule_for_deletion,
    rule_for_details,
    rule_for_variant,
)
from inventory.search.corrections import DetailHistory
from ssi.eui64 import Eui64

_DETAILS: Final = {
    "esme_variant": "ESME Variant",
    "manufacturer": "Manufacturer",
    "model": "Model",
    "smets_version": "SMETS or CHTS version",
    "firmware_version": "Firmware version",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A detail of a device: what stands there, and by which rule it may be corrected, or which forbids it."""

    field: str
    name: str
    now: str
    rule: Rule | None
    refusal: CorrectionRefused | None


@dataclass(frozen=True, slots=True)
class Allowances:
    """What somebody may correct of a device, each with its rule, and what not."""

    device: Device
    standing: Standing

    @property
    def lines(self) -> list[Line]:
        """Return every detail; of what is no ESME no variant."""
        return [
            self._line(name)
            for name in _DETAILS
            if name != "esme_variant" or self.device.device_type == DeviceType.ESME
        ]

    def _line(self, name: str) -> Line:
        rule, refusal = _asked(self._rule_of(name))
        return Line(name, _DETAILS[name], self._now(name), rule, refusal)

    def _rule_of(self, name: str) -> Callable[[], Rule]:
        if name == "esme_variant":
            return lambda: rule_for_variant(self.standing, mp125=settings.MP125)
        return lambda: rule_for_details(self.standing)

    def _now(self, name: str) -> str:
        if name == "esme_variant":
            return letters(self.device.esme_variant)
        return str(getattr(self.device.device_model, name))

    @property
    def allowed(self) -> list[str]:
        """Return the fields that may be corrected."""
        return [line.field for line in self.lines if line.rule is not None]

    @property
    def may_delete(self) -> bool:
        """Tell whether the device may be deleted."""
        return refusal_of(lambda: rule_for_deletion(self.standing)) is None

    @property
    def no_deletion(self) -> CorrectionRefused | None:
        """Return why the device may not be deleted."""
        return refusal_of(lambda: rule_for_deletion(self.standing))

    @property
    def no_asking(self) -> CorrectionRefused | None:
        """Return why DCC may not be asked to correct manufacturer and model."""
        return refusal_of(lambda: may_ask_the_desk(self.standing))

    @property
    def may_ask(self) -> bool:
        """Tell whether DCC may be asked to correct manufacturer and model."""
        return refusal_of(lambda: may_ask_the_desk(self.standing)) is None

    @property
    def reason(self) -> str:
        """Return why nothing at all may be corrected, "" where something may."""
        if self.allowed or self.may_ask:
            return ""
        first = self.lines[0].refusal
        return first.message if first else ""


def _asked(rule: Callable[[], Rule]) -> tuple[Rule | None, CorrectionRefused | None]:
    try:
        return rule(), None
    except CorrectionRefused as refusal:
        return None, refusal


def letters(variant: int | None) -> str:
    """Return an ESME Variant as DUIS writes it, "" for none."""
    return EsmeVariant(variant).duis if variant else ""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a detail as the timeline shows it."""

    title: str
    at: datetime
    by: str
    detail: str


def steps(history: DetailHistory) -> list[Step]:
    """Return the changes of a device's details, newest first."""
    return [_step(change, history) for change in history.changes]


def _step(change: DeviceDetailChange, history: DetailHistory) -> Step:
    told_by: Eui64 | None = change.told_by
    party = history.parties.get(told_by, f"User ID {told_by}") if told_by else ""
    before, after = (_said(change.field, each, history) for each in (change.before, change.after))
    return Step(
        title=f"{change.get_field_display()}: {before} → {after}",
        at=change.at,
        by=_by_way_of(change.because),
        detail=party,
    )


def _said(field: int, value: int | None, history: DetailHistory) -> str:
    if value is None:
        return "none"
    if field == Detail.ESME_VARIANT:
        return letters(value)
    if field == Detail.DEVICE_MODEL:
        model = history.models.get(value)
        return str(model) if model else "a model no longer on record"
    return history.points.get(value, "a meter point no longer on record")


def _by_way_of(because: str) -> str:
    """Return what the history keeps as readers know it: "SR 8.4, Responsible Supplier"."""
    way, _, rule = because.partition(": ")
    ways = {"screen": "Corrected on screen", "file": "Corrected by file", "file reverted": "File reverted"}
    words = {Rule.NOTIFYING_PARTY: "as notifying party", Rule.RESPONSIBLE_SUPPLIER: "as Responsible Supplier"}
    said = ways.get(way) or (f"SR {way}" if way[:1].isdigit() else way.capitalize())
    named = {str(each): text for each, text in words.items()}.get(rule, rule)
    return ", ".join(filter(None, [said, named]))
