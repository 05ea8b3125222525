"""Declining many requests at once, for one reason."""

from collections.abc import Mapping

from incidents import recipients
from incidents.actions.bulk_moves.moving import Moving, Refused, Requests, told_by_user_id
from incidents.actions.install_code_requests.answering import Declined, decline_many
from incidents.emails import bulk_moves as emails
from incidents.models import BulkJob, BulkRow
from incidents.models.choices import DeclineReason
from ssi.access.actor import Actor


class Declining(Moving):
    """The installing supplier cannot answer these, all for the same reason."""

    verb = "decline"

    def move(self, requests: Requests, rows: Mapping[int, BulkRow], job: BulkJob, by: Actor) -> Refused:
        """Decline them."""
        why = Declined(DeclineReason(job.facts["reason"]), str(job.facts["detail"]))
        return decline_many(requests, why=lambda _: why, by=by)

    def finished(self, job: BulkJob, by: Actor) -> None:
        """Tell each raiser."""
        told = told_by_user_id(job, "raised_by")
        to = recipients.who_may_read_answers_for_each(told)
        for user_id, references in told.items():
            emails.raiser_declined(job, references, to=to[user_id])
