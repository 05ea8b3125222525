"""How devices read on a screen, in a file and in words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from inventory.models import Device, DeviceStatusChange, MeterPoint
from inventory.models.choices import METERS, DeviceType, EsmeVariant, SmiStatus
from inventory.presenters.service_status import in_words
from inventory.search import Detail, Lookup
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.web.panels import DEVICE, LOOKUP, PageAction, Panel, actions_of, panels_of
from ssi.web.tones import tone_of

TYPE_NAMES = {
    DeviceType.ESME: "Electricity Smart Metering Equipment",
    DeviceType.GSME: "Gas Smart Metering Equipment",
    DeviceType.CHF: "Communications Hub Function",
    DeviceType.GPF: "Gas Proxy Function",
    DeviceType.PPMID: "Prepayment Meter Interface Device",
    DeviceType.HCALCS: "HAN Connected Auxiliary Load Control Switch",
    DeviceType.IHD: "In-Home Display (Type 2 Device)",
    DeviceType.CAD: "Consumer Access Device (Type 2 Device)",
}

STATUS_MEANINGS = {
    SmiStatus.PENDING: "Pre-notified, and not yet in any Communications Hub's device log.",
    SmiStatus.WHITELISTED: "In a Communications Hub's device log, and not yet joined to its network.",
    SmiStatus.INSTALLED_NOT_COMMISSIONED: "Joined to the home's network, and not yet commissioned.",
    SmiStatus.COMMISSIONED: "In service through DCC.",
    SmiStatus.DECOMMISSIONED: "Taken out of service for good.",
    SmiStatus.WITHDRAWN: "Withdrawn from DCC's services.",
    SmiStatus.SUSPENDED: "Its Device Model left the Central Products List, or its certificates are in doubt.",
    SmiStatus.RECOVERY: "Under the SMKI Recovery Procedure.",
    SmiStatus.RECOVERED: "New certificates are in place after recovery.",
}

REMOVED = "Removed from the inventory"
"""What the status history says where there is no status any more."""

VARIANT_LETTERS = {
    "A": "single element",
    "B": "twin element",
    "C": "polyphase",
    "D": "auxiliary load control switch",
    "E": "boost function",
    "F": "auxiliary proportional controller",
    "G": "standalone auxiliary proportional controller",
}

PERSONAL_DATA_REASON = (
    "Withheld: only a party registered for the meter point, now or from an agreed day on, sees its address and "
    "UPRN, and yours is not."
)
NOT_REGISTERED = "The notifying party stands in: nobody is registered as supplier of its meter points today."


def variant_in_words(variant: int) -> str:
    """Return an ESME variant with its meaning: "ADE: single element, with auxiliary load control switch and …"."""
    letters = EsmeVariant(variant).duis
    kind, *extras = (VARIANT_LETTERS[letter] for letter in letters)
    if not extras:
        return f"{letters}: {kind}"
    listed = " and ".join(filter(None, [", ".join(extras[:-1]), extras[-1]]))
    return f"{letters}: {kind}, with {listed}"


@dataclass(frozen=True, slots=True)
class AtMeterPoint:
    """A meter point of a device as the page shows it.

    `withheld` says why address and UPRN are not there; `dcc_service_status` is "" for all but DCC (MP077).
    """

    role: str
    kind: str
    mpxn: str
    uprn: int | None
    address: str
    withheld: str
    dcc_service_status: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the status history as the timeline shows it."""

    title: str
    at: datetime
    by: str
    detail: str


@dataclass(frozen=True)
class DevicePage:
    """A device as its page shows it to `actor`; a template may ask twice what is worked out once."""

    detail: Detail
    actor: Actor

    @cached_property
    def device(self) -> Device:
        """Return the device itself."""
        return self.detail.device

    @cached_property
    def home(self) -> list[Device]:
        """Return the other devices of its home, the Communications Hub first."""
        return self.detail.home

    @cached_property
    def shows_history(self) -> bool:
        """Tell whether `actor` reaches the status history."""
        return self.actor.may(Component.STATUS_HISTORY)

    @cached_property
    def history(self) -> list[Step]:
        """Return the steps of its SMI Status, newest first."""
        return [self._step(change) for change in self.detail.history]

    def _step(self, change: DeviceStatusChange) -> Step:
        because = change.because
        party = self.detail.parties.get(change.told_by, f"User ID {change.told_by}") if change.told_by else ""
        return Step(
            title=tone_of(SmiStatus(change.to_status)).words if change.to_status else REMOVED,
            at=change.at,
            by=f"SR {because}" if because[:1].isdigit() else because,
            detail=party,
        )

    @cached_property
    def panels(self) -> list[Panel]:
        """Return what the floors above know of it."""
        return panels_of(DEVICE, self.actor, self.detail)

    @cached_property
    def actions(self) -> list[PageAction]:
        """Return what may be done about it, with the reason where it may not."""
        return actions_of(DEVICE, self.actor, self.detail)

    @cached_property
    def type_name(self) -> str:
        """Return what its type's letters stand for; a G variant is a SAPC, which DUIS calls an ESME too."""
        variant = self.device.esme_variant
        if variant and "G" in EsmeVariant(variant).duis:
            return "Standalone Auxiliary Proportional Controller (SAPC), an ESME in DUIS"
        return TYPE_NAMES[DeviceType(self.device.device_type)]

    @cached_property
    def status_meaning(self) -> str:
        """Return what its SMI Status means, or why it has none."""
        if self.device.smi_status is None:
            return "A Type 2 Device is never commissioned, so it has no SMI Status."
        return STATUS_MEANINGS[SmiStatus(self.device.smi_status)]

    @cached_property
    def variant(self) -> str:
        """Return its ESME variant in words, "" where it has none."""
        return variant_in_words(self.device.esme_variant) if self.device.esme_variant else ""

    @cached_property
    def responsible(self) -> list[str]:
        """Return the names of the parties that are its Responsible Suppliers today."""
        return sorted({self.detail.parties[user_id] for user_id in self.detail.responsible.user_ids})

    @cached_property
    def responsible_because(self) -> str:
        """Return why somebody who is not registered is named as Responsible Supplier, "" otherwise."""
        return NOT_REGISTERED if self.responsible and not self.detail.responsible.is_registered else ""

    @cached_property
    def is_meter(self) -> bool:
        """Tell whether meter points belong to it by its nature."""
        return self.device.device_type in METERS

    @property
    def _is_for_dcc(self) -> bool:
        return self.actor.may(Component.DCC_SERVICE_STATUS)

    @cached_property
    def meter_points(self) -> Sequence[AtMeterPoint]:
        """Return its meter points in DUIS's order."""
        return list(self._meter_points())

    def _meter_points(self) -> Iterator[AtMeterPoint]:
        for role, point in (
            ("Import", self.device.import_meter_point),
            ("Secondary import", self.device.secondary_import_meter_point),
            ("Export", self.device.export_meter_point),
        ):
            if point is not None:
                yield self._at(role, point)

    def _at(self, role: str, point: MeterPoint) -> AtMeterPoint:
        shown = self.detail.personal_data.shows(point.pk)
        return AtMeterPoint(
            role=role,
            kind="MPAN" if point.is_electricity else "MPRN",
            mpxn=point.mpxn,
            uprn=point.uprn if shown else None,
            address=", ".join(filter(None, [point.address_identifier, point.post_code])) if shown else "",
            withheld="" if shown else PERSONAL_DATA_REASON,
            dcc_service_status=in_words(point.dcc_service_status) if self._is_for_dcc else "",
        )


CSV_HEADER = (
    "Device ID",
    "Device type",
    "SMI Status",
    "Status since (London)",
    "Manufacturer",
    "Model",
    "Firmware version",
    "Notifying User ID",
    "Notifying party",
    "Import MPxN",
    "Secondary import MPAN",
    "Export MPAN",
    "Communications Hub",
)
LOOKUP_HEADER = ("Result", *CSV_HEADER)
MOST_ROWS = 500
MOST_IN_A_FILE = 1_000_000
"""A spreadsheet takes 1,048,576 lines; who needs more narrows the filters, or takes the API."""


def csv_row(device: Device) -> list[object]:
    """Return a device, its model, User and meter points at hand, as a line of a CSV file; times are London's."""
    model = device.device_model
    return [
        str(device.pk),
        DeviceType(device.device_type).duis,
        SmiStatus(device.smi_status).duis if device.smi_status else "",
        f"{timezone.localtime(device.status_since):%Y-%m-%d %H:%M}" if device.status_since else "",
        model.manufacturer,
        model.model,
        model.firmware_version,
        str(device.notified_by_id or ""),
        device.notified_by.party.name if device.notified_by else "",
        *(
            point.mpxn if point else ""
            for point in (
                device.import_meter_point,
                device.secondary_import_meter_point,
                device.export_meter_point,
            )
        ),
        str(device.comms_hub_id or ""),
    ]


def more_than_a_file(most: int) -> str:
    """Return the last line of a file that does not hold all devices that fit; a cell of its own, in quotes."""
    return f'"More than {most:,} devices fit. Narrow the filters to have the rest."'


def lookup_rows(answer: Lookup) -> Iterator[list[object]]:
    """Yield a lookup as lines of a CSV file: what wants attention first, then the devices."""
    for invalid in answer.invalid:
        yield [f"Invalid: {invalid.message} {invalid.suggestion}", invalid.value]
    for value in answer.not_found:
        removed = answer.removed.get(value)
        yield [f"Not in the inventory{f': {removed.in_words}' if removed else ''}", value]
    for device in answer.found:
        yield ["Found", *csv_row(device)]


@dataclass(frozen=True, slots=True)
class LookupPage:
    """The answer to a pasted list as the screen shows it; the file holds all of it."""

    answer: Lookup
    actor: Actor

    @property
    def panels(self) -> list[Panel]:
        """Return what the floors above would do with the devices found."""
        return panels_of(LOOKUP, self.actor, self.answer)

    @property
    def statuses(self) -> list[tuple[str, int]]:
        """Return how many of the devices found are in each SMI Status, the most frequent first."""
        counted = Counter(device.smi_status for device in self.answer.found)
        return [(SmiStatus(status).duis if status else "", number) for status, number in counted.most_common()]

    @property
    def not_found(self) -> list[tuple[str, str]]:
        """Return what is not in the inventory, each with when and how it left, "" if it was not there before."""
        removed = self.answer.removed
        return [(value, removed[value].in_words if value in removed else "") for value in self.answer.not_found]

    @property
    def found(self) -> list[Device]:
        """Return the devices shown."""
        return self.answer.found[:MOST_ROWS]

    @property
    def not_shown(self) -> int:
        """Return how many more devices only the file holds."""
        return max(0, len(self.answer.found) - MOST_ROWS)
