"""How uploads read in a list, and in a file of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from ssi.access.actor import Actor
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind, State
from ssi.uploads.models.uploads import SUBMISSION
from ssi.web.pages import Page

CSV_HEADER = (
    "Reference",
    "Kind",
    "State",
    "User ID",
    "User Role",
    "File",
    "Bytes",
    "SHA-256",
    "Uploaded by",
    "Received at",
    "Effective from",
    "DCC confirms by",
    "Findings",
    "Warnings",
)


def csv_row(upload: Upload) -> Sequence[object]:
    """Return an upload as a row of a CSV file; times are in London's."""
    return (
        upload.reference,
        upload.get_kind_display(),
        upload.get_state_display(),
        upload.user_id_id,
        upload.user_role,
        upload.file_name,
        upload.size,
        upload.sha256,
        upload.uploaded_by.name,
        timezone.localtime(upload.received_at).isoformat(timespec="seconds"),
        upload.effective_date or "",
        upload.confirm_due_date or "",
        upload.findings,
        upload.warnings,
    )


@dataclass(frozen=True, slots=True)
class UploadLine:
    """An upload as a line of the list."""

    upload: Upload

    @property
    def is_due(self) -> bool:
        """Tell whether DCC is to confirm it by a day."""
        return bool(self.upload.state == State.ACCEPTED and self.upload.confirmed_at is None)

    @property
    def kind(self) -> str:
        """Return what it is, shortly: "Thresholds, IS"."""
        name = _SHORT[Kind(self.upload.kind)]
        return f"{name}, {self.upload.user_role}" if self.upload.user_role else name


_SHORT = {Kind.ADT: "Thresholds", Kind.EXIT_QUARANTINE: "Exit Quarantine"}


def facts_of(page: Page[Upload] | None, actor: Actor) -> dict[str, Any]:
    """Return the lines of a page of the list, and whether `actor` may add to it."""
    return {
        "lines": [UploadLine(each) for each in page.rows] if page else [],
        "may_upload": any(actor.may(component) for component in SUBMISSION.values()),
    }
