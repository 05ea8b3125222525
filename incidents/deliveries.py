"""What a delivered e-mail means here: the installing supplier has been told, and its clock starts."""

from datetime import datetime

from incidents.actions.install_code_requests import notice_given
from incidents.emails import INSTALLER_ASKED
from ssi.notifications import delivery


def _installer_was_told(reference: str, at: datetime) -> None:
    notice_given(reference=reference, at=at)


delivery.on_delivered(INSTALLER_ASKED, _installer_was_told)
