"""The Central Products List in a real browser: the desk imports a list, and a supplier sees what came of it."""

from pathlib import Path

from playwright.sync_api import expect

from inventory.actions.products.carrying_out import carry_out, imports_to_do
from inventory.models.choices import SmiStatus
from ssi.accounts.models import Person
from tests.factories.inventory import DeviceFactory
from tests.factories.products import file_of, imported, row
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, press
from tests.journeys.watching import look_at
from tests.personas import actor_of

KEPT = row(firmware_version="00020312", image_hash="AB" * 32)


def test_the_desk_removes_a_product_and_its_devices_follow(
    open_as: OpenAs, dana: Person, gina: Person, tmp_path: Path
) -> None:
    imported(row(), KEPT)
    carry_out(imports_to_do()[-1])
    device = DeviceFactory.create(smi_status=SmiStatus.COMMISSIONED, notified_by_id=actor_of(gina).user_id)
    wrong, right = tmp_path / "wrong.csv", tmp_path / "cpl.csv"
    wrong.write_bytes(file_of(KEPT, row(device_type="IHD")))
    right.write_bytes(file_of(KEPT | {"gbcs_version": "4.2"}))

    page = open_as(dana)
    page.goto("/products/")
    look_at(page)
    follow(page, "Import a list")
    look_at(page)
    page.get_by_label("File").set_input_files(wrong)
    press(page, "Check the list")
    expect(page.get_by_role("main")).to_contain_text("The file was rejected whole")
    look_at(page)
    page.get_by_label("File").set_input_files(right)
    press(page, "Check the list")
    expect(page.get_by_role("row", name="2F01 41A00102, firmware 00020311")).to_contain_text("1")
    look_at(page)
    press(page, "Apply the list")
    expect(page.get_by_role("progressbar")).to_be_visible()
    look_at(page)
    carry_out(imports_to_do()[-1])
    expect(page.get_by_role("main")).to_contain_text("1 suspended, 0 restored")
    look_at(page)
    page.goto("/products/imports/")
    look_at(page)

    reader = open_as(gina)
    reader.goto(device.get_absolute_url())
    follow(reader, "2F01 41A00102, firmware 00020311")
    expect(reader.get_by_role("main")).to_contain_text("Removed from the list")
    look_at(reader)
