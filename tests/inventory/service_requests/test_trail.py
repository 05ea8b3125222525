"""Every answered message stands in the audit trail of its own User, and in nobody else's."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from inventory.actions.service_requests.answering import answer_message
from inventory.duis.messages import InventoryQuery
from inventory.models import AuditTrailEntry, AwaitedResponse
from inventory.models.choices import TrailKind
from inventory.reference import pages
from inventory.retention import RULES
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, apply_all, register
from tests.inventory.service_requests.sending import Home, build_home, envelope_of, request_id, respond, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Home:
    return build_home()


def test_a_request_and_its_response(home: Home) -> None:
    asked = home.asked("8.1.1", home.esme)
    answer = send(asked)
    told = respond(asked)
    sent, received = AuditTrailEntry.objects.order_by("at", "id")
    assert (sent.user_id, sent.kind, sent.srv, sent.code, sent.device_id) == (
        home.supplier.eui,
        TrailKind.SERVICE_REQUEST,
        "8.1.1",
        "I99",
        home.esme.device_id,
    )
    assert (sent.detail, sent.request_id) == (answer.detail, answer.request_id)
    assert (received.kind, received.srv, received.code) == (TrailKind.SERVICE_RESPONSE, "8.1.1", "I0")
    assert (received.detail, received.device_id) == (told.detail, home.esme.device_id)


def test_a_response_s_own_code_is_kept(home: Home) -> None:
    home.succeeded(home.asked("8.1.1", home.esme), "E20")
    assert AuditTrailEntry.objects.get(kind=TrailKind.SERVICE_RESPONSE).code == "E20"


def test_a_refusal_is_kept_for_a_known_originator(home: Home) -> None:
    stranger = UserIdFactory.create()
    answer = home.command("8.1.1", home.esme, originator=stranger)
    kept = AuditTrailEntry.objects.get()
    assert (kept.user_id, kept.code, kept.detail, kept.suggestion) == (
        stranger.eui,
        "E4",
        answer.detail,
        answer.suggestion,
    )


def test_nobody_s_messages_are_not_kept(home: Home) -> None:
    nobody = Eui64.parse("90-B3-D5-1F-3E-00-00-99")
    assert home.command("8.1.1", home.esme, originator=nobody).response_code == "E1"
    assert respond(home.asked("8.1.1", home.esme, originator=nobody)).response_code == "SSI-NO-REQUEST"
    assert not AuditTrailEntry.objects.exists()


def test_what_cannot_be_read_is_kept_by_its_envelope() -> None:
    register()
    assert apply_all(b"junk", duis.prenotification(DeviceType="TOASTER")) == ["SSI-MALFORMED", "SSI-SCHEMA"]
    kept = AuditTrailEntry.objects.get()
    assert (str(kept.user_id), kept.srv, kept.code) == (duis.SUPPLIER, "12.2", "SSI-SCHEMA")


def test_no_install_code_comes_into_the_trail_or_what_is_awaited() -> None:
    register()
    apply_all(duis.hub_answer(), duis.prenotification(), duis.add_to_log(), duis.add_to_log(InstallCode="ABC"))
    assert apply(duis.add_to_log()).response_code == "SSI-REQUEST-DOUBLED"
    with connection.cursor() as cursor:
        for table in ("inventory_audittrailentry", "inventory_awaitedresponse"):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{duis.INSTALL_CODE}%"])
            assert cursor.fetchone() == (0,)


def test_a_rehearsal_keeps_nothing(home: Home) -> None:
    for target in (home.esme, home.ppmid):
        message = home.asked("8.1.1", target)
        answer_message(envelope_of(message), message, by=Actor.system(), is_rehearsal=True)
    assert not AuditTrailEntry.objects.exists()


def test_a_read_is_kept_as_well(home: Home) -> None:
    send(InventoryQuery(request_id(home.supplier.eui), 8, home.esme.device_id), "8.2")
    kept = AuditTrailEntry.objects.get()
    assert (kept.srv, kept.code, kept.device_id) == ("8.2", "I0", home.esme.device_id)


def test_requests_are_forgotten_after_three_months(home: Home) -> None:
    home.command("8.1.1", home.esme)
    rule = next(each for each in RULES if each.model is AwaitedResponse)
    now = timezone.now()
    assert not rule.due(now + dt.timedelta(days=89)).exists()
    assert rule.due(now + dt.timedelta(days=91)).exists()


def test_every_code_fits_into_the_trail() -> None:
    longest = AuditTrailEntry._meta.get_field("code").max_length
    codes = [row.split(" | ")[0].strip("| ") for row in pages()["duis-answers.md"].splitlines() if "| SSI-" in row]
    assert len(codes) > 30
    assert not [code for code in codes if len(code) > (longest or 0)]
