"""Answering many requests by one file, codes and declines mixed."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from incidents import recipients
from incidents.actions.bulk import codes, engine
from incidents.actions.bulk.engine import Instruction
from incidents.actions.bulk_moves import answer_rows
from incidents.actions.bulk_moves.moving import Moving, Refused, Requests, told_by_user_id
from incidents.actions.install_code_requests.answering import Declined, answer_many, decline_many
from incidents.emails import bulk_moves as emails
from incidents.models import BulkJob, BulkRow
from incidents.models.choices import BulkKind, DeclineReason
from inventory.install_code import FileNameHoldsInstallCode, holds_install_code
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.web.idempotency import fingerprint_of
from ssi.web.sheets import Sheet
from ssi.workflow import Stopped

MOST_ANSWERS = 20_000


class Answering(Moving):
    """The installing supplier gives codes, or says why not, each row for itself."""

    verb = "answer"

    def confirmed(self, job: BulkJob, by: Actor) -> None:
        """Keep the codes for the worker. Raises CodesWaitedTooLong."""
        codes.keep_for_the_worker(job)

    def move(self, requests: Requests, rows: Mapping[int, BulkRow], job: BulkJob, by: Actor) -> Refused:
        """Answer those with a code, decline those with a reason."""
        declined = [each for each in requests if rows[each.pk].choice]
        answered = [each for each in requests if not rows[each.pk].choice]
        return [*_answer(answered, rows, by), *_decline(declined, rows, by)]

    def finished(self, job: BulkJob, by: Actor) -> None:
        """Tell each raiser once, and have the codes erased that were not used."""
        answered = told_by_user_id(job, "raised_by", only={"choice": ""})
        declined = told_by_user_id(job, "raised_by", only={"choice__gt": ""})
        to = recipients.who_may_read_answers_for_each(answered.keys() | declined.keys())
        for user_id, addresses in sorted(to.items()):
            emails.raiser_answered(job, answered.get(user_id, []), declined.get(user_id, []), to=addresses)
        codes.let_go(job)


def _answer(requests: Requests, rows: Mapping[int, BulkRow], by: Actor) -> Refused:
    held = codes.taken_for_use([row.code_id for each in requests if (row := rows[each.pk]).code_id is not None])
    given = {each.pk: held[code] for each in requests if (code := rows[each.pk].code_id) in held}
    lost = [Stopped(each, codes.CodeWasErased()) for each in requests if each.pk not in given]
    return [*lost, *answer_many([each for each in requests if each.pk in given], codes=given, by=by)]


def _decline(requests: Requests, rows: Mapping[int, BulkRow], by: Actor) -> Refused:
    why = {each.pk: Declined(DeclineReason(rows[each.pk].choice), rows[each.pk].detail) for each in requests}
    return decline_many(requests, why=lambda request: why[request.pk], by=by)


@transaction.atomic
def answer_by_file(*, sheet: Sheet, file_name: str, by: Actor, again: bool = False) -> BulkJob:
    """Take a file of codes and declines; nothing is answered before it is confirmed.

    The codes are sealed here; what goes to the worker are the keys of their rows. A file that was sent before
    gives the job it made then (`recognised`), unless it was called off, did nothing or `again` is asked for.
    Raises NotAllowed, ColumnsNotNamed, NothingAnswered, FileNameHoldsInstallCode.
    """
    engine.require(BulkKind.ANSWER, by)
    if holds_install_code(file_name):
        raise FileNameHoldsInstallCode
    answers = answer_rows.answers_in(sheet)
    found = answer_rows.read(answers, by=by, at=timezone.now())
    instruction = Instruction(
        kind=BulkKind.ANSWER,
        sha256=fingerprint_of(b"answers by file", *answer_rows.normal_form(answers)).hex(),
        rows=found.rows,
        facts={"blank": found.blank},
        file_name=file_name,
    )
    job = engine.begin(instruction, by=by, again=again)
    if not job.recognised:
        SealedInstallCode.objects.bulk_create(found.codes, batch_size=2_000)
    return job
