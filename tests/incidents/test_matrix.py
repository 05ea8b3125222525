"""Everyone at every address, on screen and through the API: who gets in, and that a refused call changed nothing.

The table is written out here on purpose, from the access matrix of the domain facts, not from the code.
"""

import json
import uuid
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import State
from incidents.urls import urlpatterns
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person
from ssi.api import api
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from tests.factories.incidents import CODE_WITH_CRC, device_of, request_in
from tests.personas import actor_of, client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db

PEOPLE = ("gina", "vera", "aroha", "sunil", "adam", "ivan", "bela", "rhea", "nils", "olu", "dana")
SUPPLIERS = {"gina", "ivan", "rhea"}  # IS or GS, with OPS, INST or SVCM
HANDLERS = SUPPLIERS | {"nils"}  # any User Role, with OPS, INST or SVCM
READERS = HANDLERS | {"dana"}
EVERYBODY = set(PEOPLE)
SEE_IT = {"gina", "ivan", "dana"}  # raised it, is asked, or works at the desk

# address: who reaches the component, whose the move is, in which states it can be made
PAGES: dict[str, tuple[set[str], set[str], set[State]]] = {
    "answer": (HANDLERS, {"ivan"}, {State.ASSIGNED}),
    "decline": (HANDLERS, {"ivan"}, {State.ASSIGNED}),
    "reveal": (SUPPLIERS, {"gina"}, {State.ANSWERED}),
    "close": (HANDLERS, {"gina"}, {State.ANSWERED}),  # a component of every User Role; the row decides
    "withdraw": (SUPPLIERS, {"gina"}, {State.ASSIGNED, State.WITH_SERVICE_DESK}),
    "notes": (READERS, {"gina", "ivan", "dana"}, {State.ASSIGNED, State.ANSWERED, State.WITH_SERVICE_DESK}),
    "reroute": ({"dana"}, {"dana"}, {State.ASSIGNED, State.WITH_SERVICE_DESK}),
    "unlock": ({"dana"}, {"dana"}, {State.ANSWERED}),  # once it was read as often as it may be
}
DESK_ALONE = {"reroute", "unlock"}  # not in the API
STATES: list[State] = [state for state in State if state is not State.NEW]  # in which none is ever found
LISTS = {
    "/": EVERYBODY,
    "/incidents/": READERS,
    "/install-code-requests/": HANDLERS,
    "/install-code-requests/export/": HANDLERS,
    "/install-code-requests/raise/": SUPPLIERS,
}
BODIES: dict[str, dict[str, str]] = {
    "answer": {"install_code": CODE_WITH_CRC},
    "decline": {"reason": "code_lost", "detail": ""},
    "reveal": {"reason": "To join it."},
    "close": {"outcome": "worked"},
    "withdraw": {"reason": "Not needed."},
    "notes": {"text": "Which depot?"},
    "reroute": {"reason": "They hold it."},
    "unlock": {"reason": "The first visit failed."},
}
API = "/api/v1/install-code-requests"


class People(dict[str, Person]):
    """The people of the demo estate, each made when first asked for."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        super().__init__()
        self._request = request

    def __missing__(self, name: str) -> Person:
        person: Person = self._request.getfixturevalue(name)
        self[name] = person
        return person


@pytest.fixture
def people(request: pytest.FixtureRequest) -> People:
    return People(request)


def traces() -> dict[str, Any]:
    """Return everything a refused call might have changed."""
    return {
        "audit": AuditEvent.objects.count(),
        "requests": sorted(InstallCodeRequest.objects.values_list("reference", "state", "reveals", "assigned_to")),
        "history": InstallCodeRequestEvent.objects.count(),
        "outbox": OutboxMessage.objects.count(),
        "codes": SealedInstallCode.objects.count(),
    }


def expected(who: str, move: str, state: State) -> int:
    reach, whose, can_be_made_in = PAGES[move]
    if who not in reach:
        return 403
    if who not in SEE_IT:
        return 404
    if who not in whose:
        return 403
    return 200 if state in can_be_made_in else 409


def states(who: str, move: str) -> list[State]:
    """Return the states to try: all of them for whoever sees the request; the others do not get that far."""
    return STATES if who in SEE_IT & PAGES[move][0] else sorted(PAGES[move][2])[:1]


def test_every_move_is_in_the_table() -> None:
    """Each address under a request's own, on screen and in the API."""
    pages = {str(each.name) for each in urlpatterns if str(each.pattern).startswith("incidents/<reference")}
    assert pages == {*PAGES, "incident", "done"}
    one = "/api/v1/install-code-requests/{reference}"
    operations = {path for path in api.get_openapi_schema()["paths"] if path.startswith(one)}
    assert operations == {one, *(f"{one}/{verb}" for verb in PAGES if verb not in DESK_ALONE)}


@pytest.mark.parametrize("who", PEOPLE)
def test_lists(who: str, people: People) -> None:
    browser, before = client_of(people[who]), traces()
    for path, reach in LISTS.items():
        assert browser.get(path).status_code == (200 if who in reach else 403), path
    program = Client(headers=bearer(people[who]))
    assert program.get(API).status_code == (200 if who in READERS else 403)
    assert traces() == {**before, "audit": before["audit"] + 1}  # the token that was issued


@pytest.mark.parametrize("who", PEOPLE)
def test_raising(who: str, people: People) -> None:
    device = device_of(people["nils"])
    allowed = who in SUPPLIERS
    browser, program, before = client_of(people[who]), Client(headers=bearer(people[who])), None
    for send in (
        lambda: browser.post(
            "/install-code-requests/raise/",
            {"device_id": device.device_id, "responsible": "on", "step": "send", "idempotency_key": uuid.uuid4()},
        ),
        lambda: program.post(
            API, json.dumps({"device_id": str(device.device_id)}), content_type="application/json"
        ),
    ):
        before = traces()
        response = send()
        if allowed:
            assert response.status_code in {201, 302}
            InstallCodeRequest.objects.all().delete()
        else:
            assert response.status_code == 403
            assert traces() == before


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("move", PAGES)
def test_moves_on_screen(who: str, move: str, people: People) -> None:
    browser = client_of(people[who])
    for state in states(who, move):
        request = request_in(state, people["gina"], people["ivan"])
        if move == "unlock":
            InstallCodeRequest.objects.update(reveals=F("reveals_allowed"))
        address = f"{request.get_absolute_url()}{move}/"
        before, wanted = traces(), expected(who, move, state)
        assert browser.get(address).status_code == wanted
        assert traces() == before
        to = {"to": str(actor_of(people["rhea"]).user_id)} if move == "reroute" else {}
        posted = browser.post(address, {**BODIES[move], **to, "idempotency_key": uuid.uuid4()})
        if wanted == 200:
            assert posted.status_code in {200, 302}
            assert traces()["audit"] == before["audit"] + 1
        else:
            assert posted.status_code == wanted
            assert traces() == before


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("move", [move for move in PAGES if move not in DESK_ALONE])
def test_moves_through_the_api(who: str, move: str, people: People) -> None:
    program = Client(headers=bearer(people[who], can_reveal=True))
    for state in states(who, move):
        request = request_in(state, people["gina"], people["ivan"])
        before, wanted = traces(), expected(who, move, state)
        posted = program.post(
            f"{API}/{request.reference}/{move}", json.dumps(BODIES[move]), content_type="application/json"
        )
        assert posted.status_code == wanted, posted.content
        if wanted == 200:
            assert traces()["audit"] == before["audit"] + 1
        else:
            assert traces() == before
            assert posted["Content-Type"] == "application/problem+json"


OFFICERS = {"aroha", "bela", "sunil"}


@pytest.mark.parametrize("who", PEOPLE)
def test_one_request(who: str, people: People) -> None:
    request = request_in(State.ANSWERED, people["gina"], people["ivan"])
    wanted = 403 if who not in READERS else 200 if who in SEE_IT else 404
    browser, program = client_of(people[who]), Client(headers=bearer(people[who]))
    page = browser.get(request.get_absolute_url())
    assert page.status_code == (404 if who in OFFICERS else wanted)  # their e-mails lead there too
    assert program.get(f"{API}/{request.reference}").status_code == wanted
    assert browser.get(f"{request.get_absolute_url()}done/answer/").status_code == wanted


def test_nobody_without_signing_in() -> None:
    for path in (*LISTS, "/incidents/INC000000000001/", "/incidents/INC000000000001/reveal/"):
        for response in (Client().get(path), Client().post(path)):
            assert response.status_code == 302
            assert response["Location"].startswith("/sign-in/?next=")
    for path in (API, f"{API}/INC000000000001"):
        assert Client().get(path).status_code == 401
        assert Client().post(f"{path}/reveal").status_code in {401, 405, 404}
