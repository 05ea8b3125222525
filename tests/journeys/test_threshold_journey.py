"""Thresholds in a real browser: uploaded, looked at, submitted, approved, confirmed, applied; and what is not."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import FilePayload, Page, expect

from ssi.accounts.models import Person
from ssi.uploads.actions import applying, pipeline
from ssi.uploads.issuing import Issued
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import State
from tests.factories.uploads import TestAuthority, adt_file, sign, trusted_authority
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, go, press
from tests.journeys.watching import look_at
from tests.ssi.uploads.screens.making import upload_in, user_id_of, with_findings, with_steps

A_WHILE = 10_000
LOW = (("4.1.1", "SR", "DAY", 900, 1_000, "", "", ""), ("7.4", "SR", "HOUR", "", 50, "", "", ""))
HIGH = (("4.1.1", "SR", "DAY", 900, 2_000, "", "", "Autumn campaign"),)


@pytest.fixture
def authority(tmp_path: Path, settings: LazySettings) -> TestAuthority:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return trusted_authority(tmp_path / "file-trust", settings)


@pytest.fixture
def arohas(authority: TestAuthority, aroha: Person) -> Issued:
    return authority.certificate_for(aroha, user_id_of(aroha))


def work() -> None:
    """Do what workers would do now."""
    for upload in Upload.objects.all():
        pipeline.process(upload.pk)
    applying.apply_due()


def send_file(page: Page, aroha: Person, arohas: Issued, rows: object) -> None:
    name, content = adt_file(user_id_of(aroha), "IS", rows)  # type: ignore[arg-type]
    page.goto("/uploads/")
    go(page.get_by_role("link", name="Upload thresholds").first)
    look_at(page)
    file: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.get_by_label("File", exact=True).set_input_files(file)
    signature: FilePayload = {
        "name": f"{name}.sig",
        "mimeType": "application/json",
        "buffer": sign(content, *arohas),
    }
    page.get_by_label("Signature", exact=True).set_input_files(signature)
    press(page, "Upload and check")


def test_from_upload_to_applied(
    open_as: OpenAs, aroha: Person, sunil: Person, dana: Person, arohas: Issued
) -> None:
    upload_in(State.WITHDRAWN, aroha)
    page = open_as(aroha)
    send_file(page, aroha, arohas, LOW)
    expect(page.get_by_text("The file is being checked.")).to_be_visible()
    look_at(page)
    work()
    expect(page.get_by_role("link", name="Check and submit")).to_be_visible(timeout=A_WHILE)
    expect(page.get_by_text("every threshold is new")).to_be_visible()
    look_at(page)
    follow(page, "Check and submit")
    look_at(page)
    press(page, "Submit to DCC")
    expect(page.get_by_role("heading", level=1)).to_have_text("Submitted to DCC")
    look_at(page)
    confirm(open_as(dana))

    send_file(page, aroha, arohas, HIGH)
    work()
    expect(page.get_by_role("link", name="Check and submit")).to_be_visible(timeout=A_WHILE)
    expect(page.get_by_text("needs a second officer").first).to_be_visible()
    look_at(page)
    follow(page, "Check and submit")
    expect(page.get_by_text("A second officer must approve")).to_be_visible()
    look_at(page)
    press(page, "Submit to a second officer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Submitted to a second officer")

    approve(open_as(sunil))
    confirm(open_as(dana))
    page.goto("/uploads/")
    look_at(page)
    states = Upload.objects.exclude(state=State.WITHDRAWN).order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.SUPERSEDED, State.APPLIED]


def approve(page: Page) -> None:
    page.goto("/uploads/")
    expect(page.get_by_text("For you to approve")).to_be_visible()
    look_at(page)
    go(page.locator(".rows a").first)
    look_at(page)
    follow(page, "Check and approve")
    look_at(page)
    press(page, "Approve and send to DCC")
    expect(page.get_by_role("heading", level=1)).to_have_text("Approved")
    look_at(page)


def confirm(page: Page) -> None:
    page.goto("/uploads/")
    look_at(page)
    go(page.locator(".rows a").first)
    follow(page, "Check and confirm")
    box = page.get_by_role("checkbox")
    if box.count():  # no scanner is set up here, and DCC says that it knows
        box.first.check()
    press(page, "Confirm for DCC")
    work()
    page.goto(f"/uploads/{Upload.objects.filter(state=State.APPLIED).latest('pk').reference}/")
    expect(page.get_by_text("These thresholds are in force.")).to_be_visible()
    look_at(page)


def test_without_any_script_one_reloads(open_as: OpenAs, aroha: Person, arohas: Issued) -> None:
    page = open_as(aroha, java_script_enabled=False)
    name, content = adt_file(user_id_of(aroha), "IS", LOW)
    page.goto("/uploads/new/adt/")
    file: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.get_by_label("File", exact=True).set_input_files(file)
    signature: FilePayload = {
        "name": f"{name}.sig",
        "mimeType": "application/json",
        "buffer": sign(content, *arohas),
    }
    page.get_by_label("Signature", exact=True).set_input_files(signature)
    press(page, "Upload and check")
    work()
    follow(page, "Reload the page")
    expect(page.get_by_role("link", name="Check and submit")).to_be_visible()


def test_the_other_pages_of_uploads(
    open_as: OpenAs, aroha: Person, sunil: Person, authority: TestAuthority
) -> None:
    page = open_as(aroha)
    page.goto("/uploads/")
    look_at(page)
    rejected = with_findings(with_steps(upload_in(State.REJECTED, aroha)), lines=60)
    warned = with_findings(with_steps(upload_in(State.CHECKED, aroha)), "W50", 2)
    awaiting = with_steps(upload_in(State.AWAITING_APPROVAL, aroha))
    for path in (
        "/uploads/?state=applied",
        "/uploads/new/exit-quarantine/",
        rejected.get_absolute_url(),
        f"{rejected.get_absolute_url()}receipt/",
        f"{warned.get_absolute_url()}submit/",
        f"{warned.get_absolute_url()}withdraw/",
        awaiting.get_absolute_url(),
        f"{awaiting.get_absolute_url()}approve/",  # not she
    ):
        page.goto(path)
        look_at(page)
    page.goto(f"{warned.get_absolute_url()}submit/")
    press(page, "Submit to DCC")
    expect(page.locator(".error-summary")).to_be_focused()
    look_at(page)
    second = open_as(sunil)
    second.goto(f"{awaiting.get_absolute_url()}decline/")
    look_at(second)
