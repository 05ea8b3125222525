"""The demo's changes of supplier: most who ask for a code gained the meter point, or soon do; a few did not."""

from datetime import timedelta
from random import Random

from django.utils import timezone

from incidents.actions import responsibility
from incidents.models import InstallCodeRequest
from inventory.actions import reports, suspicions
from inventory.models import Device, Registration
from inventory.search.responsible import SUPPLIES

SEED = 1_926
NEVER_GAINED_PERCENT = 7
GAINED_DAYS = (-20, 12)
"""Between so many days before and after it was asked for."""


def load() -> None:
    """Register raisers at the meter points of what they asked for; then check and count anew, as each night."""
    random = Random(SEED)  # noqa: S311 - the same estate every time is the point
    for request in InstallCodeRequest.objects.order_by("created_at"):
        device = Device.objects.filter(pk=request.device_id).first()
        if device is not None and device.import_meter_point_id and random.random() * 100 > NEVER_GAINED_PERCENT:
            _gain(request, device.import_meter_point_id, random)
    responsibility.check()
    reports.refresh_device_counts()
    suspicions.refresh_suspicions()


def _gain(request: InstallCodeRequest, meter_point: int, random: Random) -> None:
    """End the supplier's registration that runs, and begin the raiser's the day after."""
    running = Registration.objects.get(meter_point=meter_point, to_date=None, kind__in=SUPPLIES)
    if running.user_id_id == request.raised_by_id:
        return
    gained_date = timezone.localdate(request.created_at) + timedelta(days=random.randint(*GAINED_DAYS))
    gained_date = max(gained_date, running.from_date + timedelta(days=1))
    Registration.objects.filter(pk=running.pk).update(to_date=gained_date - timedelta(days=1))
    Registration.objects.create(
        meter_point_id=meter_point, kind=running.kind, user_id_id=request.raised_by_id, from_date=gained_date
    )
