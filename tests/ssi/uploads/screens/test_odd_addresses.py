"""Nothing that somebody types into an address of the pages of signed files breaks one."""

from typing import Final

import pytest

from ssi.accounts.models import Person
from ssi.uploads.models.choices import State
from tests.factories.quarantine import event_of
from tests.personas import client_of
from tests.ssi.uploads.screens.making import upload_in, user_id_of

pytestmark = pytest.mark.django_db

NUL: Final = "\x00"
ODD: Final = ("a\x00b", "9" * 400, "-1", "\ud7ff\U0010ffff")
NAMES: Final = (
    *("cursor", "state", "kind", "user_id", "srv", "message_type", "target", "fate", "decided", "show", "version"),
    *("as", "time", "month"),
)
PAGES: Final = (
    "/uploads/",
    "/uploads/export/",
    "/uploads/new/adt/",
    "/uploads/to-confirm/",
    "/uploads/security-events/",
    "/uploads/security-events/export.csv",
    "/uploads/disaster-recovery/",
    "/uploads/by-email/new/",
    "/uploads/by-email/report/",
    "/uploads/by-email/report.csv",
    "/thresholds/",
    "/thresholds/history/",
    "/thresholds/export.csv",
    "/thresholds/prepare/",
    "/quarantine/",
    "/officers/",
    "/officers/earlier/",
    "/officers/nominate/",
    "{event}",
    "{event}export.csv",
    "{event}decide/",
    "{upload}",
    "{upload}findings.csv",
    "{upload}changes.csv",
    "{upload}what-if/",
    "{upload}what-if/export.csv",
    "{upload}receipt/",
    "{upload}receipt.json",
)


@pytest.mark.parametrize("page", PAGES)
def test_odd_values_break_no_page(page: str, aroha: Person, dana: Person) -> None:
    upload, event = upload_in(State.APPLIED, aroha), event_of(user_id_of(aroha))
    address = page.format(upload=upload.get_absolute_url(), event=event.get_absolute_url())
    for person in (aroha, dana):
        window = client_of(person)
        if window.get(address).status_code in {403, 404} and "export" not in address:
            continue  # it is hidden from them, whatever they type
        for query in [*({name: NUL} for name in NAMES), *(dict.fromkeys(NAMES, value) for value in ODD)]:
            answer = window.get(address, query)
            assert answer.status_code < 500, (address, query)
            if answer.streaming:
                b"".join(answer)


def test_a_version_is_asked_for_by_its_reference_alone(aroha: Person) -> None:
    for version in ("", "\x00", "1", "INC00471100081\x00", "INC0047110008155"):
        assert client_of(aroha).get("/thresholds/export.csv", {"version": version}).status_code == 404
