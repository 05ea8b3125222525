"""Codes deposited by file: every row by the rules of one, sealed while the file is in memory, erased if unused."""

import io
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from incidents.actions import batches
from incidents.actions.bulk import engine, findings
from incidents.actions.escrow.by_file import ColumnsMissing, draft
from incidents.actions.escrow.releasing import release_due
from incidents.models import BulkJob, BulkRow, EscrowedCode, InstallCodeRequest
from incidents.models.choices import BulkKind, BulkState, ReleaseRule, State
from inventory.actions.install_codes import erase_due
from inventory.install_code import FileNameHoldsInstallCode, InstallCode
from inventory.models import SealedInstallCode
from inventory.models.choices import DeviceType, SmiStatus
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed
from ssi.web.sheets import Sheet, read_sheet
from tests.factories.batches import raised_in_bulk
from tests.factories.incidents import (
    CODE,
    CODE_WITH_CRC,
    MISTYPED,
    OTHER_CODE,
    OTHER_CODE_WITH_CRC,
    device_of,
    read,
)
from tests.incidents.escrow.depositing import asked_for, deposited, ruled
from tests.personas import actor_of

pytestmark = pytest.mark.django_db


class Upload(io.BytesIO):
    """A file as a form hands it over."""

    @property
    def size(self) -> int:
        return len(self.getvalue())


def sheet_of(*rows: tuple[str, ...], header: tuple[str, ...] = ("Device ID", "Install code", "Again")) -> Sheet:
    text = "\r\n".join(",".join(row) for row in (header, *rows))
    return read_sheet(Upload(text.encode()), most_rows=50_000, largest_bytes=1_000_000)


def carried_out(job: BulkJob, by: Person) -> BulkJob:
    """Check a job, confirm it, and carry it out."""
    engine.carry_on(job.pk)
    batches.confirm(job.reference, actor_of(by))
    engine.carry_on(job.pk)
    return BulkJob.objects.get(pk=job.pk)


def found(job: BulkJob) -> dict[int, str]:
    return dict(BulkRow.objects.filter(job=job).order_by("line").values_list("line", "finding"))


def test_a_file_is_deposited(ivan: Person, gina: Person) -> None:
    devices = [device_of(ivan).device_id for _ in range(3)]
    sheet = sheet_of(
        (str(devices[0]), CODE_WITH_CRC, ""),
        (devices[1].plain.lower(), OTHER_CODE_WITH_CRC.lower(), ""),
        (str(devices[2]), CODE, CODE),
    )
    job = carried_out(draft(sheet, actor_of(ivan), file_name="codes.csv"), ivan)
    assert (job.kind, job.state, job.carried_out, job.refused) == (BulkKind.DEPOSIT, BulkState.DONE, 3, 0)
    held = EscrowedCode.objects.order_by("device_id")
    assert [each.code.take().hex for each in held if each.code] == [CODE, OTHER_CODE, CODE]
    assert not SealedInstallCode.objects.filter(erase_at__isnull=False).exists()
    assert AuditEvent.objects.filter(event="escrowed_code.deposited", person_email=ivan.email).count() == 3
    ruled(ivan, ReleaseRule.AT_ONCE)
    request = asked_for(list(held), gina)[1]
    assert release_due(timezone.now()) == 3
    assert InstallCodeRequest.objects.get(pk=request.pk).state == State.ANSWERED
    assert read(request, by=actor_of(gina, may_reveal=True)) == OTHER_CODE


Bad = tuple[str, tuple[str, ...]]
"""The finding that a row must get, and the row."""


def rows_about_devices(ivan: Person, rhea: Person) -> list[Bad]:
    """Return a row for each thing that may be wrong with a device."""
    commissioned = device_of(ivan, smi_status=SmiStatus.COMMISSIONED)
    devices = {
        "NotAnEui64": "not a device",
        "DeviceNotInInventory": "00-DB-12-00-00-00-00-01",
        "NotPreNotifiedByYou": str(device_of(rhea).device_id),
        "DeviceStatusPermitsNoDeposit": str(commissioned.device_id),
        "DeviceHasNoSupplierHeldCode": str(device_of(ivan, device_type=DeviceType.CHF).device_id),
        "AlreadyInEscrow": str(deposited(ivan).device_id),
    }
    return [(finding, (device_id, CODE_WITH_CRC, "")) for finding, device_id in devices.items()]


def rows_about_codes(ivan: Person) -> list[Bad]:
    """Return a row for each thing that may be wrong with a code."""
    codes = {
        "InstallCodeCheckDigitsDoNotMatch": (MISTYPED, ""),
        "InstallCodeNeededTwice": (CODE, ""),
        "InstallCodesDiffer": (CODE, OTHER_CODE),
        "InstallCodeIsPlaceholder": ("0" * 32, "0" * 32),
        "InstallCodeMissing": ("", ""),
    }
    return [(finding, (str(device_of(ivan).device_id), *cells)) for finding, cells in codes.items()]


def test_each_bad_row_is_refused_as_it_would_be_alone(ivan: Person, rhea: Person) -> None:
    good, twice, two = (str(device_of(ivan).device_id) for _ in range(3))
    rows: list[Bad] = [
        *rows_about_devices(ivan, rhea),
        *rows_about_codes(ivan),
        ("", (good, CODE_WITH_CRC, "")),
        ("", (twice, CODE_WITH_CRC, "")),
        ("CodeGivenTwice", (twice, CODE, CODE)),
        ("CodesForOneDeviceDiffer", (two, CODE_WITH_CRC, "")),
        ("CodesForOneDeviceDiffer", (two, OTHER_CODE_WITH_CRC, "")),
        ("NotAnEui64", (CODE_WITH_CRC, good, "")),
    ]
    job = carried_out(draft(sheet_of(*(row for _, row in rows)), actor_of(ivan)), ivan)
    assert list(found(job).values()) == [finding for finding, _ in rows]
    assert job.carried_out == 2
    assert {good, twice} < {str(each.device_id) for each in EscrowedCode.objects.all()}
    for row in BulkRow.objects.filter(job=job).exclude(finding=""):
        message, way_out = findings.sentence(row)
        assert message
        assert way_out
        assert CODE[:8] not in f"{message}{way_out}{row.given}{row.fact}"


def test_codes_that_are_not_used_go(ivan: Person) -> None:
    sheet = sheet_of(
        (str(device_of(ivan).device_id), CODE_WITH_CRC), (str(device_of(ivan).device_id), CODE_WITH_CRC)
    )
    job = draft(sheet, actor_of(ivan))
    assert SealedInstallCode.objects.filter(erase_at__isnull=False).count() == 2
    engine.carry_on(job.pk)
    batches.cancel(job.reference, actor_of(ivan))
    SealedInstallCode.objects.update(erase_at=timezone.now())
    assert erase_due() == 2
    assert not EscrowedCode.objects.exists()


def test_the_same_file_again_is_the_job_that_waits(ivan: Person) -> None:
    rows = [(str(device_of(ivan).device_id), CODE_WITH_CRC) for _ in range(3)]
    first = draft(sheet_of(*rows), actor_of(ivan))
    again = draft(sheet_of(*reversed(rows)), actor_of(ivan))
    assert (again.pk, again.recognised) == (first.pk, True)
    assert SealedInstallCode.objects.count() == 3
    carried_out(first, ivan)
    later = carried_out(draft(sheet_of(*rows), actor_of(ivan)), ivan)
    assert set(found(later).values()) == {"AlreadyInEscrow"}
    assert EscrowedCode.objects.count() == 3


def test_a_file_without_names_is_read_in_order(ivan: Person) -> None:
    device_id = device_of(ivan).device_id
    sheet = read_sheet(Upload(f"{device_id};{CODE};{CODE}\n".encode()), most_rows=10, largest_bytes=10_000)
    assert carried_out(draft(sheet, actor_of(ivan)), ivan).carried_out == 1


def test_a_file_with_other_columns_is_refused(ivan: Person) -> None:
    for header in (("Device ID", "Serial number"), ("Meter", "Install code")):
        with pytest.raises(ColumnsMissing):
            draft(sheet_of((str(device_of(ivan).device_id), CODE_WITH_CRC), header=header), actor_of(ivan))
    with pytest.raises(FileNameHoldsInstallCode):
        draft(sheet_of(("x", "y")), actor_of(ivan), file_name=f"{CODE}.csv")
    assert not BulkJob.objects.exists()


def test_is_for_those_who_answer(vera: Person, dana: Person) -> None:
    for who in (vera, dana):
        with pytest.raises(NotAllowed):
            draft(sheet_of(("x", "y")), actor_of(who))


def test_the_desk_does_not_learn_of_it(ivan: Person, dana: Person, rhea: Person) -> None:
    job = draft(sheet_of((str(device_of(ivan).device_id), CODE_WITH_CRC)), actor_of(ivan))
    for who in (dana, rhea):
        assert not BulkJob.objects.visible_to(actor_of(who)).exists()
    assert BulkJob.objects.visible_to(actor_of(ivan)).get() == job


def test_no_code_is_left_in_the_clear(ivan: Person) -> None:
    device_id = device_of(ivan).device_id
    carried_out(draft(sheet_of((str(device_id), CODE_WITH_CRC), (CODE_WITH_CRC, "x")), actor_of(ivan)), ivan)
    for model in (BulkJob, BulkRow, AuditEvent, EscrowedCode):
        with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" TO STDOUT') as copy:
            kept: Any = b"".join(bytes(part) for part in copy).upper()
        assert CODE[:12].encode() not in kept
    assert InstallCode(bytes.fromhex(CODE)) == SealedInstallCode.objects.get().take()


def test_fifty_codes_take_as_many_queries_as_five(ivan: Person, django_assert_max_num_queries: Any) -> None:
    job = draft(sheet_of(*((str(device_of(ivan).device_id), CODE_WITH_CRC) for _ in range(50))), actor_of(ivan))
    with django_assert_max_num_queries(45):
        carried_out(job, ivan)
    assert EscrowedCode.objects.count() == 50


def test_a_batch_asks_nobody_for_what_is_in_escrow(ivan: Person, gina: Person, rhea: Person) -> None:
    held = [deposited(ivan) for _ in range(3)]
    by_hand = device_of(ivan).device_id
    ruled(ivan, ReleaseRule.AT_ONCE)
    raised_in_bulk(gina, [*(each.device_id for each in held), by_hand])
    (mail,) = OutboxMessage.objects.filter(recipient=ivan.email)
    assert "1 request" in mail.subject + mail.text
    raised_in_bulk(rhea, [each.device_id for each in held])
    assert OutboxMessage.objects.filter(recipient=ivan.email).count() == 1
    assert release_due(timezone.now()) == 6
    assert InstallCodeRequest.objects.get(state=State.ASSIGNED).device_id == by_hand
