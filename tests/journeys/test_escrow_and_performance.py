"""The pages of codes in escrow and of performance, in a real browser."""

from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from incidents.actions.bulk import engine
from incidents.actions.escrow.releasing import release_due
from incidents.models import BulkJob, InstallCodeRequest
from incidents.models.choices import ReleaseRule
from ssi.accounts.models import Person, UserId
from tests.factories.accounts import UserIdFactory
from tests.factories.incidents import CODE_WITH_CRC, MISTYPED, device_of, raised
from tests.incidents.askings import asked
from tests.incidents.escrow.depositing import deposited, ruled
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, go, press
from tests.journeys.watching import look_at
from tests.personas import actor_of

ESCROW = "/install-code-requests/escrow/"


def test_a_supplier_leaves_codes_and_nobody_waits(
    open_as: OpenAs, gina: Person, ivan: Person, tmp_path: Path
) -> None:
    devices = [device_of(ivan).device_id for _ in range(3)]
    file = tmp_path / "codes.csv"
    file.write_text(
        "\n".join(["Device ID,Install code", *(f"{each},{CODE_WITH_CRC}" for each in devices[:2]), "x,y"])
    )
    page = open_as(ivan)
    deposit_by_file(page, file)
    expect(page.get_by_role("row", name=str(devices[0]))).to_be_visible()
    look_at(page)
    answer_at_once_from_now_on(page)

    asker = open_as(gina)
    asker.goto(f"/install-code-requests/raise/?device_id={devices[0]}")
    asker.get_by_label("We are, or will be, the responsible supplier").check()
    press(asker, "Check your answers")
    press(asker, "Raise the request")
    assert release_due(timezone.now()) == 1
    asker.goto(InstallCodeRequest.objects.get().get_absolute_url())
    expect(asker.get_by_role("main")).to_contain_text("Answered from escrow")
    look_at(asker)


def deposit_by_file(page: Page, file: Path) -> None:
    page.goto(ESCROW)
    look_at(page)
    go(page.get_by_role("main").get_by_role("link", name="Deposit codes by file").first)
    look_at(page)
    page.get_by_label("File").set_input_files(file)
    press(page, "Check the file")
    job = BulkJob.objects.get()
    engine.carry_on(job.pk)
    page.reload()
    look_at(page)
    press(page, "Deposit 2 codes")
    engine.carry_on(job.pk)
    page.goto(ESCROW)


def answer_at_once_from_now_on(page: Page) -> None:
    follow(page, "Change the rule")
    page.get_by_label("At once, to any supplier").check()
    press(page, "Set the rule")
    look_at(page)
    page.get_by_label("I know what this rule does").check()
    press(page, "Set the rule")
    expect(page.get_by_role("status").first).to_contain_text("Your rule is now")


def test_the_smaller_pages_of_escrow(open_as: OpenAs, ivan: Person, gina: Person) -> None:
    held = deposited(ivan)
    request = raised(gina, ivan)
    ruled(ivan, ReleaseRule.AFTER_ONE_WORKING_DAY)
    page = open_as(ivan)
    page.goto(f"{ESCROW}deposit/?device_id={request.device_id}")
    look_at(page)
    page.get_by_label("Install code", exact=True).fill(MISTYPED)
    press(page, "Seal and deposit")
    look_at(page)
    page.goto(f"/devices/{held.device_id}/")
    look_at(page)
    follow(page, "Withdraw the code")
    look_at(page)
    press(page, "Withdraw the code")
    expect(page.get_by_role("status").first).to_contain_text("1 code was withdrawn and erased")
    for path in (f"{ESCROW}?which=wrong", f"{ESCROW}withdraw/", f"{ESCROW}rule/", f"{ESCROW}upload/"):
        page.goto(path)
        look_at(page)


def test_performance(open_as: OpenAs, ivan: Person, dana: Person) -> None:
    at = timezone.now() - timedelta(days=10)
    ours = UserId.objects.get(pk=actor_of(ivan).user.user_id)
    for number, user in enumerate([ours, *(UserIdFactory.create() for _ in range(4))], 1):
        asked(user, 7 * number, at=at, in_time=number != 3)
    for who in (ivan, dana):
        page = open_as(who)
        page.goto("/install-code-requests/performance/")
        expect(page.get_by_role("img", name="Answered in time")).to_be_visible()
        look_at(page)
        page.get_by_text("What these figures mean").click()
        look_at(page)
        page.goto("/install-code-requests/performance/?period=custom&first=2026-01-01")
        look_at(page)
        page.goto("/install-code-requests/performance/?period=custom&first=2001-01-01&last=2001-01-31")
        look_at(page)
