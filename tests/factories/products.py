"""Entries and files of the Central Products List."""

import csv
import io
from datetime import date
from typing import Any

from factory.django import DjangoModelFactory

from inventory.actions.products.importing import Summary, import_file
from inventory.actions.registrations.findings import Finding
from inventory.models import CplEntry
from inventory.models.choices import DeviceType
from ssi.access.actor import Actor

ROW = {
    "device_type": "ESME",
    "manufacturer_id": "2F01",
    "manufacturer_name": "Example Meters",
    "model_identifier": "41A0",
    "hardware_version": "0102",
    "firmware_version": "00020311",
    "smets_version": "SMETS V4.2",
    "gbcs_version": "4.1",
    "added_date": "2024-03-01",
}
"""A line of a file; it is the product of `DeviceModelFactory`."""


class CplEntryFactory(DjangoModelFactory[CplEntry]):
    """An entry that is on the list: the product of `DeviceModelFactory`."""

    class Meta:
        model = CplEntry

    device_type = DeviceType.ESME
    manufacturer = "2F01"
    manufacturer_name = "Example Meters"
    model_identifier = "41A0"
    hardware_version = "0102"
    firmware_version = "00020311"
    smets_version = "SMETS V4.2"
    gbcs_version = "4.1"
    added_date = date(2024, 3, 1)


def row(**facts: str) -> dict[str, str]:
    """Return a line of a file, other than `ROW` in `facts`."""
    return ROW | facts


def file_of(*rows: dict[str, str]) -> bytes:
    """Return a file with these lines."""
    names = list(dict.fromkeys([*ROW, *(name for each in rows for name in each)]))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def imported(*rows: dict[str, str], said: list[Finding] | None = None, **facts: Any) -> Summary:
    """Import a list of these lines, however many entries it removes; findings go to `said`."""
    tell = (said if said is not None else []).append
    options: dict[str, Any] = {"name": "cpl.csv", "by": Actor.system(), "remove_many": True, **facts}
    return import_file(io.BytesIO(file_of(*rows)), tell=tell, **options)
