"""Install codes that come in a file: read and sealed at once, and never longer here than they may be of use.

A code that waits for the confirmation of its job has its time of erasure from the beginning; only the row that is
carried out takes it away. Whatever is called off, forgotten or refused goes by itself.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from incidents.actions.bulk import findings
from incidents.models import BulkJob, BulkRow
from inventory.install_code import (
    InstallCode,
    InstallCodeCheckDigitsDoNotMatch,
    InstallCodeIsPlaceholder,
    InstallCodeLengthAmbiguous,
    InstallCodeLooksLegacy,
    InstallCodeMissing,
    InstallCodeNeededTwice,
    InstallCodeNotHexadecimal,
    InstallCodesDiffer,
    InstallCodeWrongLength,
    parse,
)
from inventory.models import SealedInstallCode
from ssi.eui64 import Eui64
from ssi.refusals import NotInThisState, Refusal
from ssi.web.sheets import SpoiltBySpreadsheet, is_spoilt

KEPT_UNUSED = timedelta(hours=24)
"""So long codes wait for their job to be confirmed, and then for a worker."""


class LegacyCodeInFile(Refusal):
    """This has as many digits as a rare legacy code, which is not taken from a file."""

    suggestion = (
        "Re-read the label. If it shows no more digits, give this one code by hand and name its length there."
    )
    source = "ZigBee install codes: 6, 8 or 12 bytes are legal and rare"


class CodeWasErased(Refusal):
    """The code waited too long to be used, and was erased."""

    suggestion = "Send the file again."
    source = "SSI design 6: install codes are sealed objects"


class CodesWaitedTooLong(NotInThisState):
    """The codes of this file waited for 24 hours and were erased."""

    suggestion = "Send the file again, and confirm it within the day."
    source = "SSI design 6: install codes are sealed objects"


def code_in(cell: str, again: str) -> InstallCode:
    """Return the code in a cell, given a second time in another where it has no check digits.

    Raises the refusals of `inventory.install_code`, SpoiltBySpreadsheet, LegacyCodeInFile; none repeats a digit.
    """
    if is_spoilt(cell) or is_spoilt(again):
        raise SpoiltBySpreadsheet
    try:
        return parse(cell, again or None)
    except (InstallCodeLooksLegacy, InstallCodeLengthAmbiguous):
        raise LegacyCodeInFile from None


def sealed_until_used(code: InstallCode, *, device_id: Eui64, given_by: Eui64, at: datetime) -> SealedInstallCode:
    """Return the code sealed in a row, not saved yet, that goes by itself unless it is used."""
    sealed = SealedInstallCode(device_id=device_id, given_by_id=given_by, given_at=at, erase_at=at + KEPT_UNUSED)
    sealed.put(code)
    return sealed


def taken_for_use(codes: Collection[UUID]) -> dict[UUID, SealedInstallCode]:
    """Return those of the sealed codes that are still there, locked, and keep them from being erased."""
    held = SealedInstallCode.objects.select_for_update().filter(pk__in=codes).order_by("pk")
    found = {each.pk: each for each in held}
    SealedInstallCode.objects.filter(pk__in=found).update(erase_at=None)
    return found


def keep_for_the_worker(job: BulkJob) -> None:
    """Give the codes of a job that is confirmed now their time anew. Raises CodesWaitedTooLong."""
    if timezone.now() - job.created_at >= KEPT_UNUSED:
        raise CodesWaitedTooLong
    _unused(job).update(erase_at=timezone.now() + KEPT_UNUSED)


def let_go(job: BulkJob) -> None:
    """Have the codes of a job that no row has used erased now."""
    _unused(job).update(erase_at=timezone.now())


def _unused(job: BulkJob) -> QuerySet[SealedInstallCode]:
    rows = BulkRow.objects.filter(job=job, code__isnull=False, done_at__isnull=True)
    return SealedInstallCode.objects.filter(pk__in=rows.values("code"))


findings.declare(SpoiltBySpreadsheet)
findings.declare(LegacyCodeInFile)
findings.declare(CodeWasErased)
findings.declare(InstallCodeMissing)
findings.declare(InstallCodeNotHexadecimal)
findings.declare(InstallCodeWrongLength, "kind", "checked", "bare", "count")
findings.declare(InstallCodeCheckDigitsDoNotMatch, "count")
findings.declare(InstallCodeIsPlaceholder)
findings.declare(InstallCodeNeededTwice, "bare", "checked")
findings.declare(InstallCodesDiffer)
