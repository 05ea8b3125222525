"""The pages about whom one may trust: alerts, contradicted claims, successions, and devices that have settled."""

from datetime import date

import pytest
from django.utils import timezone

from incidents.actions import asking_alerts, quotas, responsibility, settled
from incidents.models import AskingAlert, InstallCodeRequest
from incidents.models.choices import State
from inventory.models import Device
from inventory.models.choices import SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.actions import successions
from ssi.accounts.models import Person, Succession
from ssi.accounts.models.succession import TakenOverBecause
from tests.factories.accounts import UserIdFactory
from tests.factories.incidents import request_in
from tests.factories.inventory import MeterPointFactory
from tests.factories.registrations import RegistrationFactory
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, go, press
from tests.journeys.watching import look_at


@pytest.fixture
def settled_requests(gina: Person, ivan: Person) -> list[InstallCodeRequest]:
    """Return an assigned, an answered and a third request whose devices need no code any more."""
    states = (State.ASSIGNED, State.ANSWERED, State.WITH_SERVICE_DESK)
    requests = [request_in(state, gina, ivan) for state in states]
    point = RegistrationFactory.create(meter_point=MeterPointFactory.create()).meter_point
    Device.objects.filter(pk=requests[0].device_id).update(import_meter_point=point)
    for request, status in zip(requests, (SmiStatus.COMMISSIONED, SmiStatus.DECOMMISSIONED), strict=False):
        Device.objects.filter(pk=request.device_id).update(smi_status=status)
    Device.objects.filter(pk=requests[2].device_id).delete()
    settled.ask_raisers()
    return requests


def test_raiser_is_asked_on_the_page_and_in_the_list(
    open_as: OpenAs, gina: Person, settled_requests: list[InstallCodeRequest]
) -> None:
    page = open_as(gina)
    page.goto("/install-code-requests/?side=raised")
    look_at(page)
    assert page.get_by_text("device Decommissioned").is_visible()
    assert page.get_by_text("device no longer in the inventory").is_visible()
    for request in settled_requests:
        page.goto(request.get_absolute_url())
        look_at(page)
        assert page.get_by_role("heading", name="Is the install code still needed?").is_visible()
    page.goto(settled_requests[0].get_absolute_url())
    go(page.get_by_role("link", name="Withdraw the request").first)
    page.get_by_label("Why do you withdraw it?").fill("It was commissioned without the code.")
    press(page, "Withdraw")
    page.wait_for_url("**/done/withdraw/")
    page.goto(settled_requests[0].get_absolute_url())
    assert page.get_by_role("heading", name="Is the install code still needed?").count() == 0


def test_desk_sees_claims_and_alerts(
    open_as: OpenAs, gina: Person, dana: Person, settled_requests: list[InstallCodeRequest]
) -> None:
    assert gina.party_id is not None
    quotas.claim(gina.party_id, 1_234, timezone.now())
    responsibility.check()
    asking_alerts.raise_alerts()
    page = open_as(dana)
    page.goto("/")
    look_at(page)
    assert page.get_by_role("rowheader", name="Northlight Energy").is_visible()
    follow(page, "Contradicted claims")
    page.wait_for_url("**/?claim=contradicted")
    look_at(page)
    assert page.get_by_text(settled_requests[0].reference).is_visible()
    alert = AskingAlert.objects.get()
    for path in (
        settled_requests[0].get_absolute_url(),
        "/admin/incidents/askingalert/",
        f"/admin/incidents/askingalert/{alert.pk}/change/",
        f"/admin/accounts/party/{gina.party_id}/change/",
    ):
        page.goto(path)
        look_at(page)


def test_desk_enters_and_ends_a_succession(open_as: OpenAs, dana: Person) -> None:
    old, new = UserIdFactory.create(), UserIdFactory.create()
    page = open_as(dana)
    page.goto("/admin/accounts/succession/add/")
    look_at(page)
    page.get_by_label("User ID taken over").select_option(str(old.eui))
    page.get_by_label("Taken over by").select_option(str(new.eui))
    page.get_by_label("From").fill("2026-09-08")
    page.get_by_label("Why").select_option("supplier_of_last_resort")
    press(page, "Save")
    succession = Succession.objects.get()
    assert (succession.user_id, succession.successor, succession.from_date) == (old, new, date(2026, 9, 8))
    page.goto(f"/admin/accounts/succession/{succession.pk}/change/")
    look_at(page)
    press(page, "End the succession")
    succession.refresh_from_db()
    assert succession.ended_at is not None
    other = successions.enter(
        eui=old.eui,
        successor=new.eui,
        from_date=date(2026, 9, 8),
        because=TakenOverBecause.OTHER,
        by=Actor.system(),
    )
    page.goto("/admin/accounts/succession/?standing=open")
    look_at(page)
    assert page.get_by_text(str(other.successor.eui)).is_visible()
