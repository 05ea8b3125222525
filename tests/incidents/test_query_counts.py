"""A page of the incidents floor makes a fixed number of queries, however many requests there are."""

import pytest
from django.test import Client

from incidents.models.choices import State
from ssi.accounts.models import Person
from tests.factories.incidents import raised, request_in
from tests.personas import client_of
from tests.query_counts import counted
from tests.tokens import bearer

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]


@pytest.fixture
def references(gina: Person, ivan: Person, rhea: Person) -> dict[State, str]:
    """Return one request in every state, among others."""
    for _ in range(4):
        raised(gina, ivan)
        raised(ivan, gina)
        raised(rhea, ivan)
    return {state: request_in(state, gina, ivan).reference for state in State if state != State.NEW}


def warm(person: Person) -> Client:
    """Return a browser that has loaded a page before, as all have but the first."""
    browser = client_of(person)
    browser.get("/")
    return browser


def test_home(references: dict[State, str], gina: Person, dana: Person, vera: Person) -> None:
    for name, person in {"supplier": gina, "desk": dana, "reader": vera}.items():
        browser = warm(person)
        with counted(f"home: {name}"):
            assert browser.get("/").status_code == 200


def test_lists(references: dict[State, str], gina: Person, dana: Person) -> None:
    browser = warm(gina)
    for name, path in {
        "install code requests: raised": "/install-code-requests/?side=raised",
        "install code requests: assigned": "/install-code-requests/?side=assigned",
        "install code requests: overdue": "/install-code-requests/?side=assigned&answer=overdue",
        "incidents": "/incidents/?state=assigned",
    }.items():
        with counted(name):
            assert browser.get(path).status_code == 200
    with counted("install code requests: export"):
        assert len(list(browser.get("/install-code-requests/export/?side=raised"))) > 5
    desk = warm(dana)
    with counted("desk: requests"):
        assert desk.get("/admin/incidents/installcoderequest/").status_code == 200


def test_one_request(references: dict[State, str], gina: Person, ivan: Person) -> None:
    for name, person in {"raiser": gina, "installer": ivan}.items():
        browser = warm(person)
        with counted(f"request: its {name}"):
            assert browser.get(f"/incidents/{references[State.ANSWERED]}/").status_code == 200


def test_api(references: dict[State, str], gina: Person) -> None:
    program = Client(headers=bearer(gina))
    with counted("API: install code requests, first seen"):  # it starts the clocks of what it shows
        program.get("/api/v1/install-code-requests")
    with counted("API: install code requests"):
        assert len(program.get("/api/v1/install-code-requests").json()["items"]) > 5
    with counted("API: install code request"):
        program.get(f"/api/v1/install-code-requests/{references[State.ASSIGNED]}")


def test_many_at_once(references: dict[State, str], gina: Person, ivan: Person) -> None:
    raisers, installers = warm(gina), warm(ivan)
    for name, browser, path in (
        ("chosen: close", raisers, "close/?all=yes&side=raised"),
        ("chosen: withdraw", raisers, "withdraw/?all=yes&side=raised"),
        ("chosen: codes", raisers, "codes/?all=yes&side=raised"),
        ("chosen: decline", installers, "decline/?all=yes&side=assigned"),
    ):
        with counted(name):
            assert browser.get(f"/install-code-requests/chosen/{path}").status_code == 200
    with counted("answers by file"):
        assert installers.get("/install-code-requests/answers/").status_code == 200
    installers.get("/install-code-requests/answers/template.csv")
    with counted("answers by file: template"):
        assert installers.get("/install-code-requests/answers/template.xlsx").status_code == 200
