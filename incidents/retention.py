"""How long the incidents floor keeps what is over."""

from datetime import timedelta

from incidents.models import BulkRow, EscrowedCode, ReminderDigest
from ssi.retention import Rule

RULES = [
    Rule(
        "rows of bulk jobs",
        model=BulkRow,
        since="job__done_at",
        keep=timedelta(days=400),
        why="For a year one may look up what became of each line; the requests themselves say the rest.",
    ),
    Rule(
        "codes taken out of escrow",
        model=EscrowedCode,
        since="withdrawn_at",
        keep=timedelta(days=365),
        why="Their codes went at once; for a year the depositor sees which were found wrong.",
    ),
    Rule(
        "reminders that went out",
        model=ReminderDigest,
        since="sent_at",
        keep=timedelta(days=365),
        why="They keep a day's digest from going out twice; for a year one may ask whether one was sent.",
    ),
]
