"""The demo's batches: lists of devices that suppliers asked for at once, and the work packs that came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from incidents.actions import batches
from incidents.actions import install_code_requests as requests
from incidents.actions.bulk import engine
from incidents.actions.install_code_requests import notice
from incidents.demo_dates import move_to, working_moment
from incidents.models import BulkJob, BulkRow, InstallCodeRequest, WorkPack
from incidents.models.choices import DeclineReason, State
from incidents.rules import PERMITTED_STATUSES, TYPES_ASKED_FOR
from inventory.install_code import InstallCode
from inventory.models import Device
from inventory.models.choices import COMMS_HUB_PARTS
from ssi.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Plot:
    """A list that the first, second, … supplier asks for at once, and how much of it the others have answered.

    `also` stands in the list as well, and cannot be asked for.
    """

    supplier: int
    devices: int
    days_ago: int
    answered: float
    file_name: str = ""
    also: tuple[str, ...] = ()


PLOTS = (
    Plot(0, 36, 5, 0.4, "homes gained.xlsx", ("1E-5A-01-40-00-00-FF-FF", "14 Alder Row", "3.00105E+15")),
    Plot(1, 20, 1, 0.2),
)
EVERY_DECLINED = 7


def load(suppliers: Sequence[Actor], random: Random) -> None:
    """Have each list checked, confirmed and raised, and some of it answered; then move it into the past."""
    people = {supplier.user_id: supplier for supplier in suppliers}
    for plot in PLOTS:
        raiser = suppliers[plot.supplier]
        job = _raised(plot, raiser, random)
        for pack in job.work_packs.all():
            notice.pack_notice_given(reference=pack.reference, at=timezone.now())
            if installer := people.get(pack.installer_id):
                _answer_some(pack, plot.answered, installer, random)
        _move_to(job, working_moment(plot.days_ago, random), plot.days_ago, random)


def _raised(plot: Plot, raiser: Actor, random: Random) -> BulkJob:
    devices = random.sample(_devices_for(raiser), plot.devices)
    given = sorted([*(str(device.device_id) for device in devices), *plot.also])
    job = batches.draft(given, raiser, file_name=plot.file_name)
    engine.carry_out_here(job.pk)
    batches.confirm(job.reference, raiser)
    engine.carry_out_here(job.pk)
    return job


def _devices_for(raiser: Actor) -> list[Device]:
    """Return devices that others who are still in the market pre-notified; some are asked for already."""
    waiting = Device.objects.filter(
        smi_status__in=PERMITTED_STATUSES,
        device_type__in=TYPES_ASKED_FOR - COMMS_HUB_PARTS,
        notified_by__party__left_date__isnull=True,
        notified_by__isnull=False,
    ).exclude(notified_by__party_id=raiser.user.party_id)
    return list(waiting.order_by("device_id"))


def _answer_some(pack: WorkPack, share: float, installer: Actor, random: Random) -> None:
    """Answer the first of a work pack, as its queue offers them, and decline one now and then."""
    asked = list(InstallCodeRequest.objects.filter(work_pack=pack, state=State.ASSIGNED).order_by("id"))
    for number, request in enumerate(asked[: round(len(asked) * share)], start=1):
        if number % EVERY_DECLINED == 0:
            requests.decline(reference=request.reference, reason=DeclineReason.CODE_LOST, by=installer)
        else:
            code = InstallCode(random.randbytes(16))
            requests.answer(reference=request.reference, install_code=code.with_crc, by=installer)


def _move_to(job: BulkJob, raised_at: datetime, days_ago: int, random: Random) -> None:
    """Set the dates as if the batch had been raised at `raised_at`; its packs and requests go along."""
    minute = timedelta(minutes=1)
    BulkJob.objects.filter(pk=job.pk).update(
        created_at=raised_at - 9 * minute, confirmed_at=raised_at - minute, done_at=raised_at + minute
    )
    BulkRow.objects.filter(job=job, done_at__isnull=False).update(done_at=raised_at)
    WorkPack.objects.filter(batch=job).update(created_at=raised_at, notified_at=raised_at + 2 * minute)
    for reference in InstallCodeRequest.objects.filter(batch=job).values_list("reference", flat=True):
        move_to(reference, raised_at, days_ago, random)
