"""How suspicions read: what stands on record, what would agree with the others, and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse

from inventory.actions.suspicions.finding import FEWEST, MAJORITY
from inventory.forms.suspicions import SuspicionFilter
from inventory.models import Device, Suspicion
from inventory.models.choices import DeviceType, EsmeVariant, Suspect
from inventory.search.suspicions import Suspected
from ssi.eui64 import Eui64
from ssi.web.pages import Page

SHORT: Final = {
    Suspect.UNLIKE_ITS_MODEL: "Unlike its model",
    Suspect.UNLIKE_ITS_HOME: "Unlike its home",
    Suspect.UNLIKE_THE_CPL: "Unlike the CPL",
    Suspect.NO_METER_POINT: "No meter point",
}

MEANING: Final = {
    Suspect.UNLIKE_ITS_MODEL: (
        f"At least {MAJORITY} % of the ESMEs of the same manufacturer and model carry another ESME Variant. "
        f"Models with fewer than {FEWEST} ESMEs say nothing."
    ),
    Suspect.UNLIKE_ITS_HOME: (
        "The home has an auxiliary load control switch (HCALCS), and the ESME Variant says it has none (no D)."
    ),
    Suspect.UNLIKE_THE_CPL: "The Central Products List gives another ESME Variant for this very product.",
    Suspect.NO_METER_POINT: (
        "The meter is Commissioned, and no MPAN or MPRN is associated with it. "
        "Associate one by Service Request 8.4; this is not corrected here."
    ),
}

CSV_HEADER: Final = ("Device ID", "ESME Variant")
"""As the upload of corrections takes it."""

CSV_HEADER_WITHOUT: Final = ("Device ID", "Device type", "Manufacturer", "Model")
MOST_IN_A_FILE: Final = 200_000


@dataclass(frozen=True, slots=True)
class Row:
    """A suspicion as the list shows it."""

    suspected: Suspected
    user: str

    @property
    def suspicion(self) -> Suspicion:
        """Return the suspicion."""
        return self.suspected.suspicion

    @property
    def device(self) -> Device | None:
        """Return its device, None if it left the inventory since."""
        return self.suspected.device

    @property
    def device_type(self) -> str:
        """Return the device type."""
        return DeviceType(self.device.device_type).duis if self.device else ""

    @property
    def current(self) -> str:
        """Return the ESME Variant that was on record."""
        return variant(self.suspicion.current)

    @property
    def expected(self) -> str:
        """Return the ESME Variant that would agree."""
        return variant(self.suspicion.expected)

    @property
    def correct_url(self) -> str:
        """Return the form that corrects it, "" where nothing is left to correct."""
        if self.device is None or not self.suspected.stands:
            return ""
        return reverse("inventory:correct", args=[self.device.pk])

    @property
    def since(self) -> str:
        """Return what became of it since the last look, "" where it stands."""
        if self.device is None:
            return "Left the inventory since"
        if self.suspected.stands:
            return ""
        return f"Corrected since: it carries {variant(self.device.esme_variant) or 'none'}"


def variant(number: int | None) -> str:
    """Return an ESME Variant's letters, "" for none."""
    return EsmeVariant(number).duis if number else ""


@dataclass(frozen=True, slots=True)
class SuspicionsPage:
    """The suspicions of a kind as their page shows them; `refreshed_at` is None before the first look."""

    filters: SuspicionFilter
    page: Page[Suspicion]
    suspected: Sequence[Suspected]
    numbers: Mapping[Suspect, int]
    users: Mapping[Eui64, str]
    refreshed_at: datetime | None

    @property
    def kind(self) -> Suspect:
        """Return the kind shown."""
        return self.filters.chosen_kind

    @property
    def has_variants(self) -> bool:
        """Tell whether this kind is about ESME Variants."""
        return self.kind is not Suspect.NO_METER_POINT

    @property
    def meaning(self) -> str:
        """Return what makes one suspected."""
        return MEANING[self.kind]

    @property
    def rows(self) -> Sequence[Row]:
        """Return the rows of this page."""
        return [Row(each, self._user(each.suspicion.user_id)) for each in self.suspected]

    def _user(self, user_id: Eui64 | None) -> str:
        return self.users.get(user_id, str(user_id)) if user_id else ""

    @property
    def tabs(self) -> Sequence[Mapping[str, Any]]:
        """Return a tab for each kind, with how many there are."""
        chosen = self.filters.chosen_user
        more = f"&user={chosen}" if chosen else ""
        return [
            {
                "label": SHORT[kind],
                "url": f"{reverse('inventory:suspicions')}?kind={kind.value}{more}",
                "current": kind is self.kind,
                "count": self.numbers[kind],
            }
            for kind in Suspect
        ]


def csv_header(kind: Suspect) -> Sequence[str]:
    """Return the first line of the file of a kind."""
    return CSV_HEADER_WITHOUT if kind is Suspect.NO_METER_POINT else CSV_HEADER


def csv_rows(kind: Suspect, found: Iterator[Suspected]) -> Iterator[Sequence[object]]:
    """Yield the lines of the file of a kind: what still stands, with the variant that would agree."""
    for each in found:
        device = each.device
        if kind is not Suspect.NO_METER_POINT:
            yield [str(each.suspicion.device_id), variant(each.suspicion.expected)]
        elif device is not None:
            model = device.device_model
            yield [str(device.pk), DeviceType(device.device_type).duis, model.manufacturer, model.model]
