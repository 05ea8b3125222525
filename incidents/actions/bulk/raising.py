"""Raising requests in bulk: the rules of raising one, for a whole list at once."""

from incidents.models import BulkJob
from ssi.access.actor import Actor


def check(job: BulkJob) -> None:
    """Write the finding of every row whose device cannot be asked for."""


def confirmed(job: BulkJob, by: Actor) -> None:
    """Count the requests against the party's quota."""


def step(job: BulkJob, by: Actor) -> int:
    """Raise the next requests."""
    return 0


def finished(job: BulkJob, by: Actor) -> None:
    """Write to each installing supplier."""
