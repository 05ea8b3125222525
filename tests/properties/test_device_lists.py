"""A list of devices, page after page, is what its filters say, whatever they are and however they are met."""

from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.models import Device, DeviceModel
from inventory.models.choices import TYPE_2, DeviceType, SmiStatus
from inventory.search import Filters, devices_page
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceFactory, DeviceModelFactory

TYPES: Final = (DeviceType.ESME, DeviceType.CHF, DeviceType.IHD)
MODELS_OF_EACH: Final = 3
USERS: Final = 3
IDS: Final = (-(2**63), -7, -1, 0, 1, 2**63 - 1)
"""Device IDs as they are kept, the ends among them."""


@st.composite
def estates(draw: st.DrawFn) -> list[tuple[int, int, int, SmiStatus | None]]:
    """Draw devices: number of the Device ID, of the model and of the User, and the status."""
    keys = draw(st.lists(st.sampled_from(IDS) | st.integers(2, 400), unique=True, max_size=40))
    return [
        (
            key,
            model := draw(st.integers(0, len(TYPES) * MODELS_OF_EACH - 1)),
            draw(st.integers(0, USERS - 1)),
            None if TYPES[model // MODELS_OF_EACH] in TYPE_2 else draw(st.sampled_from(SmiStatus)),
        )
        for key in keys
    ]


class TestPages(TestCase):
    """Each example lies in a transaction of its own."""

    @settings(max_examples=60, deadline=None)
    @given(
        estates(),
        st.none() | st.sampled_from(TYPES),
        st.none() | st.sampled_from(SmiStatus),
        st.sampled_from(["", "MAKER0", "MAKER1", "NOBODY"]),
        st.sets(st.integers(0, USERS - 1)),
        st.integers(1, 20),
    )
    @example([(key, 0, 0, SmiStatus.PENDING) for key in IDS], TYPES[0], SmiStatus.PENDING, "MAKER0", {0}, 2)
    @example([(key, 0, 0, SmiStatus.PENDING) for key in IDS], TYPES[0], None, "", set(), 1)
    def test_they_are_what_fits_in_order(
        self,
        estate: list[tuple[int, int, int, SmiStatus | None]],
        device_type: DeviceType | None,
        smi_status: SmiStatus | None,
        words: str,
        chosen: set[int],
        size: int,
    ) -> None:
        models, users = _models(), [each.pk for each in UserIdFactory.create_batch(USERS)]
        for key, model, user, status in estate:
            DeviceFactory.create(
                pk=Eui64.from_bigint(key),
                device_model=models[model],
                device_type=models[model].device_type,
                smi_status=status,
                notified_by_id=users[user],
            )
        filters = Filters(
            device_type=device_type,
            smi_status=smi_status,
            model=words,
            notified_by=[users[number] for number in sorted(chosen)],
        )
        fits = sorted(
            key
            for key, model, user, status in estate
            if (device_type in {None, models[model].device_type})
            and (smi_status in {None, status})
            and words in models[model].manufacturer
            and (not chosen or user in chosen)
        )
        assert [each.pk.as_bigint for each in _listed(filters, size)] == fits


def _models() -> list[DeviceModel]:
    return [
        DeviceModelFactory.create(device_type=device_type, manufacturer=f"MAKER{number}")
        for device_type in TYPES
        for number in range(MODELS_OF_EACH)
    ]


def _listed(filters: Filters, size: int) -> list[Device]:
    page = devices_page(filters, size=size)
    found = list(page.rows)
    while page.next_cursor:
        page = devices_page(filters, cursor=page.next_cursor, size=size)
        assert page.rows
        found += page.rows
    return found
