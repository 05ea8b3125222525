"""What we say of corrections by the manual process: the desk is asked, and whoever asked is answered."""

from collections.abc import Sequence

from inventory import notices
from inventory.models import ManualCorrection
from ssi.notifications import outbox
from ssi.notifications.notices import Notice
from ssi.notifications.writing import link_to, written


def asked(correction: ManualCorrection, *, to: Sequence[str]) -> None:
    """Tell the service desk that a correction was asked for."""
    _write(
        notices.CORRECTION_ASKED,
        correction,
        to,
        subject=f"{correction.reference}: a correction is asked for",
        sentence="A User asks DCC to correct the manufacturer and model of a device that is no longer Pending.",
        what_to_do="Examine it and propose it, or refuse it in words. Another of the desk then makes it.",
        why="You get this because you work at the DCC service desk.",
    )


def decided(correction: ManualCorrection, *, to: Sequence[str]) -> None:
    """Tell the User who asked that the desk has decided."""
    _write(
        notices.CORRECTION_DECIDED,
        correction,
        to,
        subject=f"{correction.reference}: the DCC service desk has answered",
        sentence="The DCC service desk has decided on a correction that your company asked for.",
        what_to_do="Open it to read the answer.",
        why="You get this because you may make corrections for your company.",
    )


def _write(
    notice: Notice,
    correction: ManualCorrection,
    to: Sequence[str],
    *,
    subject: str,
    sentence: str,
    what_to_do: str,
    why: str,
) -> None:
    email = written(
        notice,
        subject=subject,
        template="inventory/emails/correction",
        sentence=sentence,
        what_to_do=what_to_do,
        link=link_to(correction.reference),
        why=why,
    )
    outbox.post(email, to=to, about=correction.audit_name, reference=correction.reference)
