"""What we say by e-mail: a reference, a due date and a link; never content, never a device, never a code.

Each function is one e-mail, written to the outbox in the caller's transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.formats import date_format

from incidents import notices
from incidents.models import InstallCodeRequest
from ssi.notifications import outbox
from ssi.notifications.notices import Notice
from ssi.notifications.writing import link_to, written


def installer_asked(
    request: InstallCodeRequest,
    *,
    to: Sequence[str],
    due_date: date,
    not_before: datetime | None = None,
    is_new: bool = False,
) -> None:
    """Tell the installing supplier that a request awaits its answer (MP121), not before a moment if one is given.

    An earlier call of this kind that has not gone out is taken back: it would start the clock of this one. Of a
    request that is new there is none.
    """
    if not is_new:
        outbox.take_back(
            event=notices.INSTALLER_ASKED.event, about=request.audit_name, reference=request.reference
        )
    _post(notices.INSTALLER_ASKED, "please answer", request, to, due_date=due_date, not_before=not_before)


def raiser_answered(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the raiser that its request is answered."""
    _post(notices.ANSWERED, "answered", request, to)


def request_declined(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the raiser that the installing supplier declined and the desk looks for another way."""
    _post(notices.DECLINED, "with the service desk", request, to)


def request_closed(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the installing supplier that nothing is left to do."""
    _post(notices.CLOSED, "closed", request, to)


def request_withdrawn(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the installing supplier that no answer is needed any more."""
    _post(notices.WITHDRAWN, "withdrawn", request, to)


def installer_relieved(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the installing supplier from which the desk took a request that nothing is left to do.

    It names nobody, and holds no link: the request's page opens for that supplier no more.
    """
    _post(notices.RELIEVED, "no longer with you", request, to, opens=False)


def note_added(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the other side that somebody wrote a note (MP121: every update by another Service User)."""
    _post(notices.NOTE_ADDED, "new note", request, to)


def raiser_unlocked(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the raiser that it may read the code again."""
    _post(notices.UNLOCKED, "the code can be read again", request, to)


def _post(
    notice: Notice,
    news: str,
    request: InstallCodeRequest,
    to: Sequence[str],
    *,
    due_date: date | None = None,
    opens: bool = True,
    not_before: datetime | None = None,
) -> None:
    """Write the e-mail whose template has the name of the event, and post it."""
    facts = [("Reference", request.reference)]
    if due_date is not None:
        facts.append(("Answer due by the end of", date_format(due_date, "D j M Y")))
    email = written(
        notice,
        subject=f"Request for Install Code {request.reference}: {news}",
        template=f"incidents/emails/{notice.event.split('.')[1]}",
        facts=facts,
        link=link_to(request.reference) if opens else "",
        link_text="Open the request",
        why="You get this because you may work with this request for your company.",
    )
    outbox.post(email, to=to, about=request.audit_name, reference=request.reference, not_before=not_before)
