"""The pages about meter points and places in a real browser: accessible, at 320 px, and quiet."""

from datetime import date

from django.utils import timezone

from inventory.actions.meter_points import notify_service_status
from inventory.models import CoverageImport
from inventory.models.choices import CspRegion, Likelihood
from ssi.access.actor import Actor
from ssi.accounts.models import Person, UserId
from tests.factories.coverage import WanCoverageFactory
from tests.factories.registrations import RegistrationFactory
from tests.factories.service_status import active_point, moved
from tests.journeys.conftest import OpenAs
from tests.journeys.watching import look_at
from tests.personas import actor_of

MPAN = "2000007794886"


def test_coverage_and_finding_by_address(open_as: OpenAs, vera: Person) -> None:
    point, meter = active_point(MPAN)
    RegistrationFactory.create(meter_point=point, user_id=UserId.objects.get(pk=actor_of(vera).user.user_id))
    page = open_as(vera)
    page.goto("/wan-coverage/")
    look_at(page)
    CoverageImport.objects.create(at=timezone.now(), name="set.csv", sha256="0" * 64, rows=2)
    WanCoverageFactory.create(technology=" ", anticipated_date=date(2027, 3, 31), likelihood=Likelihood.LOW)
    WanCoverageFactory.create(csp_region=CspRegion.NORTH_4G, is_available=None, likelihood=None)
    for path in (
        "/wan-coverage/?place=nl14qx",
        "/wan-coverage/?place=BG2+7TR",
        "/wan-coverage/?place=nonsense",
        "/devices/by-address/",
        "/devices/by-address/?place=nl14qx",
        "/devices/by-address/?place=BG2+7TR",
        meter.get_absolute_url(),
    ):
        page.goto(path)
        look_at(page)


def test_service_status_for_the_desk(open_as: OpenAs, dana: Person) -> None:
    page = open_as(dana)
    page.goto("/dcc-service-status/")
    look_at(page)
    _, meter = active_point(MPAN)
    notify_service_status(by=Actor.system(), at=timezone.now())
    moved(meter, "decommission")
    for path in (
        "/dcc-service-status/",
        "/dcc-service-status/?mpxn=nonsense",
        f"/dcc-service-status/{MPAN}/",
        meter.get_absolute_url(),
    ):
        page.goto(path)
        look_at(page)
