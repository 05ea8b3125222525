"""The living inventory in a real browser: corrections, and every page of it as its readers see it."""

import pytest
from django.core.management import call_command
from playwright.sync_api import FilePayload, expect

from inventory.models import CorrectionBatch, CplEntry, Device, DeviceModel, HousekeepingNotice
from inventory.models.choices import EsmeVariant
from ssi.accounts.models import Person
from tests.factories.corrections import csv_of, worked_off
from tests.factories.inventory import DeviceFactory
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, go, press
from tests.journeys.watching import look_at
from tests.personas import actor_of

A_WHILE = 10_000


def a_file(name: str, data: bytes) -> FilePayload:
    """Return a file as it lies on somebody's desk."""
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def test_variants_are_corrected_and_put_back(open_as: OpenAs, gina: Person) -> None:
    own = actor_of(gina).user_id
    first, second = DeviceFactory.create_batch(2, notified_by_id=own)
    strange = DeviceFactory.create()
    page = open_as(gina)
    page.goto(first.get_absolute_url())
    follow(page, "Correct details")
    look_at(page)
    page.get_by_label("ESME Variant").select_option(label="B: twin element")
    press(page, "Check your answers")
    look_at(page)
    press(page, "Correct the device")
    expect(page.get_by_role("heading", name="The device is corrected")).to_be_visible()
    look_at(page)
    assert Device.objects.get(pk=first.pk).esme_variant == EsmeVariant.B

    page.goto("/corrections/")
    go(page.get_by_role("link", name="Correct many by file").first)
    press(page, "Check the file")
    look_at(page)  # no file chosen
    lines = csv_of((second.pk, EsmeVariant.AD), (strange.pk, EsmeVariant.AD), ("nonsense", "A"))
    page.locator("input[type=file]").set_input_files(a_file("variants.csv", lines))
    press(page, "Check the file")
    expect(page.get_by_role("heading", name="Corrections of ESME Variants")).to_be_visible()
    worked_off(CorrectionBatch.objects.get())
    expect(page.get_by_role("heading", name="Go ahead?")).to_be_visible(timeout=A_WHILE)
    look_at(page)
    press(page, "Correct 1 device")
    worked_off(CorrectionBatch.objects.get())
    expect(page.get_by_text("Revert this file").first).to_be_visible(timeout=A_WHILE)
    assert Device.objects.get(pk=second.pk).esme_variant == EsmeVariant.AD
    page.get_by_text("Revert this file").first.click()
    look_at(page)
    press(page, "Revert this file")
    worked_off(CorrectionBatch.objects.get())
    expect(page.get_by_text("Reverted").first).to_be_visible(timeout=A_WHILE)
    assert Device.objects.get(pk=second.pk).esme_variant == EsmeVariant.A


@pytest.fixture
def demo() -> None:
    """Load the demo estate, whose pages all have something to show."""
    call_command("load_demo")


PAGES = (
    "/service-requests/",
    "/corrections/",
    "/corrections/suspicions/",
    "/products/?device_type=PPMID",
    "/wan-coverage/",
    "/housekeeping/",
    "/reports/",
    "/reports/rsmi-001/",
    "/reports/rsmi-003/",
    "/reports/transactions/",
)


def test_pages_of_a_supplier(open_as: OpenAs, demo: None) -> None:
    gina = Person.objects.get(email="gina@northlight.example")
    page = open_as(gina)
    notice = HousekeepingNotice.objects.filter(party=gina.party).first()
    assert notice
    entry = CplEntry.objects.order_by("pk")[0]
    model = DeviceModel.objects.get(firmware_version=entry.firmware_version, device_type=entry.device_type)
    meter = Device.objects.filter(device_model=model, import_meter_point__isnull=False).order_by("pk")[0]
    of_these = (f"/incidents/{notice.reference}/", f"/products/{entry.pk}/", meter.get_absolute_url())
    for path in (*PAGES, *of_these):
        page.goto(path)
        look_at(page)


def test_pages_of_the_desk(open_as: OpenAs, demo: None) -> None:
    page = open_as(Person.objects.get(email="dana@dcc.example"))
    for path in ("/dcc-service-status/", "/products/imports/", "/housekeeping/", "/reports/transactions/"):
        page.goto(path)
        look_at(page)
