"""What a delivered e-mail means here: the installing supplier has been told, and its clock starts."""

from incidents.actions.install_code_requests import notice_given
from incidents.actions.install_code_requests.notice import pack_notice_given
from incidents.notices import INSTALLER_ASKED, PACK_ASKED
from ssi.notifications import delivery


def _installer_was_told(email: delivery.Delivered) -> None:
    notice_given(reference=email.reference, at=email.delivered_at, asked_at=email.posted_at)


def _installer_was_told_of_a_pack(email: delivery.Delivered) -> None:
    pack_notice_given(reference=email.reference, at=email.delivered_at)


delivery.on_delivered(INSTALLER_ASKED.event, _installer_was_told)
delivery.on_delivered(PACK_ASKED.event, _installer_was_told_of_a_pack)
