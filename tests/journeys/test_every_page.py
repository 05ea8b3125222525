"""Every page that no journey passes is looked at as well: accessible in both themes, at 320 px, and quiet."""

import pytest
from django.contrib import admin
from django.urls import reverse

from incidents.models import InstallCodeRequest
from incidents.models.choices import State
from ssi.accounts.models import Person
from tests.factories.incidents import raised, request_in
from tests.factories.inventory import DeviceFactory, home
from tests.journeys.conftest import OpenAs
from tests.journeys.watching import look_at

ALL_STATES = [state for state in State if state != State.NEW]


def look_at_each(open_as: OpenAs, who: Person | None, *paths: str) -> None:
    page = open_as(who)
    for path in paths:
        page.goto(path)
        look_at(page)


def test_pages_before_one_signs_in(open_as: OpenAs) -> None:
    look_at_each(open_as, None, "/sign-in/", "/password/forgotten/", "/accessibility/", "/nothing-here/")


def test_pages_of_the_raising_supplier(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    requests = {state: request_in(state, gina, ivan).get_absolute_url() for state in ALL_STATES}
    raised(ivan, gina)
    meter = next(iter(home().values()))
    look_at_each(
        open_as,
        gina,
        "/",
        "/install-code-requests/",
        "/install-code-requests/?side=assigned",
        "/install-code-requests/?side=raised&state=closed&answer=overdue",
        "/incidents/",
        *requests.values(),
        f"{requests[State.ASSIGNED]}withdraw/",
        f"{requests[State.ASSIGNED]}notes/",
        f"{requests[State.ASSIGNED]}close/",  # not now
        f"{requests[State.ANSWERED]}close/",
        "/devices/",
        f"/devices/{meter.pk}/",
        "/devices/lookup/",
        "/access/",
        "/account/password/",
        "/account/e-mails/",
        "/admin/",  # not for her
        reverse("api_reference"),
    )


def test_pages_of_the_installing_supplier(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    requests = {state: request_in(state, gina, ivan).get_absolute_url() for state in ALL_STATES}
    InstallCodeRequest.objects.update(notified_at="2025-12-23T10:00Z", due_date="2026-01-05")
    look_at_each(open_as, ivan, "/", *requests.values(), f"{requests[State.ASSIGNED]}decline/")


def test_home_of_those_with_other_work(open_as: OpenAs, vera: Person, aroha: Person, nils: Person) -> None:
    for who in (vera, aroha, nils):
        look_at_each(open_as, who, "/")


def test_pages_of_the_desk(open_as: OpenAs, gina: Person, ivan: Person, dana: Person) -> None:
    request = request_in(State.WITH_SERVICE_DESK, gina, ivan)
    DeviceFactory.create()
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    look_at_each(
        open_as,
        dana,
        "/",
        "/incidents/",
        f"{request.get_absolute_url()}reroute/",
        "/admin/",
        *lists,
        reverse("admin:incidents_installcoderequest_change", args=[request.pk]),
    )


APPEND = "(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)"


def test_looking_finds_what_is_wrong(open_as: OpenAs) -> None:
    page = open_as(None)
    page.goto("/sign-in/")
    page.evaluate(APPEND, '<img src="/static/img/mark.svg" width="900">')
    with pytest.raises(AssertionError, match="image-alt"):
        look_at(page)
    page.evaluate(APPEND, '<p style="color: red">Red</p>')
    with pytest.raises(AssertionError, match="Content Security Policy"):
        look_at(page)
