"""How long the inventory floor keeps what is over."""

from datetime import timedelta

from django.conf import settings

from inventory.actions.traffic import KEPT
from inventory.models import AwaitedResponse, CorrectionRow, CplDraft, RemovedDevice, TrafficHour
from ssi.retention import Rule

RULES = [
    Rule(
        "lines of files of corrections",
        model=CorrectionRow,
        since="batch__created_at",
        keep=timedelta(days=400),
        why="For a year one may look up, or put back, what became of each line; the history of details stays.",
    ),
    Rule(
        "lists of products that were checked and not applied",
        model=CplDraft,
        since="created_at",
        keep=timedelta(days=1),
        why="What a check said of devices is old after a day; the file is sent again.",
    ),
    Rule(
        "requests sent to devices",
        model=AwaitedResponse,
        since="sent_at",
        keep=timedelta(days=90),
        why="A future dated request is answered within a month; later responses, and doubled ones, find none.",
    ),
    Rule(
        "counts of messages by the hour",
        model=TrafficHour,
        since="began_at",
        keep=KEPT,
        why="Thresholds are held against the busiest day of the last 90, and the replay goes back 30.",
    ),
    Rule(
        "devices removed from the inventory",
        model=RemovedDevice,
        since="removed_at",
        keep=timedelta(days=settings.SSI_REMOVED_DEVICES_KEPT_DAYS),
        why="For a year a device that left the inventory is found by its Device ID, with when and how it left.",
    ),
]
