"""What we say by e-mail about officers: a reference, a date and a link; never who, and never as what.

Each function is one e-mail, written to the outbox in the caller's transaction.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from ssi.accounts import notices, recipients
from ssi.accounts.models import Officer
from ssi.notifications import outbox
from ssi.notifications.notices import Notice
from ssi.notifications.writing import link_to, written
from ssi.working_days import LONDON

_OF_PARTY = "You get this because the entry is about you, or because you are an SRO of your company."
_OF_DESK = "You get this because you work at the DCC service desk."


def nominated(officer: Officer) -> None:
    """Ask the desk to confirm."""
    _post(
        notices.OFFICER_NOMINATED,
        officer,
        recipients.service_desk(),
        news="please confirm",
        sentence="A User nominated a responsible officer, and DCC is to confirm it.",
        what_to_do="look at the entry, then confirm or refuse it.",
        date=("Nominated", officer.nominated_at),
        why=_OF_DESK,
    )


def withdrawn(officer: Officer) -> None:
    """Take back what asked the desk to confirm, where it has not gone out."""
    outbox.take_back(event=notices.OFFICER_NOMINATED.event, about=officer.audit_name, reference=officer.reference)


def confirmed(officer: Officer) -> None:
    """Tell the person and the party's SROs that the entry counts."""
    withdrawn(officer)
    _post(
        notices.OFFICER_CONFIRMED,
        officer,
        {officer.email, *_sros_of(officer)},
        news="confirmed",
        sentence="DCC entered a responsible officer of your company into its register.",
        what_to_do="nothing, if that is as it should be; else call the DCC service desk at once.",
        date=("Confirmed", timezone.now()),
    )


def refused(officer: Officer) -> None:
    """Tell the party's SROs, and the person if they have an account there; nobody else ever heard of it."""
    withdrawn(officer)
    _post(
        notices.OFFICER_REFUSED,
        officer,
        {*recipients.account_of_party(officer.email, officer.party_id), *_sros_of(officer)},
        news="refused by DCC",
        sentence="DCC did not confirm a nomination of a responsible officer of your company.",
        what_to_do="nothing, if you were nominated. An SRO reads why on the entry's page.",
        date=("Refused", timezone.now()),
    )


def ended(officer: Officer) -> None:
    """Tell the person and the party's SROs that the entry counts no more."""
    _post(
        notices.OFFICER_ENDED,
        officer,
        {officer.email, *_sros_of(officer)},
        news="ended",
        sentence="The role of a responsible officer of your company has ended.",
        what_to_do="nothing, if that is as it should be; else call the DCC service desk at once.",
        date=("Ended", timezone.now()),
    )


def _sros_of(officer: Officer) -> list[str]:
    return recipients.sros_of(officer.party_id)


def _post(
    notice: Notice,
    officer: Officer,
    to: Iterable[str],
    *,
    news: str,
    sentence: str,
    what_to_do: str,
    date: tuple[str, datetime],
    why: str = _OF_PARTY,
) -> None:
    label, at = date
    email = written(
        notice,
        subject=f"Responsible officer {officer.reference}: {news}",
        template="accounts/emails/officer",
        sentence=sentence,
        what_to_do=what_to_do,
        facts=[
            ("Reference", officer.reference),
            (label, date_format(timezone.localdate(at, LONDON), "D j M Y")),
        ],
        link=link_to(officer.reference),
        link_text="Open the entry",
        why=why,
    )
    outbox.post(email, to=to, about=officer.audit_name, reference=officer.reference)
