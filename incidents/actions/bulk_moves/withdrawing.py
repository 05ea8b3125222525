"""Withdrawing many requests at once, for one reason."""

from collections.abc import Mapping

from incidents import recipients
from incidents.actions.bulk_moves.moving import Moving, Refused, Requests, told_by_user_id
from incidents.actions.install_code_requests.closing import withdraw_many
from incidents.emails import bulk_moves as emails
from incidents.models import BulkJob, BulkRow
from ssi.access.actor import Actor


class Withdrawing(Moving):
    """The raiser needs these codes no more."""

    verb = "withdraw"

    def move(self, requests: Requests, rows: Mapping[int, BulkRow], job: BulkJob, by: Actor) -> Refused:
        """Withdraw them."""
        return withdraw_many(requests, reason=str(job.facts["reason"]), by=by)

    def finished(self, job: BulkJob, by: Actor) -> None:
        """Tell each installing supplier that was asked."""
        told = told_by_user_id(job, "assigned_to")
        to = recipients.who_may_answer_for_each(told)
        for user_id, references in told.items():
            emails.installer_withdrawn(job, references, to=to[user_id])
