"""A page about products makes a fixed number of queries, however many entries and devices there are."""

import pytest

from inventory.models import CplEntry, CplImport
from ssi.accounts.models import Person
from tests.factories.inventory import DeviceFactory
from tests.factories.products import imported, row
from tests.incidents.test_query_counts import warm
from tests.inventory.products.test_pages import upload
from tests.query_counts import counted

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]


def test_products(dana: Person) -> None:
    rows = [row(firmware_version=f"{number:08d}") for number in range(60)]
    imported(row(), *rows)
    imported(row(gbcs_version="4.2"), *rows[5:])
    DeviceFactory.create_batch(5)
    browser = warm(dana)
    to_check = upload(browser, row(), *rows[10:])["Location"]
    for page, path in {
        "products: list": "/products/",
        "products: filtered list": "/products/?model=41A0&manufacturer=Example&standing=listed",
        "product": CplEntry.objects.get(firmware_version="00020311").get_absolute_url(),
        "products: imports": "/products/imports/",
        "products: import": CplImport.objects.latest("id").get_absolute_url(),
        "products: new list": "/products/imports/new/",
        "products: checked list": to_check,
    }.items():
        with counted(page):
            assert browser.get(path).status_code == 200
    with counted("products: export"):
        assert len(list(browser.get("/products/export.csv"))) > 60
