"""What we say by e-mail: a reference, a due date and a link; never content, never a device, never a code.

Each function is one e-mail, written to the outbox in the caller's transaction.
"""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.formats import date_format

from incidents.models import InstallCodeRequest
from ssi.notifications import outbox
from ssi.notifications.outbox import Email

INSTALLER_ASKED = "install_code_request.installer_asked"


def installer_asked(request: InstallCodeRequest, *, to: Sequence[str], due_date: date) -> None:
    """Tell the installing supplier that a request awaits its answer (MP121).

    An earlier call of this kind that has not gone out is taken back: it would start the clock of this one.
    """
    outbox.take_back(event=INSTALLER_ASKED, about=request.audit_name, reference=request.reference)
    _post(INSTALLER_ASKED, "Request for Install Code {reference}: please answer", request, to, due_date=due_date)


def raiser_answered(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the raiser that its request is answered."""
    _post("install_code_request.answered", "Request for Install Code {reference}: answered", request, to)


def request_declined(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the raiser that the installing supplier declined and the desk looks for another way."""
    _post(
        "install_code_request.declined",
        "Request for Install Code {reference}: with the service desk",
        request,
        to,
    )


def request_closed(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the installing supplier that nothing is left to do."""
    _post("install_code_request.closed", "Request for Install Code {reference}: closed", request, to)


def request_withdrawn(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the installing supplier that no answer is needed any more."""
    _post("install_code_request.withdrawn", "Request for Install Code {reference}: withdrawn", request, to)


def note_added(request: InstallCodeRequest, *, to: Sequence[str]) -> None:
    """Tell the other side that somebody wrote a note (MP121: every update by another Service User)."""
    _post("install_code_request.note_added", "Request for Install Code {reference}: new note", request, to)


def _post(
    event: str, subject: str, request: InstallCodeRequest, to: Sequence[str], *, due_date: date | None = None
) -> None:
    """Render the e-mail named by `event` and post it."""
    name = event.split(".")[1]
    title = subject.format(reference=request.reference)
    facts = [("Reference", request.reference)]
    if due_date is not None:
        facts.append(("Answer due by the end of", date_format(due_date, "D j M Y")))
    context = {
        "subject": title,
        "facts": facts,
        "link": settings.SSI_BASE_URL + request.get_absolute_url(),
        "link_text": "Open the request",
        "why": "You get this because you may work with this request for your company.",
        "demo": settings.SSI_DEMO,
    }
    email = Email(
        event=event,
        subject=title,
        text=render_to_string(f"incidents/emails/{name}.txt", context),
        html=render_to_string(f"incidents/emails/{name}.html", context),
    )
    outbox.post(email, to=to, about=request.audit_name, reference=request.reference)
