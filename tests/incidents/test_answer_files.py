"""Answering by file: what is taken away, what is taken back, what becomes of each row, and what is never kept."""

import csv
import io
import re
import tempfile
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from incidents.actions import batches
from incidents.actions.bulk import engine, findings
from incidents.models import BulkJob, BulkRow, InstallCodeRequest, WorkPack
from incidents.models.choices import BulkState, State
from inventory.actions.install_codes import erase_due
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from tests.factories.batches import raised_in_bulk
from tests.factories.incidents import (
    CODE,
    CODE_WITH_CRC,
    MISTYPED,
    OTHER_CODE_WITH_CRC,
    answered,
    device_of,
    raised,
    read,
)
from tests.incidents.browsing import send, text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
PAGE = "/install-code-requests/answers/"
HEADER = "Reference,Device ID,Install code,Install code again,Decline reason,Detail"


def file_of(*rows: str, header: str = HEADER, name: str = "answers.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([header, *rows]).encode())


def sent(browser: Client, *rows: str, **fields: Any) -> BulkJob:
    """Send a file, have it checked, and return its job."""
    response = send(browser, PAGE, file=file_of(*rows), **fields)
    assert response.status_code == 302, text_of(response)
    return checked(response)


def checked(response: Any) -> BulkJob:
    job = BulkJob.objects.get(reference=re.findall(r"INC\d{12}", response["Location"])[0])
    engine.carry_on(job.pk)
    job.refresh_from_db()
    return job


def carried_out(job: BulkJob, by: Person) -> BulkJob:
    batches.confirm(job.reference, actor_of(by))
    engine.carry_on(job.pk)
    job.refresh_from_db()
    assert job.state == BulkState.DONE
    return job


def finding(job: BulkJob, line: int = 2) -> tuple[str, str]:
    row = BulkRow.objects.get(job=job, line=line)
    return row.finding, findings.sentence(row)[0]


@pytest.fixture
def requests(gina: Person, ivan: Person) -> list[InstallCodeRequest]:
    return [raised(gina, ivan) for _ in range(3)]


@pytest.fixture
def pack(gina: Person, ivan: Person) -> WorkPack:
    job = raised_in_bulk(gina, [device_of(ivan).device_id for _ in range(3)])
    return WorkPack.objects.get(batch=job)


class TestTheTemplate:
    def test_xlsx_is_text_throughout_and_offers_the_reasons(self, pack: WorkPack, ivan: Person) -> None:
        response = client_of(ivan).get(f"{pack.get_absolute_url()}template.xlsx")
        assert f"answers-{pack.reference}" in response["Content-Disposition"]
        sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
        assert ",".join(str(cell) for cell in rows[0]) == HEADER
        assert {row[0] for row in rows[1:]} == set(
            InstallCodeRequest.objects.filter(work_pack=pack).values_list("reference", flat=True)
        )
        assert "We no longer hold the code" in sheet.data_validations.dataValidation[0].formula1

    def test_csv_holds_only_what_still_waits(self, pack: WorkPack, ivan: Person) -> None:
        first = InstallCodeRequest.objects.filter(work_pack=pack).order_by("pk")[0]
        answered(first, by=actor_of(ivan))
        response = client_of(ivan).get(f"{pack.get_absolute_url()}template.csv")
        rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
        assert rows[0] == HEADER.split(",")
        assert len(rows) == 3
        assert first.reference not in {row[0] for row in rows}

    def test_all_that_wait_can_be_taken_and_that_starts_their_clocks(
        self, requests: list[InstallCodeRequest], pack: WorkPack, ivan: Person
    ) -> None:
        response = client_of(ivan).get(f"{PAGE}template.csv")
        assert len(b"".join(response).splitlines()) == 1 + 3 + 3
        assert not InstallCodeRequest.objects.filter(notified_at=None).exists()

    def test_nothing_of_others(self, pack: WorkPack, requests: list[InstallCodeRequest], rhea: Person) -> None:
        browser = client_of(rhea)
        assert browser.get(f"{pack.get_absolute_url()}template.csv").status_code == 404
        assert browser.get(f"{pack.get_absolute_url()}answers/").status_code in {403, 404}

    def test_no_other_endings(self, ivan: Person) -> None:
        assert client_of(ivan).get(f"{PAGE}template.exe").status_code == 404


class TestSending:
    def test_codes_and_declines_mixed(
        self, requests: list[InstallCodeRequest], gina: Person, ivan: Person
    ) -> None:
        code, decline, blank = requests
        job = sent(
            client_of(ivan),
            f"{code.reference},{code.device_id},{CODE_WITH_CRC},,,",
            f"{decline.reference},,,,We no longer hold the code,Lost in the flood.",
            f"{blank.reference},{blank.device_id},,,,",
            ",,,,,",
        )
        assert (job.state, job.given, job.acceptable, job.refused) == (BulkState.CHECKED, 2, 2, 0)
        assert set(states(requests)) == {State.ASSIGNED}
        assert carried_out(job, ivan).carried_out == 2
        assert states(requests) == [State.ANSWERED, State.WITH_SERVICE_DESK, State.ASSIGNED]
        assert read(code, by=actor_of(gina, may_reveal=True)) == CODE
        decline.refresh_from_db()
        assert decline.history.get(event="declined").text == "We no longer hold the code. Lost in the flood."
        assert list(SealedInstallCode.objects.values_list("erase_at", flat=True)) == [None]

    def test_one_e_mail_to_each_raiser(self, gina: Person, rhea: Person, ivan: Person) -> None:
        ours, theirs = [raised(gina, ivan) for _ in range(2)], [raised(rhea, ivan)]
        OutboxMessage.objects.all().delete()
        rows = [f"{each.reference},,{CODE_WITH_CRC},,," for each in (ours[0], theirs[0])]
        job = carried_out(sent(client_of(ivan), *rows, f"{ours[1].reference},,,,code_lost,"), ivan)
        written = {each.recipient: each for each in OutboxMessage.objects.all()}
        assert set(written) == {gina.email, rhea.email}
        assert OutboxMessage.objects.count() == 2
        assert written[gina.email].subject == "Install codes: 1 is answered and 1 is declined"
        assert {each.event for each in written.values()} == {"install_code_request.answered"}
        assert {each.reference for each in written.values()} == {job.reference}
        assert all(str(each.device_id) not in written[gina.email].text for each in ours)

    def test_a_bare_code_counts_only_twice(self, requests: list[InstallCodeRequest], ivan: Person) -> None:
        one, two, three = (each.reference for each in requests)
        job = sent(
            client_of(ivan), f"{one},,{CODE},,,", f"{two},,{CODE},{CODE},,", f"{three},,{CODE},{MISTYPED},,"
        )
        assert job.acceptable == 1
        assert finding(job, 2)[0] == "InstallCodeNeededTwice"
        assert finding(job, 4)[0] == "InstallCodesDiffer"
        assert SealedInstallCode.objects.count() == 1

    @pytest.mark.parametrize(
        ("row", "name"),
        [
            ("{r},," + MISTYPED + ",,,", "InstallCodeCheckDigitsDoNotMatch"),
            ("{r},," + CODE_WITH_CRC[:-2] + ",,,", "InstallCodeWrongLength"),
            ("{r},," + "0123456789ABCDEF" + ",,,", "LegacyCodeInFile"),
            ("{r},,3.0E+15,,,", "SpoiltBySpreadsheet"),
            ("{r},,not a code,,,", "InstallCodeNotHexadecimal"),
            ("{r},," + "0" * 36 + ",,,", "InstallCodeIsPlaceholder"),
            ("{r},,," + CODE_WITH_CRC + ",,", "InstallCodeMissing"),
            ("{r},," + CODE_WITH_CRC + ",,code_lost,", "CodeAndDecline"),
            ("{r},," + CODE_WITH_CRC + ",,,A word", "DeclineReasonMissing"),
            ("{r},,,,,A word", "DeclineReasonMissing"),
            ("{r},,,,because," + CODE_WITH_CRC, "DeclineReasonUnknown"),
            ("{r},,,," + CODE_WITH_CRC + ",", "DeclineReasonUnknown"),
            ("{r},,,,other,", "DeclineNeedsDetail"),
            ("{r},,,,code_lost,It is " + CODE_WITH_CRC, "NoteHoldsInstallCode"),
            ("{r},,,,code_lost," + "x" * 2001, "TextTooLong"),
            ("{r},90-B3-D5-1F-30-01-00-00," + CODE_WITH_CRC + ",,,", "AnotherDevice"),
            ("{r},9.0B3E+15," + CODE_WITH_CRC + ",,,", "NotAnEui64"),
            ("{r},9.03E+15," + CODE_WITH_CRC + ",,,", "SpoiltBySpreadsheet"),
            ("{r},," + CODE_WITH_CRC + ",,,\n{r},," + OTHER_CODE_WITH_CRC + ",,,", "AnswersDiffer"),
            ("INC000000000000,," + CODE_WITH_CRC + ",,,", "RequestUnknown"),
            (CODE_WITH_CRC + ",," + CODE_WITH_CRC + ",,,", "RequestUnknown"),
            (",," + CODE_WITH_CRC + ",,,", "ReferenceMissing"),
        ],
    )
    def test_a_row_with_anything_wrong_keeps_nothing_secret(
        self, row: str, name: str, requests: list[InstallCodeRequest], ivan: Person
    ) -> None:
        browser = client_of(ivan)
        job = sent(browser, row.format(r=requests[0].reference))
        assert finding(job)[0] == name
        assert job.acceptable == 0
        assert not SealedInstallCode.objects.exists()
        kept = str(list(BulkRow.objects.values())) + str(list(BulkJob.objects.values()))
        shown = text_of(browser.get(job.get_absolute_url()))
        assert finding(job)[1] in shown
        for digits in (CODE, MISTYPED[-10:], CODE_WITH_CRC[:12]):
            assert digits not in kept
            assert digits not in shown

    def test_the_same_row_twice_counts_once(self, requests: list[InstallCodeRequest], ivan: Person) -> None:
        row = f"{requests[0].reference},,{CODE_WITH_CRC},,,"
        job = sent(client_of(ivan), row, row)
        assert (job.acceptable, finding(job, 3)[1]) == (1, "The same stands on line 2 already.")

    def test_what_is_not_ours_to_answer(self, gina: Person, ivan: Person, rhea: Person) -> None:
        own, others, over = raised(ivan, gina), raised(rhea, gina), answered(raised(gina, ivan), by=actor_of(ivan))
        job = sent(
            client_of(ivan), *(f"{each.reference},,{OTHER_CODE_WITH_CRC},,," for each in (own, others, over))
        )
        assert [finding(job, line)[0] for line in (2, 3, 4)] == ["NotAllowed", "RequestUnknown", "NotInThisState"]
        assert SealedInstallCode.objects.count() == 1

    def test_what_happened_between_the_check_and_the_end(
        self, requests: list[InstallCodeRequest], gina: Person, ivan: Person
    ) -> None:
        job = sent(client_of(ivan), *(f"{each.reference},,{OTHER_CODE_WITH_CRC},,," for each in requests))
        answered(requests[0], by=actor_of(ivan))
        job = carried_out(job, ivan)
        assert (job.carried_out, job.refused) == (2, 1)
        assert finding(job)[0] == "NotInThisState"
        assert read(requests[0], by=actor_of(gina, may_reveal=True)) == CODE
        assert SealedInstallCode.objects.count() == 4
        erase_due()
        assert SealedInstallCode.objects.count() == 3


def states(requests: list[InstallCodeRequest]) -> list[str]:
    return [InstallCodeRequest.objects.get(pk=each.pk).state for each in requests]


class TestTheFile:
    @pytest.mark.parametrize(
        ("header", "row", "says"),
        [
            ("Device ID,Code", "x,y", "does not name the columns"),
            ("", "1,2,3", "does not name the columns"),
            (HEADER, ",,,,,", "The file has no rows."),
            (HEADER, "INC000000000001,,,,,", "No row of the file holds"),
        ],
    )
    def test_refused_with_a_way_out(self, header: str, row: str, says: str, ivan: Person) -> None:
        response = send(client_of(ivan), PAGE, file=file_of(row, header=header))
        assert response.status_code == 200
        assert says in text_of(response)
        assert not BulkJob.objects.exists()

    def test_its_name_may_not_hold_a_code(self, requests: list[InstallCodeRequest], ivan: Person) -> None:
        file = file_of(f"{requests[0].reference},,{CODE_WITH_CRC},,,", name=f"{CODE_WITH_CRC}.csv")
        response = send(client_of(ivan), PAGE, file=file)
        assert "The name of the file seems to hold an install code" in text_of(response)
        assert CODE_WITH_CRC not in response.content.decode()
        assert not SealedInstallCode.objects.exists()

    def test_nothing_touches_the_disk(self, requests: list[InstallCodeRequest], ivan: Person) -> None:
        filler = [f"INC{number:012d},,,,,{'x' * 200}" for number in range(15_000)]
        with mock.patch.object(tempfile, "NamedTemporaryFile", side_effect=AssertionError):
            job = sent(client_of(ivan), f"{requests[0].reference},,{CODE_WITH_CRC},,,", *filler)
        assert (job.given, job.acceptable) == (15_001, 1)

    def test_sent_twice_it_makes_nothing_twice(self, requests: list[InstallCodeRequest], ivan: Person) -> None:
        rows = [f"{each.reference},,{CODE_WITH_CRC},,," for each in requests]
        browser = client_of(ivan)
        job = sent(browser, *rows)
        again = send(browser, PAGE, file=file_of(*reversed(rows), name="other.csv"))
        assert again["Location"] == f"{job.get_absolute_url()}?recognised=yes"
        assert SealedInstallCode.objects.count() == 3
        carried_out(job, ivan)
        assert send(browser, PAGE, file=file_of(*rows))["Location"].endswith("?recognised=yes")
        anew = sent(browser, *rows, again="on")
        assert (anew.acceptable, anew.refused) == (0, 3)
        assert SealedInstallCode.objects.count() == 3

    def test_what_it_is_recognised_by_needs_the_servers_key(
        self, requests: list[InstallCodeRequest], ivan: Person, settings: Any
    ) -> None:
        """Else whoever reads the database could try codes until the digest fits."""
        row = f"{requests[0].reference},,{CODE_WITH_CRC},,,"
        first = sent(client_of(ivan), row)
        batches.cancel(first.reference, actor_of(ivan))
        settings.SECRET_KEY = "another key than before, as long as they are wont to be"
        assert sent(client_of(ivan), row).sha256 != first.sha256


class TestCodesThatAreNotUsed:
    def test_called_off(self, requests: list[InstallCodeRequest], ivan: Person) -> None:
        job = sent(client_of(ivan), f"{requests[0].reference},,{CODE_WITH_CRC},,,")
        batches.cancel(job.reference, actor_of(ivan))
        assert erase_due() == 1
        assert not SealedInstallCode.objects.exists()
        assert AuditEvent.objects.filter(event="install_code.erased").count() == 1

    def test_left_for_a_day(self, requests: list[InstallCodeRequest], ivan: Person) -> None:
        job = sent(client_of(ivan), f"{requests[0].reference},,{CODE_WITH_CRC},,,")
        assert erase_due() == 0
        with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
            assert erase_due() == 1
            refused = send(client_of(ivan), f"{job.get_absolute_url()}confirm/")
            assert "waited for 24 hours and were erased" in text_of(refused)
        assert set(states(requests)) == {State.ASSIGNED}

    def test_erased_before_the_worker_came(self, requests: list[InstallCodeRequest], ivan: Person) -> None:
        job = sent(client_of(ivan), f"{requests[0].reference},,{CODE_WITH_CRC},,,")
        SealedInstallCode.objects.all().delete()
        job = carried_out(job, ivan)
        assert finding(job)[0] == "CodeWasErased"
        assert set(states(requests)) == {State.ASSIGNED}
