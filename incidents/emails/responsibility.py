"""What we tell the service desk of raisers' claims: which registration data contradict, and who asks too much."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings

from incidents import notices
from incidents.emails.many import many
from incidents.models import AskingAlert
from ssi.web.templatetags.ssi import count_of


def claims_contradicted(references: Sequence[str], *, on: date, to: Sequence[str]) -> None:
    """Tell the desk of the requests whose raiser's claim registration data contradict, since the last e-mail."""
    requests = "1 request" if len(references) == 1 else f"{count_of(len(references))} requests"
    many(
        notices.CONTRADICTED,
        title=f"Install codes: {requests} contradicted by registration data",
        sentence=f"For {requests}, registration data name another supplier than the raiser, and no registration "
        f"agreed for the raiser within {settings.SSI_RESPONSIBILITY_AGREED_DAYS} days.",
        what_to_do="Ask the raiser with a note why it needs the code. Later data may still bear it out.",
        requests=references,
        to=to,
        about="service_desk",
        reference=on.isoformat(),
    )


def asks_more_than_it_gains(alert: AskingAlert, newest: Sequence[str], *, to: Sequence[str]) -> None:
    """Tell the desk that a party asked for far more codes than it gained meter points; its requests name it."""
    many(
        notices.ASKS_MORE,
        title="Install codes: a party asks for far more than it gains",
        sentence=f"In the last {settings.SSI_ASKED_ALERT_DAYS} days one party asked for {count_of(alert.asked)} "
        f"install codes and gained {count_of(alert.gained)} meter points by registration data.",
        what_to_do="The home page of the service desk names it. These are the newest of its requests.",
        requests=newest,
        total=alert.asked,
        to=to,
        about="service_desk",
        reference=alert.from_date.isoformat(),
    )
