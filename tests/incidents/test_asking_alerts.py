"""The alert about a party that asked for far more than it gained: once a week, seen by the desk alone."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.actions import asking_alerts, quotas
from incidents.models import AskingAlert
from inventory.models.choices import RegistrationKind
from ssi.accounts.models import Person, UserId
from ssi.notifications.models import OutboxMessage
from tests.factories.accounts import PartyFactory, UserIdFactory
from tests.factories.incidents import raised
from tests.factories.inventory import MeterPointFactory
from tests.factories.registrations import RegistrationFactory, day
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def somebodys_registration(db: None) -> None:
    """There are registration data, so that it is known what parties gained."""
    RegistrationFactory.create()


def asks(person: Person, number: int, *, days_ago: int = 0) -> None:
    """Count what a person's party asked on a London day: not so many times 24 hours ago, clocks change."""
    assert person.party_id is not None
    noon = datetime.combine(day(-days_ago), time(12), timezone.get_current_timezone())
    quotas.claim(person.party_id, number, noon)


def gains(person: Person, number: int, *, from_days: int = -1, **facts: Any) -> None:
    user_id = UserId.objects.get(pk=actor_of(person).user.user_id)
    for _ in range(number):
        RegistrationFactory.create(user_id=user_id, from_date=day(from_days), **facts)


def alerts() -> list[tuple[str, int, int]]:
    asking_alerts.raise_alerts()
    found = AskingAlert.objects.select_related("party").order_by("party__name")
    return [(each.party.name, each.asked, each.gained) for each in found]


@pytest.mark.parametrize(
    ("asked", "gained", "alerted"),
    [
        (50, 0, False),  # so few alert nobody
        (51, 0, True),
        (60, 30, False),  # twice as many as gained
        (61, 30, True),
        (51, 26, False),
        (50, 1, False),
    ],
)
def test_more_than_fifty_and_more_than_twice_the_gains(
    gina: Person, asked: int, gained: int, alerted: bool
) -> None:
    asks(gina, asked)
    gains(gina, gained)
    assert alerts() == ([("Northlight Energy", asked, gained)] if alerted else [])


def test_days_before_are_added_and_older_ones_are_not(gina: Person) -> None:
    asks(gina, 40)
    asks(gina, 40, days_ago=29)
    asks(gina, 40, days_ago=30)
    gains(gina, 3, from_days=-29)
    gains(gina, 3, from_days=-30)
    gains(gina, 3, from_days=30)  # agreed
    gains(gina, 3, from_days=31)
    assert alerts() == [("Northlight Energy", 80, 6)]


def test_what_is_no_supplier_is_no_gain(gina: Person) -> None:
    asks(gina, 60)
    gains(gina, 40, kind=RegistrationKind.ELECTRICITY_DISTRIBUTOR)
    gains(gina, 2, kind=RegistrationKind.GAS_SUPPLIER)
    assert alerts() == [("Northlight Energy", 60, 2)]


def test_all_user_ids_of_a_party_gain_for_it(gina: Person) -> None:
    asks(gina, 60)
    other = UserIdFactory.create(party=gina.party)
    for _ in range(30):
        RegistrationFactory.create(user_id=other, from_date=day(0), meter_point=MeterPointFactory.create())
    assert alerts() == []


def test_without_registration_data_nobody_is_alerted(gina: Person) -> None:
    RegistrationFactory._meta.model.objects.all().delete()
    asks(gina, 5_000)
    assert alerts() == []


def test_one_alert_and_email_a_party_and_week(gina: Person, ivan: Person, dana: Person) -> None:
    raised(gina, ivan)
    asks(gina, 60)
    monday = datetime(2026, 11, 23, 4, 10, tzinfo=UTC)
    for person in (gina, ivan):
        quotas.claim(person.party_id or 0, 100, monday)
    assert asking_alerts.raise_alerts(monday) == 2
    assert asking_alerts.raise_alerts(monday) == 0
    assert asking_alerts.raise_alerts(monday + timedelta(days=6, hours=19)) == 0
    emails = OutboxMessage.objects.filter(recipient=dana.email)
    assert emails.count() == 2
    assert asking_alerts.raise_alerts(monday + timedelta(days=7)) == 2
    assert emails.count() == 4
    first = emails.order_by("pk")[0]
    assert first.subject == "Install codes: a party asks for far more than it gains"
    assert "Northlight" not in first.text + first.html
    assert "gained 0 meter points" in " ".join(first.text.split())


def test_email_lists_the_newest_requests_of_the_party(gina: Person, ivan: Person, dana: Person) -> None:
    requests = [raised(gina, ivan) for _ in range(2)]
    asks(gina, 60)
    asking_alerts.raise_alerts()
    text = OutboxMessage.objects.get(recipient=dana.email).text
    assert text.index(requests[1].reference) < text.index(requests[0].reference)
    assert "and 60 more" in text


def test_many_parties_are_one_statement_and_their_emails(gina: Person, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        quotas.claim(PartyFactory.create().pk, 60, timezone.now())
    with django_assert_max_num_queries(30):
        assert asking_alerts.raise_alerts() == 5
    with django_assert_max_num_queries(8):
        assert asking_alerts.raise_alerts() == 0


# --- What the desk sees ----------------------------------------------------------------------------------------


def test_the_desk_sees_it_on_its_home_page_and_nobody_else(gina: Person, dana: Person) -> None:
    asks(gina, 60)
    asking_alerts.raise_alerts()
    page = client_of(dana).get("/").content.decode()
    assert "Asked for far more than gained" in page
    assert "Northlight Energy" in page
    assert "Asked for far more than gained" not in client_of(gina).get("/").content.decode()


def test_alert_leaves_the_home_page_after_a_week_and_stays_in_the_list(gina: Person, dana: Person) -> None:
    asks(gina, 60)
    asking_alerts.raise_alerts()
    AskingAlert.objects.update(raised_at=timezone.now() - timedelta(days=8), from_date=day(-14))
    desk = client_of(dana)
    assert "Asked for far more than gained" not in desk.get("/").content.decode()
    page = desk.get("/admin/incidents/askingalert/").content.decode()
    assert "Northlight Energy" in page
    assert desk.get("/admin/incidents/askingalert/add/").status_code == 403
