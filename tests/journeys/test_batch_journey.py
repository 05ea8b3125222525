"""Many codes asked for at once, in a real browser: the list, its check, the tracker, and the work pack's queue."""

import re

from playwright.sync_api import Page, expect

from incidents.actions import batches
from incidents.actions.bulk import engine
from incidents.models import BulkJob, InstallCodeRequest, WorkPack
from incidents.models.choices import State
from ssi.accounts.models import Person
from tests.factories.batches import UNKNOWN, checked, confirmed, devices_of, done, ids, pack_of
from tests.factories.incidents import CODE_WITH_CRC
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, go, press, press_enter
from tests.journeys.watching import look_at
from tests.personas import actor_of

NEW = "/install-code-requests/batches/new/"
A_WHILE = 10_000


def work() -> None:
    """Do what a worker would do now."""
    for job in BulkJob.objects.all():
        engine.carry_on(job.pk)


def test_a_list_becomes_a_batch_and_the_page_follows(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    page = open_as(gina)
    page.goto("/install-code-requests/")
    follow(page, "Ask for many at once")
    look_at(page)
    page.get_by_label("Device IDs").fill(f"{ids(devices_of(ivan))}\n{UNKNOWN}\n{UNKNOWN}\nnonsense")
    press(page, "Check the list")
    expect(page.get_by_text("lines is looked up")).to_be_visible()
    work()
    expect(page.get_by_role("heading", name="Go ahead?")).to_be_visible(timeout=A_WHILE)
    expect(page.get_by_role("status").filter(has_text="Checked: 3 lines can be used, 3 cannot.")).to_have_count(1)
    look_at(page)

    follow(page, "Given twice")
    expect(page.get_by_text("It stands on line 4 already")).to_be_visible()
    press(page, "Ask for 3 install codes")
    expect(page.locator(".error-summary")).to_be_focused()
    look_at(page)
    page.get_by_label("We are, or will be").check()
    press(page, "Ask for 3 install codes")
    expect(page.get_by_text("Raising requests")).to_be_visible()
    work()
    expect(page.get_by_text("How far each is")).to_be_visible(timeout=A_WHILE)
    look_at(page)
    go(page.get_by_role("link", name="3", exact=True).first)
    expect(page.locator("tbody tr")).to_have_count(3)
    look_at(page)
    follow(page, "Take off: Batch")
    expect(page.get_by_role("link", name="Take off: Batch")).to_have_count(0)


def test_a_page_that_renews_itself_shows_when_one_is_signed_out(
    open_as: OpenAs, gina: Person, ivan: Person
) -> None:
    job = batches.draft(ids(devices_of(ivan)).split(), actor_of(gina))
    page = open_as(gina)
    page.goto(job.get_absolute_url())
    page.context.clear_cookies()
    page.wait_for_url(f"**/sign-in/?next={job.get_absolute_url()}", timeout=A_WHILE)


def test_without_any_script_one_reloads(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    page = open_as(gina, java_script_enabled=False)
    page.goto(NEW)
    page.get_by_label("Or a file").set_input_files(
        {"name": "homes.csv", "mimeType": "text/csv", "buffer": ids(devices_of(ivan)).encode()}
    )
    press(page, "Check the list")
    work()
    follow(page, "Reload the page")
    expect(page.get_by_text("homes.csv")).to_be_visible()
    page.get_by_label("We are, or will be").check()
    press(page, "Ask for 3 install codes")
    work()
    follow(page, "Reload the page")
    expect(page.get_by_text("How far each is")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the results").click()
    assert "Brightgrid Supply" in download.value.path().read_text()


def test_a_work_pack_is_answered_one_after_the_other(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    pack = pack_of(gina, ivan)
    page = open_as(ivan)
    page.goto("/")
    look_at(page)
    follow(page, pack.reference, exact=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Work pack from Northlight Energy")
    look_at(page)
    follow(page, "Answer the next one")
    expect(page.get_by_text("3 of 3 left")).to_be_visible()
    look_at(page)
    answer_with_the_keyboard(page)
    expect(page.get_by_text("2 of 3 left")).to_be_visible()
    follow(page, "Skip this one")
    follow(page, "Decline it")
    look_at(page)
    page.get_by_label("We no longer hold the code").check()
    press(page, "Decline the request")
    expect(page.get_by_text("1 of 3 left")).to_be_visible()
    answer_with_the_keyboard(page)
    expect(page.get_by_text("Nothing in this work pack waits for an answer any more.")).to_be_visible()
    look_at(page)
    states = InstallCodeRequest.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [State.ANSWERED, State.ANSWERED, State.WITH_SERVICE_DESK]


def answer_with_the_keyboard(page: Page) -> None:
    expect(page.get_by_label("Install code", exact=True)).to_be_focused()
    page.keyboard.type(CODE_WITH_CRC)
    press_enter(page)


def test_from_a_lookup_to_the_codes(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    page = open_as(gina)
    page.goto("/devices/lookup/")
    page.get_by_label("Device IDs, MPANs or MPRNs").fill(ids(devices_of(ivan)))
    press(page, "Look up")
    look_at(page)
    press(page, "Ask for the codes of these 3")
    page.wait_for_url(re.compile(r"/batches/INC\d{12}/$"))


def test_the_other_pages_of_batches_and_packs(open_as: OpenAs, gina: Person, ivan: Person, dana: Person) -> None:
    page = open_as(gina)
    for path in ("/install-code-requests/batches/", "/install-code-requests/packs/"):
        page.goto(path)
        look_at(page)
    nothing, running = checked(gina, UNKNOWN), confirmed(gina, *ids(devices_of(ivan)).split())
    finished = done(gina, *ids(devices_of(ivan)).split())
    stalled = checked(gina, *ids(devices_of(ivan)).split())
    BulkJob.objects.filter(pk=stalled.pk).update(state="checking")
    BulkJob.objects.update(created_at="2026-01-05T09:00Z", confirmed_at="2026-01-05T09:10Z")  # nothing asks again
    for job in (nothing, running, finished, stalled):
        page.goto(f"{job.get_absolute_url()}?recognised=yes")
        look_at(page)
    page.goto(nothing.get_absolute_url())
    press(page, "Call it off")
    look_at(page)
    page.goto(NEW)
    page.get_by_label("Device IDs").fill(f"Hub\tMeter\n{UNKNOWN}\t{UNKNOWN}")
    press(page, "Check the list")
    expect(page.get_by_text("Which column holds the Device IDs?").first).to_be_visible()
    look_at(page)
    desk, pack = open_as(dana), WorkPack.objects.earliest("id")
    for path in ("/install-code-requests/batches/", "/install-code-requests/packs/?all", pack.get_absolute_url()):
        desk.goto(path)
        look_at(desk)
