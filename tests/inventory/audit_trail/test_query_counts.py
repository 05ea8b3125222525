"""Pages of the audit trail and reports of transactions make a fixed number of queries."""

from datetime import timedelta

import pytest
from django.test import Client

from inventory.actions import transactions
from inventory.models.choices import TrailKind
from inventory.search.service_requests import address_key
from ssi.accounts.models import Person
from tests.factories.audit_trail import DEVICE_ID, message
from tests.personas import client_of
from tests.query_counts import counted
from tests.tokens import bearer

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]


@pytest.fixture
def portal(gina: Person) -> Client:
    """Return a browser that has loaded a page before, with a trail of some length."""
    for number in range(30):
        message(gina, counter=number, ago=timedelta(days=number))
        message(gina, counter=number, kind=TrailKind.SERVICE_RESPONSE, code="I0", ago=timedelta(days=number))
    transactions.refresh()
    client = client_of(gina)
    client.get("/service-requests/")
    return client


def test_pages(portal: Client, gina: Person) -> None:
    entry = message(gina)
    for page, address in {
        "service requests": "/service-requests/",
        "service requests: filtered": f"/service-requests/?device_id={DEVICE_ID}&srv=8.11&kind=service_request",
        "service requests: one": f"/service-requests/{address_key(entry)}/",
        "service requests: export": "/service-requests/export.csv",
        "reports: monthly transactions": "/reports/transactions/?months=12",
        "reports: transactions of a device": f"/reports/transactions/device/?device_id={DEVICE_ID}",
    }.items():
        with counted(page):
            answer = portal.get(address)
            assert answer.status_code == 200, page
            assert not answer.streaming or list(answer)


def test_dcc_and_api(portal: Client, gina: Person, dana: Person) -> None:
    desk = client_of(dana)
    desk.get("/reports/transactions/")
    with counted("reports: monthly transactions, DCC"):
        desk.get("/reports/transactions/")
    program = Client(headers=bearer(gina))
    with counted("API: service requests"):
        assert len(program.get("/api/v1/service-requests").json()["items"]) == 50
