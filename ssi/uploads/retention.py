"""How long signed files are kept that came to nothing; the rest is the history of what was in force.

Only rows go here, with their steps, findings and lines. Their bytes then belong to no row, and go with the next
sweep of orphans (`ssi/uploads/jobs.py`).
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from ssi.retention import Rule
from ssi.uploads.models import PreparedFile, QuarantinedCommunication, Upload
from ssi.uploads.models.choices import State

_NAMED_ELSEWHERE = (
    Exists(PreparedFile.objects.filter(used_by=OuterRef("pk")))
    | Exists(QuarantinedCommunication.objects.filter(decided_in=OuterRef("pk")))
    | Exists(Upload.objects.filter(compared_with=OuterRef("pk")))
)

RULES = [
    Rule(
        "signed files that came to nothing",
        model=Upload,
        since="ended_at",
        keep=timedelta(days=400),
        only=Q(state__in=[State.REJECTED, State.WITHDRAWN]) & ~Q(_NAMED_ELSEWHERE),
        why="For a year one may look up what was wrong with a file; what was in force stays for good.",
    ),
    Rule(
        "prepared files that were withdrawn",
        model=PreparedFile,
        since="withdrawn_at",
        keep=timedelta(days=90),
        only=Q(used_by__isnull=True),
        why="So long a file that was signed all the same is told what became of its reference.",
    ),
    Rule(
        "quarantined communications that were released or deleted",
        model=QuarantinedCommunication,
        since="ended_at",
        keep=timedelta(days=730),
        why="For two years a User may look up what became of each; the counts of their event stay for good.",
    ),
]
