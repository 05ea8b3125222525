"""What a page says once a move is made: what was done, and what happens next."""

from collections.abc import Sequence
from dataclasses import dataclass

from ssi.uploads.models import Upload
from ssi.uploads.models.choices import State
from ssi.uploads.moves import Verb
from ssi.working_days import day_in_words


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was done, and what happens next, a sentence each."""

    title: str
    next_steps: Sequence[str]


def confirmation_of(upload: Upload, verb: str) -> Confirmation | None:
    """Return what to say after the move `verb`; None where the upload's state does not bear it out."""
    match (verb, State(upload.state)):
        case (Verb.SUBMIT, State.AWAITING_APPROVAL):
            return Confirmation("Submitted to a second officer", _WITH_SECOND)
        case (Verb.SUBMIT, State.ACCEPTED | State.APPLIED):
            return Confirmation("Submitted to DCC", _with_dcc(upload))
        case (Verb.APPROVE, State.ACCEPTED | State.APPLIED):
            return Confirmation("Approved", _with_dcc(upload))
        case (Verb.DECLINE, State.REJECTED):
            return Confirmation("Declined", _DECLINED)
        case (Verb.WITHDRAW, State.WITHDRAWN):
            return Confirmation("Withdrawn", _WITHDRAWN)
    return None


_WITH_SECOND = (
    "The other officers of your company get an e-mail. One of them approves or declines it.",
    "DCC sees nothing of it until then, and what is in force stays.",
    "You get an e-mail when they have decided.",
)
_DECLINED = (
    "The officers who submit files get an e-mail, and read your reason on the upload's page.",
    "What is in force has not changed.",
)
_WITHDRAWN = (
    "Nobody need do anything with it any more; where DCC was to confirm it, the service desk is told.",
    "What is in force has not changed. You may upload another file.",
)


def _with_dcc(upload: Upload) -> Sequence[str]:
    by = f" by {day_in_words(upload.confirm_due_date)}" if upload.confirm_due_date else ""
    applied = (
        f"on {day_in_words(upload.effective_date)}" if upload.effective_date else "as soon as it is confirmed"
    )
    return (
        f"DCC confirms it{by}. You get an e-mail then.",
        f"It is applied {applied}, at the earliest once DCC has confirmed it.",
        "Until it is applied you can withdraw it. The receipt on its page can be kept.",
    )
