"""Many requests dealt with at once, in a real browser: a workbook sent back, ticks, codes for DUIS."""

import csv
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from incidents.actions.bulk import engine
from incidents.models import BulkJob, InstallCodeRequest
from incidents.models.choices import State
from ssi.accounts.models import Person
from tests.factories.batches import pack_of
from tests.factories.incidents import CODE, CODE_WITH_CRC, MISTYPED, request_in
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, press
from tests.journeys.watching import look_at

A_WHILE = 10_000
REQUESTS = "/install-code-requests/"


def work() -> None:
    """Do what a worker would do now."""
    for job in BulkJob.objects.all():
        engine.carry_on(job.pk)


def test_a_workbook_is_taken_filled_in_and_sent_back(
    open_as: OpenAs, gina: Person, ivan: Person, tmp_path: Path
) -> None:
    pack = pack_of(gina, ivan)
    page = open_as(ivan)
    page.goto(pack.get_absolute_url())
    follow(page, "Send answers")
    expect(page.get_by_text("3 requests wait for your answer")).to_be_visible()
    look_at(page)
    press(page, "Check the answers")
    expect(page.locator(".error-summary")).to_be_focused()
    look_at(page)

    workbook = taken(page, tmp_path / "answers.xlsx")
    page.get_by_label("File with your answers").set_input_files(filled_in(workbook))
    press(page, "Check the answers")
    work()
    expect(page.get_by_role("heading", name="Go ahead?")).to_be_visible(timeout=A_WHILE)
    expect(page.get_by_text("The check digits do not match.")).to_be_visible()
    assert MISTYPED not in page.content()
    look_at(page)
    assert states_of(pack.reference) == [State.ASSIGNED] * 3

    press(page, "Send 2 answers")
    work()
    expect(page.get_by_role("link", name="Download the results")).to_be_visible(timeout=A_WHILE)
    look_at(page)
    assert sorted(states_of(pack.reference)) == [State.ANSWERED, State.ASSIGNED, State.WITH_SERVICE_DESK]


def taken(page: Page, path: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name="List as XLSX").click()
    download.value.save_as(path)
    return path


def filled_in(path: Path) -> Path:
    """Fill the workbook in as somebody would: a code, a slip of the finger, a reason."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, columns["Install code"], " ".join(CODE_WITH_CRC[at : at + 4] for at in range(0, 36, 4)))
    sheet.cell(3, columns["Install code"], MISTYPED)
    sheet.cell(4, columns["Decline reason"], "We no longer hold the code")
    sheet.cell(4, columns["Detail"], "Lost in the flood.")
    book.save(path)
    return path


def states_of(pack: str) -> list[str]:
    return list(InstallCodeRequest.objects.filter(work_pack__reference=pack).values_list("state", flat=True))


def test_ticked_requests_give_their_codes_and_are_closed(
    open_as: OpenAs, gina: Person, ivan: Person, tmp_path: Path
) -> None:
    answered = [request_in(State.ANSWERED, gina, ivan) for _ in range(2)]
    waiting = request_in(State.ASSIGNED, gina, ivan)
    page = open_as(gina)
    page.goto(REQUESTS)
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_label(f"Choose {waiting.reference}")).to_be_checked()
    look_at(page)
    press(page, "Codes for DUIS")
    expect(page.get_by_text("2 of 3")).to_be_visible()
    expect(page.get_by_text("It is not answered yet.")).to_be_visible()
    look_at(page)
    page.get_by_label("What do you need these codes for?").fill("To commission the meters.")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 2 codes").click()
    download.value.save_as(tmp_path / "codes.csv")
    rows = list(csv.DictReader((tmp_path / "codes.csv").open(encoding="utf-8")))
    assert {(row["Reference"], row["InstallCode"]) for row in rows} == {
        (each.reference, CODE) for each in answered
    }

    page.goto(f"{REQUESTS}?side=raised&state=answered")
    follow(page, "Close", exact=True)
    look_at(page)
    page.get_by_label("The code worked").check()
    press(page, "Close 2 requests")
    work()
    expect(page.get_by_role("link", name="Download the results")).to_be_visible(timeout=A_WHILE)
    look_at(page)
    assert {each.state for each in InstallCodeRequest.objects.exclude(pk=waiting.pk)} == {State.CLOSED}


def test_the_other_pages_of_many_requests(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    for state in (State.ASSIGNED, State.ANSWERED):
        request_in(state, gina, ivan)
    page = open_as(gina)
    for path in ("withdraw/?all=yes&side=raised", "withdraw/", "close/?all=yes&side=raised&state=assigned"):
        page.goto(f"{REQUESTS}chosen/{path}")
        look_at(page)
    page = open_as(ivan)
    for path in ("chosen/decline/?all=yes&side=assigned", "?side=assigned", "answers/"):
        page.goto(f"{REQUESTS}{path}")
        look_at(page)


def test_ticks_work_without_any_script(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    one, other = (request_in(State.ASSIGNED, gina, ivan) for _ in range(2))
    page = open_as(ivan, java_script_enabled=False)
    page.goto(f"{REQUESTS}?side=assigned")
    page.get_by_label(f"Choose {one.reference}").check()
    press(page, "Decline")
    expect(page.get_by_text("1 of 1")).to_be_visible()
    page.get_by_label("The device was scrapped").check()
    press(page, "Decline 1 request")
    work()
    assert InstallCodeRequest.objects.get(pk=one.pk).state == State.WITH_SERVICE_DESK
    assert InstallCodeRequest.objects.get(pk=other.pk).state == State.ASSIGNED
