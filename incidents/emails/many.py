"""One e-mail about many requests: up to 20 of their references with links, then how many more there are."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format

from ssi.notifications import outbox
from ssi.notifications.notices import Notice
from ssi.notifications.writing import link_to, written

MOST_LISTED = 20


def many(
    notice: Notice,
    *,
    title: str,
    sentence: str,
    requests: Sequence[str],
    to: Sequence[str],
    about: str,
    reference: str,
    what_to_do: str = "",
    total: int | None = None,
    due_date: date | None = None,
    opens: str = "",
) -> None:
    """Write one e-mail to each of `to` about requests, given by their references, in the caller's transaction.

    `title` is the subject and the heading, `sentence` says what happened and `what_to_do` what is asked of the
    reader: plain words, never a device, a company, a person or anybody's own words. `requests` are the references
    in the order to list them: all, or the first 20 and in `total` how many there are; `due_date` is common to all.
    `about` and `reference` are kept in the outbox and handed to the handler of the delivery (`deliveries.py`).
    `opens` is the reference of the page that has them all (a work pack, a job), if the reader may see one.
    """
    shown = requests[:MOST_LISTED]
    email = written(
        notice,
        subject=title,
        template="incidents/emails/many",
        sentence=sentence,
        what_to_do=what_to_do,
        links=[(each, link_to(each)) for each in shown],
        more=(len(requests) if total is None else total) - len(shown),
        facts=[("Answer due by the end of", date_format(due_date, "D j M Y"))] if due_date else [],
        link=link_to(opens) if opens else "",
        link_text="Open them together",
        why="You get this because you may work with these requests for your company.",
    )
    outbox.post(email, to=to, about=about, reference=reference, tells_of=requests, total=total)
