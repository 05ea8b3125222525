"""What a delivered e-mail means here: the installing supplier has been told, and its clock starts."""

from incidents.actions.install_code_requests import notice_given
from incidents.notices import INSTALLER_ASKED
from ssi.notifications import delivery


def _installer_was_told(email: delivery.Delivered) -> None:
    notice_given(reference=email.reference, at=email.delivered_at, asked_at=email.posted_at)


delivery.on_delivered(INSTALLER_ASKED.event, _installer_was_told)
