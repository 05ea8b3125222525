"""Asking for many codes at once on screen: the list, its check, the word to go ahead, and what became of it."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from incidents.actions import batches, bulk_moves
from incidents.actions.bulk import engine
from incidents.models import BulkJob, InstallCodeRequest
from incidents.models.choices import BulkKind, BulkState
from incidents.search.selections import Chosen
from inventory.models.choices import DeviceType, SmiStatus
from ssi.accounts.models import Person
from ssi.web.progress import time_left
from tests.factories.batches import UNKNOWN, carried_on, devices_of, done, ids
from tests.factories.incidents import CODE_WITH_CRC, answered, device_of, raised
from tests.incidents.browsing import hidden_fields, send, text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
LIST, NEW = "/install-code-requests/batches/", "/install-code-requests/batches/new/"


def sent(browser: Client, text: str = "", **fields: Any) -> BulkJob:
    """Send a list, have it checked, and return its job."""
    response = send(browser, NEW, device_ids=text, **fields)
    assert response.status_code == 302, text_of(response)
    job = BulkJob.objects.get(reference=re.findall(r"INC\d{12}", response["Location"])[0])
    return carried_on(job)


def page_of(browser: Client, job: BulkJob, query: str = "") -> str:
    response = browser.get(f"{job.get_absolute_url()}{query}")
    assert response.status_code == 200
    return text_of(response)


def upload(name: str, content: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


class TestTheList:
    def test_pasted_in_any_shape(self, gina: Person, ivan: Person) -> None:
        one, two, three = devices_of(ivan)
        browser = client_of(gina)
        shapes = (
            ids([one, two, three]),
            f"{one.device_id}, {two.device_id};{three.device_id}",
            f"  {one.device_id.plain.lower()}\r\n\r\n{two.device_id} {three.device_id}\r\n",
            f"Site\tDevice ID\nA\t{one.device_id}\nB\t{two.device_id}\nC\t{three.device_id}\n",
        )
        assert len({sent(browser, shape).pk for shape in shapes}) == 1
        assert BulkJob.objects.get().acceptable == 3

    def test_needs_exactly_one_list(self, gina: Person, ivan: Person) -> None:
        browser, text = client_of(gina), ids(devices_of(ivan))
        assert "There is no list yet" in text_of(send(browser, NEW))
        assert "There is no list yet" in text_of(send(browser, NEW, device_ids=" \n "))
        both = send(browser, NEW, device_ids=text, file=upload("a.csv", text))
        assert "There are two lists" in text_of(both)
        assert not BulkJob.objects.exists()

    def test_a_file_keeps_its_lines(self, gina: Person, ivan: Person) -> None:
        text = f"Device ID,Site\n{device_of(ivan).device_id},A\n\n{UNKNOWN},B\n"
        job = sent(client_of(gina), file=upload("gained homes.csv", text))
        assert job.file_name == "gained homes.csv"
        assert list(job.rows.exclude(finding="").values_list("line", "given")) == [(4, UNKNOWN)]

    def test_a_workbook(self, gina: Person, ivan: Person) -> None:
        book, file = Workbook(), BytesIO()
        sheet: Any = book.active
        for row in (("MPAN", "Device ID"), ("2000000000000", str(device_of(ivan).device_id))):
            sheet.append(row)
        book.save(file)
        assert sent(client_of(gina), file=upload("homes.xlsx", file.getvalue())).acceptable == 1

    def test_asks_which_column_when_two_could_be_it(self, gina: Person, ivan: Person) -> None:
        (one, two), browser = devices_of(ivan, 2), client_of(gina)
        text = f"Hub,Meter\n{UNKNOWN},{one.device_id}\n{UNKNOWN},{two.device_id}\n"
        asked = send(browser, NEW, file=upload("homes.csv", text))
        assert "2 columns hold what could be Device IDs" in text_of(asked)
        assert "choose the file once more" in text_of(asked)
        assert "Column B, “Meter”" in text_of(asked)
        assert sent(browser, file=upload("homes.csv", text), column="1").acceptable == 2

    def test_a_table_without_them(self, gina: Person) -> None:
        response = send(client_of(gina), NEW, file=upload("homes.csv", "Site,MPAN\nA,2000000000000\n"))
        assert "No column of the table holds Device IDs" in text_of(response)

    @pytest.mark.parametrize(
        "text",
        [
            CODE_WITH_CRC,
            f"IC: {CODE_WITH_CRC[:18]} {CODE_WITH_CRC[18:]}",
            "\n".join(CODE_WITH_CRC[at : at + 4] for at in range(0, 36, 4)),
            f"{CODE_WITH_CRC[:18]}\n{CODE_WITH_CRC[18:]}",
            f"{CODE_WITH_CRC[:4]} {CODE_WITH_CRC[4:12]}\n{CODE_WITH_CRC[12:20]}\n{CODE_WITH_CRC[20:32]}",
        ],
    )
    def test_a_list_with_an_install_code_is_refused_and_not_shown_again(self, text: str, gina: Person) -> None:
        response = send(client_of(gina), NEW, device_ids=f"{UNKNOWN}\n{text}")
        assert "seems to hold an install code" in text_of(response)
        assert "Line 2" in text_of(response)
        assert CODE_WITH_CRC[:8] not in response.content.decode()
        assert not BulkJob.objects.exists()

    def test_what_a_spreadsheet_rounded_is_called_so(self, gina: Person) -> None:
        browser = client_of(gina)
        said = page_of(browser, sent(browser, f"{UNKNOWN}\n6.16854E+15"))
        assert "A spreadsheet has made a rounded number of this" in said

    def test_more_text_than_a_form_takes_is_said_to_be_too_much(self, gina: Person) -> None:
        response = send(client_of(gina), NEW, device_ids="x" * 2_200_000)
        assert response.status_code == 413
        assert "send it as a file" in text_of(response)

    def test_so_is_a_file_of_that_name(self, gina: Person) -> None:
        response = send(client_of(gina), NEW, file=upload(f"{CODE_WITH_CRC}.csv", UNKNOWN))
        assert "The name of the file seems to hold an install code" in text_of(response)
        assert CODE_WITH_CRC[:8] not in response.content.decode()

    def test_what_the_action_refuses_stands_beside_its_field(self, gina: Person) -> None:
        response = send(client_of(gina), NEW, device_ids=UNKNOWN, needed_by_date="2020-01-01")
        assert "has passed" in text_of(response)
        assert UNKNOWN in text_of(response)

    def test_one_who_may_not_raise_sends_none(self, nils: Person) -> None:
        assert send(client_of(nils), NEW, device_ids=UNKNOWN).status_code == 403


class TestChecked:
    def test_counts_bad_rows_and_who_will_be_asked(self, gina: Person, ivan: Person) -> None:
        hub = device_of(ivan, device_type=DeviceType.CHF)
        gone = device_of(ivan, smi_status=SmiStatus.COMMISSIONED)
        good = devices_of(ivan)
        browser = client_of(gina)
        job = sent(browser, f"{ids([*good, hub, gone])}\n{UNKNOWN}\nnonsense\n{good[0].device_id}")
        said = page_of(browser, job)
        assert "Can be asked for 4" in said
        assert "Cannot be used 4" in said
        assert re.search(r"Brightgrid Supply 90-B3-D5-1F-30-01-00-00 It pre-notified these devices. 3", said)
        assert "The DCC service desk It is part of a communications hub" in said
        assert "Ask for 4 install codes" in said
        assert f"{UNKNOWN} is not in the Smart Metering Inventory" in said
        assert "It stands on line 1 already" in said
        assert "Not a Device ID 1" in said
        assert str(good[1].device_id) not in said
        assert not InstallCodeRequest.objects.exists()

    def test_the_statement_is_needed(self, gina: Person, ivan: Person) -> None:
        browser = client_of(gina)
        job = sent(browser, ids(devices_of(ivan)))
        response = send(browser, f"{job.get_absolute_url()}confirm/")
        assert "by ticking the statement" in text_of(response)
        job.refresh_from_db()
        assert job.state == BulkState.CHECKED

    def test_confirmed_it_is_carried_out_once(self, gina: Person, ivan: Person) -> None:
        browser = client_of(gina)
        job = sent(browser, ids(devices_of(ivan)))
        for _ in range(2):  # the same page sent twice
            response = send(browser, f"{job.get_absolute_url()}confirm/", responsible="on", idempotency_key=KEY)
            assert response["Location"] == job.get_absolute_url()
        assert "Raising requests" in page_of(browser, job)
        engine.carry_on(job.pk)
        assert InstallCodeRequest.objects.filter(batch=job).count() == 3
        late = send(browser, f"{job.get_absolute_url()}confirm/", responsible="on")
        assert "This cannot be done now" in text_of(late)
        assert InstallCodeRequest.objects.count() == 3

    def test_called_off_nothing_is_done(self, gina: Person, ivan: Person) -> None:
        browser = client_of(gina)
        job = sent(browser, ids(devices_of(ivan)))
        send(browser, f"{job.get_absolute_url()}cancel/")
        assert "Called off" in page_of(browser, job)
        assert send(browser, f"{job.get_absolute_url()}cancel/").status_code == 409
        assert not InstallCodeRequest.objects.exists()

    def test_nothing_to_confirm_where_nothing_is_acceptable(self, gina: Person) -> None:
        browser = client_of(gina)
        said = page_of(browser, sent(browser, UNKNOWN))
        assert "Nothing in this list can be asked for" in said
        assert "We are, or will be" not in said

    def test_bad_rows_come_page_by_page_and_as_a_file(self, gina: Person) -> None:
        browser = client_of(gina)
        job = sent(browser, "\n".join(f"00-DB-12-99-99-99-99-{number:02X}" for number in range(60)))
        first = browser.get(job.get_absolute_url()).content.decode()
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following
        second = page_of(browser, job, following[1].replace("&amp;", "&"))
        assert "00-DB-12-99-99-99-99-3B" in second
        assert "00-DB-12-99-99-99-99-01" not in second
        file = b"".join(browser.get(f"{job.get_absolute_url()}bad-rows.csv")).decode()
        assert len(file.splitlines()) == 61
        assert "00-DB-12-99-99-99-99-3B is not in the Smart Metering Inventory." in file

    def test_while_it_is_checked_the_page_asks_again(self, gina: Person, ivan: Person) -> None:
        job = batches.draft([str(device_of(ivan).device_id)], actor_of(gina))
        page = client_of(gina).get(job.get_absolute_url()).content.decode()
        assert "Checking the list" in page
        assert 'hx-trigger="every 2s"' in page
        assert "Reload the page" in page
        BulkJob.objects.update(created_at="2026-01-05T09:00:00Z")
        assert "hx-trigger" not in client_of(gina).get(job.get_absolute_url()).content.decode()


KEY = "8d3a4c1e-7f21-4a55-9e1b-2f6f1c0a9b7d"


class TestDone:
    def test_the_tracker_leads_to_the_requests(self, gina: Person, ivan: Person, rhea: Person) -> None:
        job = done(gina, *ids([*devices_of(ivan), device_of(rhea)]).split())
        other = raised(gina, ivan)
        answered(InstallCodeRequest.objects.filter(batch=job).earliest("id"), by=actor_of(ivan))
        browser = client_of(gina)
        said = page_of(browser, job)
        assert "Requests raised 4" in said
        assert "Codes ready for you 1" in said
        assert re.search(r"Brightgrid Supply 1 of 3", said)
        assert re.search(r"Harbourline Energy 0 of 1", said)
        page = browser.get(job.get_absolute_url()).content.decode()
        address = next(each for each in re.findall(r'href="([^"]+)"', page) if "state=assigned" in each)
        listed = text_of(browser.get(address.replace("&amp;", "&")))
        assert listed.count("Assigned ") >= 2
        assert other.reference not in listed
        assert f"Batch {job.reference}" in listed

    def test_the_same_list_is_recognised_and_checked_again_on_demand(self, gina: Person, ivan: Person) -> None:
        of = devices_of(ivan)
        job, browser = done(gina, *ids(of).split()), client_of(gina)
        response = send(browser, NEW, device_ids=ids(of[::-1]))
        assert job.reference in response["Location"]
        said = text_of(browser.get(response["Location"]))
        assert "You sent this list before" in said
        again = send(browser, f"{job.get_absolute_url()}again/")
        assert job.reference not in again["Location"]
        other = BulkJob.objects.exclude(pk=job.pk).get()
        engine.carry_on(other.pk)
        assert "Your company asks for it already 3" in page_of(browser, other)

    def test_the_results_say_what_became_of_each_line(self, gina: Person, ivan: Person) -> None:
        device = device_of(ivan)
        job = done(gina, str(device.device_id), UNKNOWN)
        lines = b"".join(client_of(gina).get(f"{job.get_absolute_url()}results.csv")).decode().splitlines()
        reference = InstallCodeRequest.objects.get().reference
        assert lines[1] == f"1,{device.device_id},Done,{reference},Assigned,Brightgrid Supply,,"
        assert lines[2].startswith(f"2,{UNKNOWN},Not done,,,,{UNKNOWN} is not in the Smart Metering Inventory.,")


class TestWhose:
    def test_a_batch_is_its_user_ids_alone(self, gina: Person, ivan: Person, rhea: Person) -> None:
        job = done(gina, *ids(devices_of(ivan)).split())
        for stranger in (rhea, ivan):
            browser = client_of(stranger)
            for path in ("", "results.csv", "bad-rows.csv"):
                assert browser.get(f"{job.get_absolute_url()}{path}").status_code == 404
            for path in ("confirm/", "cancel/", "again/"):
                assert send(browser, f"{job.get_absolute_url()}{path}").status_code == 404
            assert job.reference not in text_of(browser.get(LIST))
            assert browser.get(f"/incidents/{job.reference}/").status_code == 404
            narrowed = text_of(browser.get(f"/install-code-requests/?side=assigned&batch={job.reference}"))
            assert "No request fits the filters" in narrowed

    def test_its_reference_leads_to_it_as_in_an_email(self, gina: Person, ivan: Person, dana: Person) -> None:
        job = done(gina, *ids(devices_of(ivan)).split())
        for person in (gina, dana):
            response = client_of(person).get(f"/incidents/{job.reference}/", follow=True)
            assert response.redirect_chain == [(job.get_absolute_url(), 302)]
            assert response.status_code == 200

    def test_the_desk_looks_and_does_nothing(self, gina: Person, ivan: Person, dana: Person) -> None:
        job = sent(client_of(gina), ids(devices_of(ivan)))
        browser = client_of(dana)
        said = page_of(browser, job)
        assert "It waits for Northlight Energy to confirm it" in said
        assert "Call it off" not in said
        assert send(browser, f"{job.get_absolute_url()}confirm/", responsible="on").status_code == 403
        assert job.reference in text_of(browser.get(LIST))

    def test_the_list_of_batches(self, gina: Person, ivan: Person) -> None:
        browser = client_of(gina)
        assert "No batches yet" in text_of(browser.get(LIST))
        job = sent(browser, ids(devices_of(ivan)))
        assert job.reference in text_of(browser.get(LIST))

    def test_filters_stay_when_others_change(self, gina: Person, ivan: Person) -> None:
        job = done(gina, *ids(devices_of(ivan)).split())
        page = client_of(gina).get(f"/install-code-requests/?side=raised&batch={job.reference}").content.decode()
        assert re.search(rf'<input type="hidden" name="batch" value="{job.reference}"', page)
        asked = client_of(gina).get(f"/install-code-requests/?side=raised&batch={job.reference}&asked=nobody")
        assert "No request fits the filters" in text_of(asked)


class TestFromAPastedList:
    LOOKUP = "/devices/lookup/"

    def test_asks_for_those_that_can_be_asked_for(self, gina: Person, ivan: Person) -> None:
        good, gone = devices_of(ivan, 2), device_of(ivan, smi_status=SmiStatus.COMMISSIONED)
        browser = client_of(gina)
        page = browser.post(self.LOOKUP, {"identifiers": ids([*good, gone])})
        assert "2 of these devices are not commissioned yet" in text_of(page)
        fields = hidden_fields(page)
        assert str(gone.device_id) not in fields["device_ids"]
        assert sent(browser, fields["device_ids"]).acceptable == 2

    def test_says_nothing_where_there_is_nothing_to_ask(self, gina: Person, nils: Person, ivan: Person) -> None:
        gone, good = device_of(ivan, smi_status=SmiStatus.COMMISSIONED), device_of(ivan)
        asked = client_of(gina).post(self.LOOKUP, {"identifiers": str(gone.device_id)})
        assert "not commissioned yet" not in text_of(asked)
        asked = client_of(nils).post(self.LOOKUP, {"identifiers": str(good.device_id)})
        assert "not commissioned yet" not in text_of(asked)


def withdrawn(gina: Person, ivan: Person) -> BulkJob:
    chosen, by = Chosen((raised(gina, ivan).reference,)), actor_of(gina)
    seen = bulk_moves.selected(BulkKind.WITHDRAW, chosen, by=by).seen
    return bulk_moves.withdraw_selected(chosen, seen=seen, reason="Moved out.", by=by)


class TestOtherKinds:
    """The same page serves answers by file, and what is done to a selection."""

    def test_says_what_became_of_it_in_their_own_words(self, gina: Person, ivan: Person) -> None:
        job = withdrawn(gina, ivan)
        assert "Every line is checked first" in page_of(client_of(gina), job)
        said = page_of(client_of(gina), carried_on(job))
        assert "Requests withdrawn together" in said
        assert "Why Moved out." in said
        assert "Requests withdrawn 1" in said
        assert "Every line was in order" in said
        assert "Check this list again" not in said

    def test_who_cannot_do_such_work_does_not_see_it(self, gina: Person, ivan: Person, dana: Person) -> None:
        job = withdrawn(gina, ivan)
        assert client_of(ivan).get(job.get_absolute_url()).status_code == 404
        assert "Requests withdrawn together" in text_of(client_of(dana).get(LIST))


@pytest.mark.parametrize(
    ("done_so_far", "seconds", "said"),
    [
        (0, 30, ""),
        (10_000, 30, ""),
        (9_000, 30, "a few seconds left"),
        (5_000, 31, "about 40 seconds left"),
        (5_000, 60, "about 1 minute left"),
        (1_000, 30, "about 5 minutes left"),
        (5_000, 0, ""),
    ],
)
def test_an_estimate_in_words(done_so_far: int, seconds: float, said: str) -> None:
    assert time_left(done_so_far, 10_000, seconds) == said
