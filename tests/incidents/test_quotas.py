"""The daily quota of a party: counted in one statement, not to be raced past, given back when the raise fails."""

import runpy
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.test import Client

from incidents.actions import quotas
from incidents.actions.quotas import QuotaReached, RaisingStopped
from incidents.models import PartyDay
from ssi.accounts.models import Party, Person
from ssi.audit.models import AuditEvent
from ssi.refusals import Refusal
from ssi.settings import BASE_DIR
from tests.factories.accounts import PartyFactory
from tests.personas import client_of

NOON = datetime(2026, 7, 1, 11, 0, tzinfo=UTC)
"""Noon in London, in summer."""


@pytest.fixture(autouse=True)
def quota(settings: Any) -> None:
    settings.SSI_REQUESTS_PER_PARTY_AND_DAY = 10


@pytest.fixture
def party(db: None) -> Party:
    return PartyFactory.create(name="Tern Supply")


def raised(party: Party) -> list[tuple[str, int]]:
    rows = PartyDay.objects.filter(party=party).order_by("on_date").values_list("on_date", "raised")
    return [(f"{day}", count) for day, count in rows]


def test_claims_add_up_to_the_quota_and_no_further(party: Party) -> None:
    quotas.claim(party.pk, 4, NOON)
    quotas.claim(party.pk, 6, NOON)
    with pytest.raises(QuotaReached) as refused:
        quotas.claim(party.pk, 1, NOON)
    assert refused.value.message == "Tern Supply has a quota of 10 a day: none left today, and this asks for 1."
    assert refused.value.way_out == (
        "The count starts anew on Thursday 2 July 2026 at 00:00. "
        "If you need more before then, ask the DCC service desk."
    )
    assert refused.value.status == 429
    assert raised(party) == [("2026-07-01", 10)]


def test_more_than_are_left_is_refused_whole(party: Party) -> None:
    quotas.claim(party.pk, 7, NOON)
    with pytest.raises(QuotaReached, match="3 left today, and this asks for 4"):
        quotas.claim(party.pk, 4, NOON)
    quotas.claim(party.pk, 3, NOON)
    assert raised(party) == [("2026-07-01", 10)]


def test_first_claim_of_a_day_may_be_too_large_as_well(party: Party) -> None:
    with pytest.raises(QuotaReached, match="10 left today, and this asks for 11"):
        quotas.claim(party.pk, 11, NOON)
    assert raised(party) == []


def test_day_is_londons(party: Party) -> None:
    quotas.claim(party.pk, 10, datetime(2026, 7, 1, 22, 59, tzinfo=UTC))
    quotas.claim(party.pk, 10, datetime(2026, 7, 1, 23, 0, tzinfo=UTC))
    quotas.claim(party.pk, 10, datetime(2026, 12, 1, 23, 59, tzinfo=UTC))
    assert raised(party) == [("2026-07-01", 10), ("2026-07-02", 10), ("2026-12-01", 10)]


def test_parties_count_apart(party: Party) -> None:
    other = PartyFactory.create()
    quotas.claim(party.pk, 10, NOON)
    quotas.claim(other.pk, 10, NOON)
    assert raised(party) == raised(other)


def test_quota_of_a_party_beats_everybodys(party: Party) -> None:
    Party.objects.filter(pk=party.pk).update(requests_per_day=12)
    quotas.claim(party.pk, 12, NOON)
    with pytest.raises(QuotaReached, match="quota of 12 a day"):
        quotas.claim(party.pk, 1, NOON)


def test_quota_cut_during_the_day_leaves_none(party: Party) -> None:
    quotas.claim(party.pk, 8, NOON)
    Party.objects.filter(pk=party.pk).update(requests_per_day=5)
    with pytest.raises(QuotaReached, match="5 a day: none left today"):
        quotas.claim(party.pk, 1, NOON)


@pytest.mark.parametrize("whose", ["the party's own", "everybody's"])
def test_quota_of_none_stops_raising(party: Party, whose: str, settings: Any) -> None:
    if whose == "everybody's":
        settings.SSI_REQUESTS_PER_PARTY_AND_DAY = 0
    else:
        Party.objects.filter(pk=party.pk).update(requests_per_day=0)
    with pytest.raises(RaisingStopped, match="may raise no requests at present"):
        quotas.claim(party.pk, 1, NOON)
    with pytest.raises(RaisingStopped):
        quotas.refuse_if_reached(party.pk, 1, NOON)


def test_claim_goes_with_the_transaction_that_fails(party: Party) -> None:
    quotas.claim(party.pk, 3, NOON)
    with transaction.atomic():
        quotas.claim(party.pk, 5, NOON)
        transaction.set_rollback(True)
    assert raised(party) == [("2026-07-01", 3)]


def test_asking_beforehand_counts_nothing(party: Party) -> None:
    quotas.refuse_if_reached(party.pk, 10, NOON)
    with pytest.raises(QuotaReached):
        quotas.refuse_if_reached(party.pk, 11, NOON)
    assert raised(party) == []
    assert quotas.standing_of(party.pk, NOON).left == 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_new_day", [True, False])
def test_many_at_once_cannot_pass_the_quota(is_new_day: bool) -> None:
    party = PartyFactory.create()
    if not is_new_day:
        quotas.claim(party.pk, 1, NOON)
    start = threading.Barrier(10)
    refused: list[Refusal] = []

    def ask() -> None:
        connection.ensure_connection()
        start.wait()
        try:
            with transaction.atomic():
                quotas.claim(party.pk, 3, NOON)
        except Refusal as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert raised(party) == [("2026-07-01", 9 if is_new_day else 10)]
    assert len(refused) == 7


# --- At the desk -----------------------------------------------------------------------------------------------


def save(desk: Client, party: Party, requests_per_day: str) -> str:
    fields = {"name": party.name, "left_date": "", "requests_per_day": requests_per_day}
    return desk.post(f"/admin/accounts/party/{party.pk}/change/", fields, follow=True).content.decode()


def test_the_desk_gives_a_party_a_quota_of_its_own(dana: Person, party: Party) -> None:
    desk = client_of(dana)
    save(desk, party, "250")
    assert Party.objects.get(pk=party.pk).requests_per_day == 250
    save(desk, party, "250")
    save(desk, party, "")
    assert Party.objects.get(pk=party.pk).requests_per_day is None
    steps = AuditEvent.objects.filter(event="party.quota_changed").order_by("id").values_list("detail", flat=True)
    assert [list(step.values()) for step in steps] == [[250, "as everybody"], ["as everybody", 250]]


@pytest.mark.parametrize("bad", ["-1", "many", "2.5"])
def test_bad_quota_is_refused(dana: Person, party: Party, bad: str) -> None:
    save(client_of(dana), party, bad)
    party.refresh_from_db()
    assert party.requests_per_day is None
    assert not AuditEvent.objects.exists()


# --- In the settings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["-1", "many", "2.5", "", "\u0663"])
def test_bad_setting_is_refused_by_its_name(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSI_REQUESTS_PER_PARTY_AND_DAY", bad)
    with pytest.raises(ImproperlyConfigured, match=r"SSI_REQUESTS_PER_PARTY_AND_DAY is .* Give a whole number"):
        runpy.run_path(str(BASE_DIR / "ssi" / "settings.py"))


def test_setting_may_be_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSI_REQUESTS_PER_PARTY_AND_DAY", "0")
    assert runpy.run_path(str(BASE_DIR / "ssi" / "settings.py"))["SSI_REQUESTS_PER_PARTY_AND_DAY"] == 0
