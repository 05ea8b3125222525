"""What we say by e-mail about signed files: a reference, a date and a link; never a threshold, a device or a name.

Each function is one e-mail, written to the outbox in the caller's transaction; `recipients.py` says to whom.
"""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format

from ssi.notifications import outbox
from ssi.notifications.notices import Notice
from ssi.notifications.writing import link_to, written
from ssi.uploads import notices
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind

_OF_USER = "You get this because you may work with signed files for your company."
_OF_DESK = "You get this because you work at the DCC service desk."


def rejected(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the AROs that the portal refuses the file."""
    _post(
        notices.REJECTED,
        upload,
        to,
        news="rejected",
        sentence=f"The portal found something wrong with {_it(upload)}, so the whole file is refused.",
        what_to_do="read every finding on its page, mend the file, sign it anew and upload it.",
    )


def not_applied(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the AROs that what DCC confirmed cannot be applied any more."""
    _post(
        notices.REJECTED,
        upload,
        to,
        news="not applied",
        sentence=f"What is in force changed after {_it(upload)} was checked, so it was not applied.",
        what_to_do="read why on its page; make the file anew, sign it and upload it.",
    )


def checked(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the AROs that a file which was to be submitted by itself waits for one of them."""
    _post(
        notices.CHECKED,
        upload,
        to,
        news="please submit",
        sentence=f"Nothing in {_it(upload)} is wrong, but something must be looked at by a person.",
        what_to_do="look at its page, and submit it there.",
    )


def awaiting_approval(upload: Upload, *, to: Sequence[str]) -> None:
    """Ask the other officers of the party to approve."""
    _post(
        notices.AWAITS_APPROVAL,
        upload,
        to,
        news="please approve",
        sentence="A threshold file was submitted that needs a second officer of your company.",
        what_to_do="look at what changes on its page, then approve or decline it.",
        dates=[("Effective from", upload.effective_date)],
    )


def approved(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the AROs that a second officer approved."""
    _post(
        notices.APPROVED,
        upload,
        to,
        news="approved",
        sentence="A second officer of your company approved a threshold file. It is with DCC now.",
        what_to_do="nothing. You hear when DCC confirms it.",
        dates=[("DCC confirms by", upload.confirm_due_date)],
    )


def declined(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the AROs that a second officer declined."""
    _post(
        notices.DECLINED,
        upload,
        to,
        news="not approved",
        sentence="A second officer of your company did not approve a threshold file. It goes no further.",
        what_to_do="read why on its page; make a new file if one is needed.",
    )


def accepted_for_desk(upload: Upload, *, to: Sequence[str]) -> None:
    """Ask the desk to confirm."""
    _post(
        notices.ACCEPTED,
        upload,
        to,
        news="please confirm",
        sentence=f"A User submitted {_it(upload)}, and DCC is to confirm it.",
        what_to_do="look at its page, then confirm or refuse it.",
        dates=[("Confirm by the end of", upload.confirm_due_date), ("Effective from", upload.effective_date)],
        why=_OF_DESK,
    )


def withdrawn_for_desk(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the desk that nothing is to be confirmed any more; what asked for it and has not gone out goes."""
    outbox.take_back(event=notices.ACCEPTED.event, about=upload.audit_name, reference=upload.reference)
    _post(
        notices.WITHDRAWN,
        upload,
        to,
        news="withdrawn",
        sentence=f"The User withdrew {_it(upload)} that was with DCC.",
        what_to_do="nothing. It need not be confirmed any more.",
        why=_OF_DESK,
    )


def overdue(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the desk that a file was not confirmed in time."""
    _post(
        notices.OVERDUE,
        upload,
        to,
        news="confirmation overdue",
        sentence=f"DCC should have confirmed {_it(upload)} by now.",
        what_to_do="confirm or refuse it on its page.",
        dates=[("It was due by the end of", upload.confirm_due_date)],
        why=_OF_DESK,
    )


def confirmed(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the AROs that DCC confirmed."""
    _post(
        notices.CONFIRMED,
        upload,
        to,
        news="confirmed",
        sentence=f"DCC confirmed {_it(upload)}.",
        what_to_do="nothing. You hear when it is applied.",
        dates=[("Effective from", upload.effective_date)],
    )


def refused(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the AROs that DCC does not take it."""
    _post(
        notices.REFUSED,
        upload,
        to,
        news="refused by DCC",
        sentence=f"DCC did not take {_it(upload)}. It goes no further.",
        what_to_do="read why on its page; make a new file, or call the DCC service desk.",
    )


def applied(upload: Upload, *, to: Sequence[str]) -> None:
    """Tell the AROs that it is applied."""
    done = "is in force" if upload.kind == Kind.ADT else "was carried out"
    _post(
        notices.APPLIED,
        upload,
        to,
        news="applied",
        sentence=f"What stands in {_it(upload)} {done}.",
        what_to_do="nothing.",
        dates=[("Effective from", upload.effective_date)],
    )


def _it(upload: Upload) -> str:
    return "a threshold file" if upload.kind == Kind.ADT else "an Exit Quarantine file"


def _post(
    notice: Notice,
    upload: Upload,
    to: Sequence[str],
    *,
    news: str,
    sentence: str,
    what_to_do: str,
    dates: Sequence[tuple[str, date | None]] = (),
    why: str = _OF_USER,
) -> None:
    email = written(
        notice,
        subject=f"Signed file {upload.reference}: {news}",
        template="uploads/emails/news",
        sentence=sentence,
        what_to_do=what_to_do,
        facts=[("Reference", upload.reference)]
        + [(label, date_format(day, "D j M Y")) for label, day in dates if day is not None],
        link=link_to(upload.reference),
        link_text="Open the upload",
        why=why,
    )
    outbox.post(email, to=to, about=upload.audit_name, reference=upload.reference)
