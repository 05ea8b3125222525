"""Taking a code out of escrow: by its depositor, or because a raiser found it wrong. It is erased at once."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from django.db import transaction
from django.utils import timezone

from incidents.models import EscrowedCode, EscrowRelease, InstallCodeRequest
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.db import update_many
from ssi.eui64 import Eui64
from ssi.refusals import Refusal

WITHDRAWN = "escrowed_code.withdrawn"
FOUND_WRONG = "escrowed_code.found_wrong"


class NothingInEscrow(Refusal):
    """None of these devices has a code of yours in escrow."""

    suggestion = "Reload the list: a colleague may have withdrawn them meanwhile."
    field = "device_id"
    status = HTTPStatus.NOT_FOUND


@transaction.atomic
def withdraw(*, device_ids: Sequence[Eui64], by: Actor) -> int:
    """Take one's codes for these devices out of escrow and erase them; return how many there were.

    Requests answered by them stay answered. Raises NothingInEscrow.
    """
    by.require(Component.INSTALL_CODE_REQUEST_RESPOND)
    mine = EscrowedCode.objects.visible_to(by).held().filter(device_id__in=device_ids)
    deposits = list(mine.select_for_update().order_by("pk"))
    if not deposits:
        raise NothingInEscrow
    take_out(deposits)
    log.record_many(WITHDRAWN, by=by, about=deposits)
    return len(deposits)


def found_wrong(requests: Sequence[InstallCodeRequest], *, by: Actor) -> None:
    """Take out of escrow what answered `requests`, whose raiser `by` found the codes wrong.

    The caller has locked the requests. They are not answered from escrow again: a clock with a wrong answer says
    so. A request that a person answered has no deposit, and nothing happens.
    """
    releases = EscrowRelease.objects.filter(request__in=requests, deposit__withdrawn_at__isnull=True)
    reference: Mapping[int, str] = dict(releases.values_list("deposit", "request__reference"))
    if not reference:
        return
    wrong = EscrowedCode.objects.held().select_for_update().filter(pk__in=reference).order_by("pk")
    deposits = list(wrong)
    for each in deposits:
        each.was_wrong = True
    take_out(deposits)
    details = [{"request": reference[each.pk]} for each in deposits]
    log.record_many(FOUND_WRONG, by=by, about=deposits, details=details)


def take_out(deposits: Sequence[EscrowedCode]) -> None:
    """End deposits that the caller has locked, and erase their sealed codes."""
    codes = [each.code_id for each in deposits if each.code_id is not None]
    for each in deposits:
        each.withdrawn_at = timezone.now()
        each.code = None
    update_many(deposits, ["withdrawn_at", "was_wrong", "code"])
    SealedInstallCode.objects.filter(pk__in=codes).delete()
