"""One e-mail about many requests lists twenty with their links and counts the rest."""

import re
from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse

from incidents import notices
from incidents.emails.many import MOST_LISTED, many
from ssi.notifications.models import OutboxMessage
from ssi.notifications.writing import link_to
from tests.reading import Page, refuse_bad_email

pytestmark = pytest.mark.django_db


def reference(number: int) -> str:
    return f"INC{number:012d}"


def post(count: int, **facts: object) -> OutboxMessage:
    """Write about so many requests to one person."""
    many(
        notices.CLOSED,
        title=f"{count} Requests for Install Code: closed",
        sentence="The supplier that raised these requests has closed them, after it had tried all of the codes.",
        what_to_do="nothing.",
        requests=[reference(number) for number in range(count)],
        to=["ivan@brightgrid.example"],
        about="bulk_job",
        reference="INC777777777777",
        **facts,  # type: ignore[arg-type]  # whatever a test wants to add
    )
    return OutboxMessage.objects.get()


@pytest.mark.parametrize(("count", "more"), [(1, 0), (MOST_LISTED, 0), (MOST_LISTED + 1, 1), (5_000, 4_980)])
def test_up_to_twenty_are_listed_and_the_rest_is_counted(count: int, more: int) -> None:
    email = post(count)
    links = [link_to(reference(number)) for number in range(min(count, MOST_LISTED))]
    assert re.findall(r"https?://\S+", email.text) == links
    page = Page(email.html)
    assert page.addresses == set(links)
    for part in (email.text, page.text):
        assert ("more in your list" in part) == bool(more)
        assert f"and {more:,} more" in part or not more
        assert "What to do: nothing." in part
    refuse_bad_email(email)


def test_the_first_ones_with_a_total_are_as_good_as_all() -> None:
    assert "and 99 more in your list" in post(1, total=100).text


def test_the_page_that_has_them_all_and_a_common_due_date_stand_beside_the_list() -> None:
    email = post(2, opens="INC777777777777", due_date=date(2026, 11, 30))
    for part in (email.text, Page(email.html).text):
        assert "Open them together" in part
        assert "Answer due by the end of" in part
        assert "Mon 30 Nov 2026" in part
    assert f"\n{link_to('INC777777777777')}\n" in email.text
    refuse_bad_email(email)


def test_it_is_kept_under_what_it_is_about() -> None:
    email = post(3)
    assert (email.event, email.about, email.reference) == (notices.CLOSED.event, "bulk_job", "INC777777777777")
    assert email.subject == "3 Requests for Install Code: closed"


def test_links_lead_to_the_page_about_a_reference() -> None:
    assert link_to(reference(1)) == settings.SSI_BASE_URL + reverse("incidents:incident", args=[reference(1)])
