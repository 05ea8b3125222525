"""Counting anew after the commit. The entry is the truth; the broker's message only hurries it."""

from celery import shared_task
from django.db import transaction

from ssi.calendar import changes


@shared_task(ignore_result=True)
def recount(**_later: object) -> None:
    """Have everything counted anew that a change to the calendar may move; may run twice, and beside others."""
    changes.settle()


def recount_after_commit() -> None:
    """Hand the counting to a worker; without a broker this only logs: the sweep will do it."""
    transaction.on_commit(_hand_over, robust=True)


def _hand_over() -> None:
    recount.apply_async(retry=False)
