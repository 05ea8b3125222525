"""What we say about requests that were moved together: one e-mail to each User ID of the other side."""

from collections.abc import Sequence

from incidents import notices
from incidents.emails.many import many
from incidents.models import BulkJob
from ssi.notifications.notices import Notice
from ssi.web.templatetags.ssi import count_of


def raiser_answered(job: BulkJob, answered: Sequence[str], declined: Sequence[str], *, to: Sequence[str]) -> None:
    """Tell a raiser which of its requests were answered or declined by one file."""
    said = " and ".join(
        f"{count_of(len(which))} {_is(which)} {what}"
        for which, what in ((answered, "answered"), (declined, "declined"))
        if which
    )
    desk = " The DCC service desk looks for who holds the codes of those declined." if declined else ""
    _post(
        notices.ANSWERED if answered else notices.DECLINED,
        job,
        title=f"Install codes: {said}",
        sentence=f"Of your Requests for Install Code, {said}.{desk}",
        what_to_do="Read the codes, and say what became of each." if answered else "",
        references=[*answered, *declined],
        to=to,
    )


def raiser_declined(job: BulkJob, references: Sequence[str], *, to: Sequence[str]) -> None:
    """Tell a raiser which of its requests were declined together."""
    raiser_answered(job, [], references, to=to)


def installer_closed(job: BulkJob, references: Sequence[str], *, to: Sequence[str]) -> None:
    """Tell an installing supplier which requests that it answered are closed."""
    _post(
        notices.CLOSED,
        job,
        title=f"Install codes: {_requests(references)} closed",
        sentence=f"{_requests(references)} that you answered {_is(references)} closed. Nothing is left to do.",
        references=references,
        to=to,
    )


def installer_withdrawn(job: BulkJob, references: Sequence[str], *, to: Sequence[str]) -> None:
    """Tell an installing supplier which requests need no answer any more."""
    _post(
        notices.WITHDRAWN,
        job,
        title=f"Install codes: {_requests(references)} withdrawn",
        sentence=f"{_requests(references)} to you {_is(references)} withdrawn. No answer is needed any more.",
        references=references,
        to=to,
    )


def _post(
    notice: Notice,
    job: BulkJob,
    *,
    title: str,
    sentence: str,
    references: Sequence[str],
    to: Sequence[str],
    what_to_do: str = "",
) -> None:
    many(
        notice,
        title=title,
        sentence=sentence,
        what_to_do=what_to_do,
        requests=references,
        to=to,
        about=job.audit_name,
        reference=job.reference,
    )


def _requests(references: Sequence[str]) -> str:
    return "1 request" if len(references) == 1 else f"{count_of(len(references))} requests"


def _is(references: Sequence[str]) -> str:
    return "is" if len(references) == 1 else "are"
