"""What we say by e-mail about tries at guarded pages, and about files that the desk registered."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.formats import date_format

from ssi.notifications import outbox
from ssi.notifications.writing import link_to, written
from ssi.uploads import notices
from ssi.uploads.models import Upload


def access_denied(*, company: str, to: Sequence[str]) -> None:
    """Tell those who watch over a company's accounts that somebody tried; who it was stands in the portal."""
    at = timezone.localtime(timezone.now())
    email = written(
        notices.ACCESS_DENIED,
        subject="Somebody tried to reach guarded pages",
        template="uploads/emails/news",
        sentence="An account called pages that guard the electricity network and that it has no part in. It was "
        "told that they do not exist. You get no other e-mail about the same account within an hour.",
        what_to_do="sign in, open “Security events” in the menu to see who it was, and ask that person whether "
        "it was they. If not, have the account closed at once.",
        facts=[("At", date_format(at, "D j M Y, H:i"))],
        why="You get this because you watch over your company's security, or work at the DCC service desk.",
    )
    outbox.post(email, to=to, about="security", reference=company or "DCC")


def registered(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the AROs of a User that the desk registered a file for it that came by e-mail."""
    email = written(
        notices.REGISTERED,
        subject=f"Signed file {upload.reference}: registered by DCC",
        template="uploads/emails/news",
        sentence="The DCC service desk registered a signed file for you that came by e-mail.",
        what_to_do="check that you sent it. If you did not, withdraw it on its page or call the DCC service desk.",
        facts=[("Reference", upload.reference)],
        link=link_to(upload.reference),
        link_text="Open the upload",
        why="You get this because you may work with signed files for your company.",
    )
    outbox.post(email, to=to, about=upload.audit_name, reference=upload.reference)
