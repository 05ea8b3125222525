"""The pages of reports and suspicions make a fixed number of queries, however many rows they show."""

import pytest
from django.test import Client

from inventory.actions.reports import refresh_device_counts
from inventory.actions.suspicions import refresh_suspicions
from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus, Suspect
from ssi.accounts.models import Person, UserId
from tests.factories.inventory import DeviceFactory, DeviceModelFactory
from tests.personas import actor_of, client_of
from tests.query_counts import counted

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]


@pytest.fixture
def estate(gina: Person) -> None:
    """Make commissioned meters of several models, each without a meter point."""
    ours = UserId.objects.get(pk=actor_of(gina).user.user_id)
    for number in range(7):
        model = DeviceModelFactory.create(model=f"41A0010{number}")
        DeviceFactory.create(device_model=model, notified_by=ours, smi_status=SmiStatus.COMMISSIONED)
    DeviceFactory.create(device_type=DeviceType.IHD)
    refresh_device_counts()
    refresh_suspicions()
    assert Device.objects.count() == 8


def warm(person: Person) -> Client:
    """Return a browser that has loaded a page before, as all have but the first."""
    browser = client_of(person)
    browser.get("/reports/")
    return browser


def test_reports(gina: Person, dana: Person, estate: None) -> None:
    browser = warm(gina)
    for page, address in {
        "reports: index": "/reports/",
        "reports: devices by status": "/reports/rsmi-001/",
        "reports: devices by firmware, ours": "/reports/rsmi-002/?whose=2",
        "reports: devices by model, at our meter points": "/reports/rsmi-003/?whose=3",
    }.items():
        with counted(page):
            assert browser.get(address).status_code == 200
    with counted("reports: export"):
        b"".join(browser.get("/reports/rsmi-003/export.csv"))
    desk = warm(dana)
    with counted("reports: devices by status, DCC"):
        desk.get("/reports/rsmi-001/")


def test_suspicions(gina: Person, dana: Person, estate: None) -> None:
    query = f"?kind={Suspect.NO_METER_POINT.value}"
    for person, name in ((gina, "a User"), (dana, "DCC")):
        browser = warm(person)
        with counted(f"suspicions: {name}"):
            assert len(browser.get(f"/corrections/suspicions/{query}").context["shown"].rows) == 7
        with counted(f"suspicions: export, {name}"):
            assert len(list(browser.get(f"/corrections/suspicions/export.csv{query}"))) == 9
