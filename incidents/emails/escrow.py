"""What we say about codes in escrow: to raisers that they are answered, to depositors once a day how many were."""

from collections.abc import Sequence

from incidents import notices
from incidents.emails.many import many
from ssi.eui64 import Eui64
from ssi.web.templatetags.ssi import count_of


def answered(references: Sequence[str], *, user_id: Eui64, total: int, to: Sequence[str]) -> None:
    """Tell a raiser, once for many, that requests of its User ID are answered."""
    many(
        notices.ANSWERED,
        title=f"Requests for Install Code: {_answered(total)}",
        sentence=f"{_requests(total)} of yours {'is' if total == 1 else 'are'} answered.",
        what_to_do="Open each request to read its install code, and close it once the code worked.",
        requests=references,
        total=total,
        to=to,
        about="user_id",
        reference=str(user_id),
    )


def answered_from_escrow(references: Sequence[str], *, user_id: Eui64, total: int, to: Sequence[str]) -> None:
    """Tell a depositor how many requests its codes in escrow answered since the last of these e-mails."""
    many(
        notices.FROM_ESCROW,
        title=f"Codes in escrow: {_answered(total)}",
        sentence=f"{_requests(total)} to you {'was' if total == 1 else 'were'} answered by a code in escrow.",
        what_to_do="Nothing needs to be done. Your rule is on the page of your codes in escrow.",
        requests=references,
        total=total,
        to=to,
        about="user_id",
        reference=str(user_id),
    )


def _answered(total: int) -> str:
    return "1 answered" if total == 1 else f"{count_of(total)} answered"


def _requests(total: int) -> str:
    return "1 request" if total == 1 else f"{count_of(total)} requests"
