"""The page of the e-mails in `docs/reference`, written from what every app declares."""

from ssi.notifications.notices import Notice, Pace, declared

_HEAD = """# Which event writes to whom

Everybody is written to at once until they choose otherwise on the page "E-mails to me", under their name: one
summary each Working Day, or no e-mail of that kind, as far as the last column allows. The kinds stand in each
app's `notices.py`, what they say in its `emails`. An e-mail holds a reference, a due date where there is one, and
links to `/incidents/<reference>/` alone; those about accounts hold the one link that sets a password.

| Event | Name | When | To whom | May it wait, or be turned off? |
|---|---|---|---|---|
"""


def pages() -> dict[str, str]:
    """Return the page by its file name."""
    return {"notifications.md": notifications_page()}


def notifications_page() -> str:
    """Return the table of every kind of e-mail."""
    return _HEAD + "".join(_row(notice) for notice in declared())


def _row(notice: Notice) -> str:
    cells = (f"`{notice.event}`", notice.name, notice.when, notice.to, _freedom(notice))
    return f"| {' | '.join(cells)} |\n"


def _freedom(notice: Notice) -> str:
    if notice.least == Pace.NEVER:
        return "It may wait for the summary, or be turned off."
    if notice.least == Pace.DAILY:
        return f"It may wait for the summary, and not be turned off. {notice.because}"
    return f"Neither. {notice.because}"
