"""What we say about the clock: what is due soon, and what nobody answered in time. One digest, many references."""

from collections.abc import Mapping, Sequence
from datetime import date

from incidents import notices
from incidents.emails.many import many
from ssi.eui64 import Eui64
from ssi.web.templatetags.ssi import count_of
from ssi.working_days import day_in_words


def answers_due(
    references: Sequence[str],
    *,
    due: Mapping[date, int],
    overdue: int,
    user_id: Eui64,
    to: Sequence[str],
) -> None:
    """Remind an installing supplier of answers that are due soon.

    `due` says how many are due on which day, `overdue` how many should have been given; `references` are the
    first of those due, the soonest first.
    """
    total = sum(due.values())
    many(
        notices.REMINDER,
        title=f"Install codes: {_answers(total)} due by {day_in_words(max(due))}",
        sentence=_sentence(due, overdue),
        what_to_do="Answer them, or decline with the reason if you cannot.",
        requests=references,
        total=total,
        to=to,
        about="user_id",
        reference=str(user_id),
    )


def newly_overdue(references: Sequence[str], *, newly: int, overdue: int, day: date, to: Sequence[str]) -> None:
    """Tell the DCC service desk what became overdue since its last digest, and how much is overdue in all."""
    were = "request was" if newly == 1 else "requests were"
    many(
        notices.OVERDUE,
        title=f"Install codes: {count_of(newly)} newly overdue",
        sentence=f"{count_of(newly)} {were} not answered by the due date since the last of these e-mails. "
        f"In all, {count_of(overdue)} {'is' if overdue == 1 else 'are'} overdue.",
        what_to_do="Ask the installing supplier, or re-route what it cannot answer.",
        requests=references,
        total=newly,
        to=to,
        about="service_desk",
        reference=day.isoformat(),
    )


def _sentence(due: Mapping[date, int], overdue: int) -> str:
    parts = [f"{count_of(due[day])} by the end of {day_in_words(day)}" for day in sorted(due)]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    late = f" {count_of(overdue)} more {'is' if overdue == 1 else 'are'} overdue." if overdue else ""
    return f"Your answers to Requests for Install Code are due: {listed}.{late}"


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count_of(count)} answers"
