"""Every e-mail of a request's life holds a reference, a due date and a link, in both parts, and nothing else."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.conf import settings

from incidents.actions import install_code_requests
from incidents.models import InstallCodeRequest
from incidents.models.choices import DeclineReason, Outcome
from inventory.models import Device
from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person
from ssi.notifications.models import OutboxMessage
from tests.factories.accounts import RoleGrantFactory
from tests.factories.inventory import DeviceFactory
from tests.personas import actor_of
from tests.reading import Page, refuse_bad_email

pytestmark = pytest.mark.django_db

CODE = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
NOTE = "The seal on the box is blue"
REASON = "Meter swapped before commissioning"


@pytest.fixture
def device(ivan: Person) -> Device:
    """Return a device that Ivan's company pre-notified."""
    return DeviceFactory.create(notified_by_id=actor_of(ivan).user_id)


@pytest.fixture
def request_of_rhea(rhea: Person, device: Device) -> InstallCodeRequest:
    return install_code_requests.raise_one(device_id=device.device_id, by=actor_of(rhea), mpxn="2000000000001")


def answered(reference: str, ivan: Person) -> None:
    install_code_requests.answer(
        reference=reference, install_code=CODE, install_code_again=CODE, by=actor_of(ivan)
    )


def ask(reference: str, rhea: Person, ivan: Person) -> None:
    """Raising, which the fixture did."""


def answer(reference: str, rhea: Person, ivan: Person) -> None:
    answered(reference, ivan)


def decline(reference: str, rhea: Person, ivan: Person) -> None:
    install_code_requests.decline(
        reference=reference, reason=DeclineReason.OTHER, detail=REASON, by=actor_of(ivan)
    )


def note(reference: str, rhea: Person, ivan: Person) -> None:
    install_code_requests.add_note(reference=reference, text=NOTE, by=actor_of(rhea))


def close(reference: str, rhea: Person, ivan: Person) -> None:
    answered(reference, ivan)
    install_code_requests.close(reference=reference, outcome=Outcome.WORKED, by=actor_of(rhea))


def return_it(reference: str, rhea: Person, ivan: Person) -> None:
    answered(reference, ivan)
    install_code_requests.close(reference=reference, outcome=Outcome.WRONG_CODE, by=actor_of(rhea))


def withdraw(reference: str, rhea: Person, ivan: Person) -> None:
    install_code_requests.withdraw(reference=reference, reason=REASON, by=actor_of(rhea))


STEPS = [
    (ask, "installer_asked", "ivan@brightgrid.example"),
    (answer, "answered", "rhea@harbourline.example"),
    (decline, "declined", "rhea@harbourline.example"),
    (note, "note_added", "ivan@brightgrid.example"),
    (close, "closed", "ivan@brightgrid.example"),
    (return_it, "installer_asked", "ivan@brightgrid.example"),
    (withdraw, "withdrawn", "ivan@brightgrid.example"),
]
Step = Callable[[str, Person, Person], None]


@pytest.mark.usefixtures("bela")
@pytest.mark.parametrize("case", STEPS, ids=[step.__name__ for step, _, _ in STEPS])
def test_each_step_tells_the_other_side_and_nothing_more_than_it_may(
    case: tuple[Step, str, str], request_of_rhea: InstallCodeRequest, rhea: Person, ivan: Person, device: Device
) -> None:
    step, event, recipient = case
    step(request_of_rhea.reference, rhea, ivan)
    email = OutboxMessage.objects.order_by("id").last()
    assert email is not None
    request_of_rhea.refresh_from_db()
    assert (email.event, email.recipient) == (f"install_code_request.{event}", recipient)
    page = Page(email.html)
    link = f"{settings.SSI_BASE_URL}/incidents/{request_of_rhea.reference}/"
    assert page.addresses == {link}
    assert re.findall(r"https?://\S+", email.text) == [link]
    refuse_bad_email(email)
    for part in (email.text, page.text):
        assert request_of_rhea.reference in part
        assert "What to do:" in part
        assert (due_in_words(request_of_rhea.due_date) in part) == (event == "installer_asked")
        assert "&" not in part
    refuse_secrets(email.subject + email.text + email.html, request_of_rhea, device)


def refuse_secrets(everything: str, request: InstallCodeRequest, device: Device) -> None:
    """Fail if an e-mail holds the device, the code, a company, a person, a meter point or anybody's words."""
    packed = re.sub(r"[-: \n]", "", everything).upper()
    assert str(device.device_id).replace("-", "") not in packed
    assert CODE not in packed
    assert not re.search(r"\b[0-9A-F]{16}\b", packed)
    for secret in ("Brightgrid", "Harbourline", "Rhea", "Ivan", request.mpxn, NOTE, REASON):
        assert secret.lower() not in everything.lower()


def due_in_words(day: date | None) -> str:
    """Return a date as the design writes it, "Tue 26 Aug 2026"."""
    return f"{day:%a} {day.day} {day:%b %Y}" if day else "Answer due"


def test_only_people_who_may_answer_are_told(
    ivan: Person, bela: Person, request_of_rhea: InstallCodeRequest
) -> None:
    assert [row.recipient for row in OutboxMessage.objects.all()] == [ivan.email]


def test_an_installer_who_was_never_told_does_not_start_the_clock_of_the_next(
    request_of_rhea: InstallCodeRequest, ivan: Person, gina: Person, dana: Person
) -> None:
    reference, northlight = request_of_rhea.reference, actor_of(gina).user_id
    assert northlight is not None
    decline(reference, gina, ivan)
    install_code_requests.reroute(reference=reference, to=northlight, reason="Sold", by=actor_of(dana))
    asked = OutboxMessage.objects.filter(event="install_code_request.installer_asked")
    assert [row.recipient for row in asked] == [gina.email]


def test_who_is_asked_no_more_is_told_so_and_not_who_is_asked_instead(
    request_of_rhea: InstallCodeRequest, ivan: Person, gina: Person, dana: Person, device: Device
) -> None:
    reference, northlight = request_of_rhea.reference, actor_of(gina).user_id
    assert northlight is not None
    install_code_requests.reroute(reference=reference, to=northlight, reason=REASON, by=actor_of(dana))
    email = OutboxMessage.objects.get(recipient=ivan.email)
    assert (email.event, email.reference) == ("install_code_request.relieved", reference)
    for part in (email.text, Page(email.html).text):
        assert "nothing is left to do for you" in part
        assert reference in part
        assert "northlight" not in part.lower()
    assert "://" not in email.text, "its page opens for them no more"
    refuse_bad_email(email)
    refuse_secrets(email.subject + email.text + email.html, request_of_rhea, device)


def test_who_answers_for_both_is_asked_and_not_told_that_nothing_is_left_to_do(
    request_of_rhea: InstallCodeRequest, ivan: Person, gina: Person, dana: Person
) -> None:
    northlight = actor_of(gina).user_id
    assert northlight is not None
    RoleGrantFactory.create(person=ivan, acting_for_id=northlight, job_type_role=JobTypeRole.OPS)
    install_code_requests.reroute(
        reference=request_of_rhea.reference, to=northlight, reason=REASON, by=actor_of(dana)
    )
    told = OutboxMessage.objects.order_by("recipient").values_list("recipient", "event")
    assert list(told) == [
        (gina.email, "install_code_request.installer_asked"),
        (ivan.email, "install_code_request.installer_asked"),
    ]


def test_an_email_begins_with_what_it_is_about(request_of_rhea: InstallCodeRequest) -> None:
    email = OutboxMessage.objects.get()
    assert email.text.startswith("Please answer a Request for Install Code\n\nAnother supplier")
    assert f"\nReference: {request_of_rhea.reference}\n" in email.text


def test_no_subject_tells_more_than_the_reference(request_of_rhea: InstallCodeRequest) -> None:
    reference = request_of_rhea.reference
    assert OutboxMessage.objects.get().subject == f"Request for Install Code {reference}: please answer"


def test_the_installers_clock_starts_with_the_delivery(request_of_rhea: InstallCodeRequest, ivan: Person) -> None:
    assert request_of_rhea.notified_at is None
    at = datetime(2026, 12, 23, 16, 30, tzinfo=UTC)  # a Wednesday; Christmas follows
    install_code_requests.notice_given(reference=request_of_rhea.reference, at=at)
    request_of_rhea.refresh_from_db()
    assert request_of_rhea.notified_at == at
    assert request_of_rhea.due_date == date(2027, 1, 4)
