"""Exit Quarantine in a real browser: decided, built, signed, uploaded, confirmed, and what came of each."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import Page, expect

from ssi.accounts.models import Person
from ssi.uploads.actions import applying, confirming, pipeline
from ssi.uploads.issuing import Issued
from ssi.uploads.models import QuarantinedCommunication, QuarantineEvent, Upload
from tests.factories.quarantine import event_of
from tests.factories.uploads import TestAuthority, sign, trusted_authority
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, press
from tests.journeys.watching import look_at
from tests.personas import actor_of


@pytest.fixture
def authority(tmp_path: Path, settings: LazySettings) -> TestAuthority:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return trusted_authority(tmp_path / "file-trust", settings)


@pytest.fixture
def arohas(authority: TestAuthority, aroha: Person) -> Issued:
    return authority.certificate_for(aroha, aroha.grants.get().acting_for)


@pytest.fixture
def event(aroha: Person) -> QuarantineEvent:
    return event_of(aroha.grants.get().acting_for, 60)


def test_from_the_cockpit_to_every_communication_s_end(
    open_as: OpenAs, aroha: Person, dana: Person, arohas: Issued, event: QuarantineEvent
) -> None:
    page = open_as(aroha)
    page.goto("/quarantine/")
    look_at(page)
    follow(page, event.reference)
    expect(page.get_by_text("60 of 60 are not decided yet")).to_be_visible()
    look_at(page)
    decide(page)
    content, name = build(page)
    send(page, name, content, sign(content, *arohas))
    expect(page.get_by_role("link", name="Check and submit")).to_be_visible(timeout=10_000)
    follow(page, "Check and submit")
    look_at(page)
    press(page, "Submit to DCC")
    page.goto(event.get_absolute_url())
    expect(page.get_by_text("Everything is decided.")).to_be_visible()
    look_at(page)
    confirming.confirm(reference=Upload.objects.get().reference, unscanned_accepted=True, by=actor_of(dana))
    applying.apply_due()
    page.reload()
    expect(page.get_by_text("This event is over")).to_be_visible()
    look_at(page)
    ended = QuarantinedCommunication.objects.order_by("id").values_list("fate", flat=True)
    assert list(ended[:3]) == ["released", "deleted", "deleted"]


def decide(page: Page) -> None:
    """Decide about all of them, then otherwise about the first."""
    press(page, "Release", exact=True)
    expect(page.get_by_role("alert").get_by_text("No communication was chosen.")).to_be_visible()
    look_at(page)
    follow(page, "Decide about all that are quarantined")
    expect(page.get_by_role("button", name="Decide about 60")).to_be_visible()
    look_at(page)
    page.get_by_label("Delete").check()
    page.get_by_label("Reason").fill("Sent twice")
    press(page, "Decide about 60")
    expect(page.get_by_text("You decided to delete 60 communications.")).to_be_visible()
    page.get_by_role("checkbox", name="Choose 00-DB-12").first.check()
    press(page, "Release", exact=True)
    expect(page.get_by_text("You decided to release 1 communication.")).to_be_visible()
    look_at(page)


def build(page: Page) -> tuple[bytes, str]:
    """Build the file and download it."""
    press(page, "Build the file to sign")
    expect(page.get_by_text("The file is built.")).to_be_visible()
    look_at(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the file").click()
    return waiting.value.path().read_bytes(), waiting.value.suggested_filename


def send(page: Page, name: str, content: bytes, signature: bytes) -> None:
    """Upload the file with its signature, and do what a worker would."""
    follow(page, "Upload the signed file")
    given = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.get_by_label("File", exact=True).set_input_files(given)  # type: ignore[arg-type]
    signed = {"name": f"{name}.sig", "mimeType": "application/json", "buffer": signature}
    page.get_by_label("Signature", exact=True).set_input_files(signed)  # type: ignore[arg-type]
    press(page, "Upload and check")
    expect(page.get_by_text("The file is being checked.")).to_be_visible()
    pipeline.process(Upload.objects.get().pk)


def test_without_any_script(open_as: OpenAs, aroha: Person, event: QuarantineEvent) -> None:
    page = open_as(aroha, java_script_enabled=False)
    page.goto(f"{event.get_absolute_url()}?srv=7.4")
    page.get_by_role("checkbox", name="Choose 00-DB-12").first.check()
    press(page, "Delete", exact=True)
    expect(page.get_by_text("You decided to delete 1 communication.")).to_be_visible()
    assert page.url.endswith("?srv=7.4#communications")


def test_what_others_see(
    open_as: OpenAs, sunil: Person, dana: Person, bela: Person, event: QuarantineEvent
) -> None:
    QuarantineEvent.objects.update(due_at=timezone.now() - timedelta(hours=2))
    for person in (sunil, dana):
        page = open_as(person)
        page.goto("/quarantine/")
        expect(page.get_by_text("Overdue by 2 hours")).to_be_visible()
        look_at(page)
        page.goto(event.get_absolute_url())
        look_at(page)
        assert page.get_by_role("button", name="Release", exact=True).count() == 0
    page = open_as(bela)
    page.goto("/quarantine/")
    expect(page.get_by_text("Nothing was quarantined")).to_be_visible()
    look_at(page)
