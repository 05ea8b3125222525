"""Notes on a request, and keeping install codes out of every free text."""

from django.db import transaction

from incidents import history, recipients, rules
from incidents.actions.install_code_requests.locking import locked
from incidents.emails import install_code_requests as emails
from incidents.models import InstallCodeRequest
from incidents.models.choices import Event
from inventory.install_code import NoteHoldsInstallCode, holds_install_code
from ssi.access.actor import Actor
from ssi.audit import log
from ssi.refusals import NotAllowed, NotInThisState, Refusal

LONGEST_TEXT = 2000


class NothingWritten(Refusal):
    """There is nothing in the text."""

    suggestion = "Write what the other side should know."
    field = "text"


class TextTooLong(Refusal):
    """The text is longer than 2,000 characters."""

    suggestion = "Shorten it, or add it in two notes."
    field = "text"


def refuse_if_it_holds_a_code(text: str, *, field: str) -> None:
    """Refuse a text that holds an install code in any spelling, without repeating it, or one that is too long."""
    if len(text) > LONGEST_TEXT:
        raise TextTooLong.at(field)
    if holds_install_code(text):
        raise NoteHoldsInstallCode.at(field)


@transaction.atomic
def add_note(*, reference: str, text: str, by: Actor) -> InstallCodeRequest:
    """Add a note that both sides and the desk read, and tell the other side by e-mail (MP121)."""
    request = locked(reference, by=by)
    if not rules.may_write_notes(request, by):
        raise NotAllowed(
            why="You may not write on this request.", way_out="Its raiser, its installer and the desk may."
        )
    if not request.is_open:
        raise NotInThisState(what=request.reference, state=request.get_state_display().lower())
    if not text.strip():
        raise NothingWritten
    refuse_if_it_holds_a_code(text, field="text")
    history.add(request, Event.NOTE_ADDED, by=by, text=text.strip())
    emails.note_added(request, to=recipients.everyone_but(by, request))
    log.record("install_code_request.note_added", by=by, about=request)
    return request
