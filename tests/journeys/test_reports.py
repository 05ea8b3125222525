"""The reports and the suspicions in a browser: accessible in both themes, at 320 px, and quiet."""

from inventory.actions.reports import refresh_device_counts
from inventory.actions.suspicions import refresh_suspicions
from inventory.actions.suspicions.finding import FEWEST
from inventory.models.choices import EsmeVariant, SmiStatus
from ssi.accounts.models import Person, UserId
from tests.factories.inventory import DeviceFactory, DeviceModelFactory
from tests.journeys.conftest import OpenAs
from tests.journeys.watching import look_at
from tests.personas import actor_of

PAGES = (
    "/reports/",
    "/reports/rsmi-001/",
    "/reports/rsmi-002/",
    "/reports/rsmi-003/?whose=2",
    "/corrections/suspicions/",
    "/corrections/suspicions/?kind=4",
)


def test_reports_and_suspicions(open_as: OpenAs, gina: Person, dana: Person) -> None:
    for person in (gina, dana):
        page = open_as(person)
        page.goto("/reports/rsmi-001/")
        look_at(page)
        page.goto("/corrections/suspicions/")
        look_at(page)
    model, ours = DeviceModelFactory.create(), UserId.objects.get(pk=actor_of(gina).user.user_id)
    DeviceFactory.create_batch(FEWEST, device_model=model)
    facts = {"device_model": model, "notified_by": ours, "smi_status": SmiStatus.COMMISSIONED}
    DeviceFactory.create_batch(3, **facts, esme_variant=EsmeVariant.B)
    refresh_device_counts()
    refresh_suspicions()
    for person in (gina, dana):
        page = open_as(person)
        for address in PAGES:
            page.goto(address)
            look_at(page)
