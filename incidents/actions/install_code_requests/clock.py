"""The obligation clock: when the installing supplier must have answered."""

from datetime import date, datetime

from django.conf import settings

from ssi import working_days


def due_date_from(received_at: datetime) -> date:
    """Return the last day of the answer: five Working Days after the notification (SEC App AC 4.16(c))."""
    return working_days.due(received_at, working_days=settings.SSI_INSTALL_CODE_RESPONSE_WORKING_DAYS)
