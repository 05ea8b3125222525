"""Being told: by the mail server or by looking, whichever comes first, once, and only for whoever is asked."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.actions import obligations
from incidents.actions.install_code_requests.notice import pack_notice_given, pack_shown, shown
from incidents.models import BulkJob, InstallCodeRequest, InstallCodeRequestEvent, Obligation, WorkPack
from incidents.models.choices import BulkKind, Event, State
from ssi.accounts.models import Person, UserId
from ssi.audit.models import AuditEvent
from tests.factories.incidents import CODE_WITH_CRC, raised, request_in, told
from tests.personas import actor_of, client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 23)


def notices(request: InstallCodeRequest) -> list[str]:
    return list(request.history.filter(event=Event.NOTIFIED).values_list("text", flat=True))


def is_told(request: InstallCodeRequest) -> bool:
    request.refresh_from_db()
    clock = request.obligations.get(ended_at=None)
    assert (clock.notified_at, clock.due_date) == (
        request.notified_at,
        request.due_date if request.notified_at else None,
    )
    return request.notified_at is not None


LOOKS: dict[str, Callable[[Client, InstallCodeRequest], Any]] = {
    "page": lambda browser, request: browser.get(request.get_absolute_url()),
    "list": lambda browser, request: browser.get("/install-code-requests/?side=assigned"),
    "incidents": lambda browser, request: browser.get("/incidents/"),
    "home": lambda browser, request: browser.get("/"),
    "export": lambda browser, request: b"".join(browser.get("/install-code-requests/export/?side=assigned")),
    "device": lambda browser, request: browser.get(f"/devices/{request.device_id}/"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_looking_starts_the_clock_once(gina: Person, ivan: Person, look: str) -> None:
    request = raised(gina, ivan)
    for _ in range(2):
        LOOKS[look](client_of(ivan), request)
    assert is_told(request)
    assert request.due_date == DUE
    assert request.obligations.get().first_due_date == DUE
    assert notices(request) == ["First seen in the portal."]
    event = AuditEvent.objects.get(event="install_code_request.notified")
    assert (event.person_email, event.detail) == (ivan.email, {"how": "in_the_portal"})


@pytest.mark.parametrize("path", ["", "/{}"])
def test_looking_through_the_api_does_too(gina: Person, ivan: Person, path: str) -> None:
    request = raised(gina, ivan)
    answer = Client(headers=bearer(ivan)).get(f"/api/v1/install-code-requests{path.format(request.reference)}")
    assert is_told(request)
    found = answer.json()["items"][0] if not path else answer.json()
    assert found["due_date"] == DUE.isoformat()
    assert found["notified_at"] is not None


@pytest.mark.parametrize("look", LOOKS)
def test_the_raiser_and_the_desk_may_look(gina: Person, ivan: Person, dana: Person, look: str) -> None:
    request = raised(gina, ivan)
    for who in (gina, dana):
        LOOKS[look](client_of(who), request)
        client_of(who).get("/admin/incidents/installcoderequest/")
    assert not is_told(request)


def test_whoever_was_asked_before_does_not_count(gina: Person, ivan: Person, rhea: Person, dana: Person) -> None:
    request = request_in(State.WITH_SERVICE_DESK, gina, ivan)
    to = actor_of(rhea).user.user_id
    actions.reroute(reference=request.reference, to=to, reason="They hold it.", by=actor_of(dana))
    stale = InstallCodeRequest(pk=request.pk, assigned_to_id=actor_of(ivan).user_id, state=State.ASSIGNED)
    shown([stale], by=actor_of(ivan))
    assert not is_told(request)
    obligations.show_one(request.reference, by=actor_of(rhea))
    assert is_told(request)


def test_the_first_of_e_mail_and_look_counts(gina: Person, ivan: Person) -> None:
    mailed, seen = raised(gina, ivan), raised(gina, ivan)
    told(mailed)
    obligations.show_one(mailed.reference, by=actor_of(ivan))
    obligations.show_one(seen.reference, by=actor_of(ivan))
    first = InstallCodeRequest.objects.get(pk=seen.pk).notified_at
    told(seen, timezone.now() + timedelta(days=1))
    seen.refresh_from_db()
    assert seen.notified_at == first
    assert [notices(each) for each in (mailed, seen)] == [
        ["The mail server accepted the e-mail."],
        ["First seen in the portal."],
    ]


def test_nothing_new_asks_the_database_nothing(gina: Person, ivan: Person, django_assert_num_queries: Any) -> None:
    rows = [told(raised(gina, ivan)), request_in(State.ANSWERED, gina, ivan), raised(ivan, gina)]
    actor = actor_of(ivan)
    with django_assert_num_queries(0):
        shown(rows, by=actor)
        shown([], by=actor)


def test_a_page_of_fifty_takes_as_many_queries_as_one(
    gina: Person, ivan: Person, django_assert_max_num_queries: Any
) -> None:
    rows = [raised(gina, ivan) for _ in range(50)]
    actor = actor_of(ivan)
    with django_assert_max_num_queries(9):  # two of them open and close the savepoint
        shown(rows, by=actor)
    assert all(row.due_date == DUE and row.notified_at for row in rows)
    assert InstallCodeRequest.objects.filter(notified_at__isnull=True).count() == 0


def test_an_answer_before_the_notice_is_in_time(gina: Person, ivan: Person) -> None:
    request = request_in(State.ANSWERED, gina, ivan)
    clock = Obligation.objects.get(request=request)
    assert (clock.notified_at, clock.working_days, clock.in_time) == (None, 0, True)


def test_a_refused_move_tells_nobody(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    client_of(ivan).post(f"{request.get_absolute_url()}answer/", {"install_code": "no"})
    assert not is_told(request)


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_start_one_clock(gina: Person, ivan: Person) -> None:
    requests = [raised(gina, ivan) for _ in range(5)]
    start, actor = threading.Barrier(4), actor_of(ivan)

    def look() -> None:
        connection.ensure_connection()
        rows = list(InstallCodeRequest.objects.all())
        start.wait()
        shown(rows, by=actor)
        connection.close()

    def deliver() -> None:
        connection.ensure_connection()
        start.wait()
        for each in requests:
            told(each)
        connection.close()

    threads = [threading.Thread(target=each) for each in (look, look, look, deliver)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert all(len(notices(each)) == 1 for each in requests)
    assert AuditEvent.objects.filter(event="install_code_request.notified").count() == 5


# --- Work packs ----------------------------------------------------------------------------------------


@pytest.fixture
def pack(gina: Person, ivan: Person) -> WorkPack:
    """Return a pack of three requests to Ivan's User ID; a fourth of them has moved on, a fifth is not in it."""
    by = actor_of(gina).user
    job = BulkJob.objects.create(
        kind=BulkKind.RAISE, person_id=gina.pk, user_id_id=by.user_id, user_role=by.user_role, party_id=by.party_id
    )
    installer = UserId.objects.get(pk=actor_of(ivan).user.user_id)
    pack = WorkPack.objects.create(batch=job, installer=installer, size=4)
    requests = [raised(gina, ivan) for _ in range(4)]
    InstallCodeRequest.objects.update(work_pack=pack)
    actions.answer(reference=requests[3].reference, install_code=CODE_WITH_CRC, by=actor_of(ivan))
    raised(gina, ivan)
    return pack


def told_of() -> int:
    return InstallCodeRequestEvent.objects.filter(event=Event.NOTIFIED).count()


def test_one_e_mail_starts_the_clocks_of_a_pack(pack: WorkPack) -> None:
    at = datetime.fromisoformat("2026-11-16T17:30:00+00:00")
    for _ in range(2):
        pack_notice_given(reference=pack.reference, at=at)
    in_it = InstallCodeRequest.objects.filter(work_pack=pack, state=State.ASSIGNED)
    assert list(in_it.values_list("notified_at", "due_date").distinct()) == [(at, date(2026, 11, 24))]
    clocks = Obligation.objects.filter(request__in=in_it)
    assert list(clocks.values_list("notified_at", "first_due_date", "due_date").distinct()) == [
        (at, date(2026, 11, 24), date(2026, 11, 24))
    ]
    assert told_of() == 3
    assert InstallCodeRequest.objects.filter(notified_at__isnull=False).count() == 3
    event = AuditEvent.objects.get(event="work_pack.notified")
    assert (event.reference, event.detail) == (pack.reference, {"how": "by_email", "requests": 3})


def test_opening_a_pack_starts_them_for_its_installer_alone(
    pack: WorkPack, gina: Person, ivan: Person, dana: Person
) -> None:
    for who in (gina, dana):
        pack_shown(pack, by=actor_of(who))
    assert told_of() == 0
    pack_shown(pack, by=actor_of(ivan))
    pack_shown(WorkPack.objects.get(), by=actor_of(ivan))
    assert told_of() == 3
    assert pack.notified_at == WorkPack.objects.get().notified_at is not None
    pack_notice_given(reference=pack.reference, at=timezone.now())
    pack_notice_given(reference="INC000000000000", at=timezone.now())
    assert told_of() == 3
