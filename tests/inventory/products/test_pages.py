"""The pages of the Central Products List: browsing for everybody, importing for the desk."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from inventory.actions.products import drafting
from inventory.actions.products.carrying_out import carry_out_here
from inventory.models import CplDraft, CplEntry, CplImport
from inventory.models.choices import DeviceType, ProductStatus, SmiStatus
from ssi.accounts.models import Person
from ssi.refusals import NotAllowed
from tests.factories.inventory import DeviceFactory, MeterPointFactory
from tests.factories.products import CplEntryFactory, file_of, imported, row
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

OTHER = row(firmware_version="00020312")
KEY = "6f1c9f3a-43f1-4f0a-9a40-3a4f6f4a0001"


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def upload(browser: Client, *rows: dict[str, str]) -> Any:
    file = SimpleUploadedFile("cpl-november.csv", file_of(*rows))
    return browser.post("/products/imports/new/", {"file": file, "idempotency_key": KEY})


class TestBrowsing:
    """What everybody sees."""

    @pytest.fixture(autouse=True)
    def entries(self) -> None:
        CplEntryFactory.create(manufacturer_name="Example Meters")
        CplEntryFactory.create(
            device_type=DeviceType.PPMID,
            manufacturer="7E02",
            manufacturer_name="Displays & Co",
            model_identifier="0A01",
            hardware_version="0001",
            firmware_version="00010203",
            removed_date=date(2026, 5, 1),
            status=ProductStatus.EXPIRED,
        )

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("", {"41A00102", "0A010001"}),
            ("device_type=PPMID", {"0A010001"}),
            ("manufacturer=2f01", {"41A00102"}),
            ("manufacturer=displays", {"0A010001"}),
            ("model=a0+01", {"41A00102"}),
            ("firmware=0001", {"0A010001"}),
            ("standing=listed", {"41A00102"}),
            ("standing=removed", {"0A010001"}),
            ("standing=removed&device_type=ESME", set()),
        ],
    )
    def test_filters_narrow_the_list_and_the_file_alike(self, olu: Person, query: str, shown: set[str]) -> None:
        browser = client_of(olu)
        page = browser.get(f"/products/?{query}")
        assert {each.entry.model for each in page.context["lines"]} == shown
        lines = b"".join(browser.get(f"/products/export.csv?{query}")).decode().splitlines()[1:]
        assert len(lines) == len(shown)

    def test_a_wrong_filter_is_said_and_the_file_leads_back(self, olu: Person) -> None:
        browser = client_of(olu)
        assert "Choose one of those listed" in text_of(browser.get("/products/?device_type=TV"))
        assert browser.get("/products/export.csv?device_type=TV").status_code == 302

    def test_nothing_found_says_what_to_do(self, olu: Person) -> None:
        assert "No product fits these filters" in text_of(client_of(olu).get("/products/?firmware=FF"))

    def test_a_cursor_nobody_gave_out_is_refused(self, olu: Person) -> None:
        assert "Start again from the first page" in text_of(client_of(olu).get("/products/?cursor=abc"))

    def test_an_entry_that_is_not_there_is_404(self, olu: Person) -> None:
        assert client_of(olu).get("/products/4711/").status_code == 404
        assert client_of(olu).get("/products/imports/4711/").status_code == 404


def test_an_empty_list_says_so(olu: Person, dana: Person) -> None:
    assert "No list was imported yet" in text_of(client_of(olu).get("/products/"))
    assert "Import the full list" in text_of(client_of(dana).get("/products/"))
    assert "No list was imported yet" in text_of(client_of(olu).get("/products/imports/"))


def test_an_entry_shows_its_history_and_to_dcc_its_devices(olu: Person, dana: Person) -> None:
    imported(row(), OTHER)
    imported(row(gbcs_version="4.2"), OTHER)
    DeviceFactory.create_batch(2)
    entry = CplEntry.objects.get(firmware_version="00020311")
    page = text_of(client_of(olu).get(entry.get_absolute_url()))
    assert "GBCS version: 4.1 → 4.2" in page
    assert "Added to the list" in page
    assert "of this product in the inventory" not in page
    assert "2 devices</a> of this product in the inventory" in text_of(
        client_of(dana).get(entry.get_absolute_url())
    )


def test_the_same_firmware_in_another_smets_version_is_named(olu: Person) -> None:
    entry = CplEntryFactory.create(device_type=DeviceType.PPMID)
    other = CplEntryFactory.create(device_type=DeviceType.PPMID, smets_version="SMETS1")
    assert f'<a href="/products/{other.pk}/">SMETS1</a>' in text_of(client_of(olu).get(entry.get_absolute_url()))


def test_a_device_leads_to_its_product(gina: Person) -> None:
    device = DeviceFactory.create()
    assert "never on the list" in text_of(client_of(gina).get(device.get_absolute_url()))
    entry = CplEntryFactory.create()
    assert entry.get_absolute_url() in text_of(client_of(gina).get(device.get_absolute_url()))
    type_2 = DeviceFactory.create(device_type=DeviceType.IHD)
    assert "never on the list" not in text_of(client_of(gina).get(type_2.get_absolute_url()))


class TestImporting:
    """What the desk does."""

    @pytest.fixture(autouse=True)
    def device(self) -> None:
        imported(row(), OTHER)
        CplImport.objects.update(carried_out_at="2026-01-01T00:00Z")
        DeviceFactory.create(smi_status=SmiStatus.COMMISSIONED, import_meter_point=MeterPointFactory.create())

    def test_a_list_is_checked_confirmed_and_carried_out(self, dana: Person) -> None:
        browser = client_of(dana)
        to_check = upload(browser, OTHER)["Location"]
        page = text_of(browser.get(to_check))
        assert "2F01 41A00102, firmware 00020311" in page
        assert "At 1 meter point: 1 file of 20,000" in page
        assert CplEntry.objects.filter(removed_date=None).count() == 2
        done = browser.post(to_check, {"idempotency_key": KEY})["Location"]
        applied = CplImport.objects.latest("id")
        assert done == applied.get_absolute_url()
        assert (applied.removed, applied.devices_expected, applied.by) == (1, 1, dana.name)
        assert 'max="1"' in text_of(browser.get(done))
        carry_out_here(applied)
        assert "1 suspended, 0 restored" in text_of(browser.get(done))
        assert not CplDraft.objects.exists()

    def test_the_second_press_of_the_button_changes_nothing(self, dana: Person) -> None:
        browser = client_of(dana)
        to_check = upload(browser, OTHER)["Location"]
        first, second = (browser.post(to_check, {"idempotency_key": KEY}) for _ in range(2))
        assert first["Location"] == second["Location"]
        assert CplImport.objects.count() == 2
        assert browser.get(to_check).status_code == 404

    def test_what_is_wrong_is_shown_line_by_line(self, dana: Person) -> None:
        page = text_of(upload(client_of(dana), row(), row(device_type="IHD", firmware_version="00020399")))
        assert "The file was rejected whole" in page
        assert "IHDs are never on the Central Products List." in page
        assert not CplDraft.objects.exists()

    def test_a_list_that_is_there_already_says_so(self, dana: Person) -> None:
        assert "nothing would change" in text_of(upload(client_of(dana), row(), OTHER))

    def test_more_than_half_goes_only_with_the_tick(self, dana: Person) -> None:
        browser = client_of(dana)
        to_check = upload(browser, row(firmware_version="00020399"))["Location"]
        assert "Is this the full list?" in text_of(browser.get(to_check))
        assert "Tick" in text_of(browser.post(to_check, {"idempotency_key": KEY}))
        assert CplImport.objects.count() == 1
        assert browser.post(to_check, {"idempotency_key": KEY, "remove_many": "on"}).status_code == 302
        assert CplImport.objects.latest("id").removed == 2

    def test_what_was_shown_is_what_is_applied_or_nothing(self, dana: Person) -> None:
        browser = client_of(dana)
        to_check = upload(browser, OTHER)["Location"]
        imported(row(), OTHER, row(firmware_version="00020313"))
        page = text_of(browser.post(to_check, {"idempotency_key": KEY}))
        assert "was changed since this file was checked" in page
        assert not CplEntry.objects.exclude(removed_date=None).exists()

    def test_users_neither_import_nor_see_how_many_devices_follow(self, gina: Person, dana: Person) -> None:
        to_check = upload(client_of(dana), OTHER)["Location"]
        browser = client_of(gina)
        for path in ("/products/imports/new/", to_check):
            assert browser.get(path).status_code == 403
            assert browser.post(path, {"idempotency_key": KEY}).status_code == 403
        with pytest.raises(NotAllowed):
            drafting.check(file_of(OTHER), name="x.csv", by=actor_of(gina))
        imported(OTHER)
        last = CplImport.objects.latest("id")
        assert "suspended" not in text_of(browser.get("/products/imports/"))
        assert "suspended" not in text_of(browser.get(last.get_absolute_url()))
        assert CplImport.objects.count() == 2

    def test_an_import_goes_out_as_a_file(self, olu: Person) -> None:
        imported(row(gbcs_version="4.2"))
        path = f"{CplImport.objects.latest('id').get_absolute_url()}export.csv"
        lines = b"".join(client_of(olu).get(path)).decode().splitlines()
        assert len(lines) == 3
        assert any("GBCS version: 4.1 → 4.2" in line for line in lines)
