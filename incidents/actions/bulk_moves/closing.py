"""Closing many requests at once, or returning as many wrong codes."""

from collections.abc import Mapping

from incidents import notices, recipients
from incidents.actions.bulk.packs import complete_packs, packs_for
from incidents.actions.bulk_moves.moving import Moving, Refused, Requests, told_by_user_id
from incidents.actions.install_code_requests.closing import close_many
from incidents.emails import bulk_moves as emails
from incidents.models import BulkJob, BulkRow, InstallCodeRequest
from incidents.models.choices import Outcome, State
from ssi.access.actor import Actor
from ssi.db import update_many
from ssi.notifications import outbox


class Closing(Moving):
    """The raiser says what became of these codes."""

    verb = "close"

    def move(self, requests: Requests, rows: Mapping[int, BulkRow], job: BulkJob, by: Actor) -> Refused:
        """Close them, or return those whose codes are wrong."""
        return close_many(requests, outcome=Outcome(job.facts["outcome"]), by=by)

    def finished(self, job: BulkJob, by: Actor) -> None:
        """Tell each installing supplier; those whose codes are wrong are asked again, in a work pack."""
        if job.facts["outcome"] == Outcome.WRONG_CODE:
            _ask_again(job)
            return
        told = told_by_user_id(job, "assigned_to")
        to = recipients.who_may_answer_for_each(told)
        for user_id, references in told.items():
            emails.installer_closed(job, references, to=to[user_id])


def _ask_again(job: BulkJob) -> None:
    """Put what was returned into a work pack for each installing supplier, and write one e-mail about each.

    Whatever moved on since, or was seen in the portal already, is left where it is.
    """
    done = BulkRow.objects.filter(job=job, done_at__isnull=False).values_list("request", flat=True)
    returned = list(
        InstallCodeRequest.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=list(done), state=State.ASSIGNED, notified_at__isnull=True)
        .order_by("pk")
    )
    packs = packs_for(job, {each.assigned_to_id for each in returned if each.assigned_to_id is not None})
    for request in returned:
        request.work_pack_id = packs[request.assigned_to_id] if request.assigned_to_id else None
    update_many(returned, ["work_pack"])
    outbox.take_back_many(
        event=notices.INSTALLER_ASKED.event,
        about=InstallCodeRequest.audit_name,
        references=[each.reference for each in returned],
    )
    complete_packs(job)
