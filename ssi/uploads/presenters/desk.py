"""How DCC's queue, disaster recovery and tries at guarded pages read on a screen and in files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from ssi.access.components import Component
from ssi.audit.models import AuditEvent
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind, Scan
from ssi.uploads.search.parts import EndedPart


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A signed file that awaits DCC, and what to look at before it is confirmed."""

    upload: Upload
    today: date
    ended: Sequence[EndedPart] = ()

    @property
    def what(self) -> str:
        """Return what kind of file it is, in short, and of which User Role."""
        return _kind_in_short(self.upload)

    @property
    def is_overdue(self) -> bool:
        """Tell whether it should have been confirmed by now."""
        due = self.upload.confirm_due_date
        return due is not None and due < self.today

    @property
    def look_at(self) -> Sequence[tuple[str, str]]:
        """Return what is out of the ordinary, each with its tone."""
        upload, said = self.upload, []
        if self.ended:
            said.append(("An officer's role has ended", "bad"))
        if upload.scan != Scan.CLEAN:
            said.append(("Not scanned", "attention"))
        if upload.warnings:
            who = upload.warnings_checked_by
            number = "1 warning" if upload.warnings == 1 else f"{upload.warnings:,} warnings"
            said.append((f"{number}, checked by {who.name if who else 'nobody'}", "attention"))
        if upload.second_because:
            said.append((_second_in_words(upload), "under-way"))
        if upload.recovery_id is not None:
            said.append(("Came by e-mail", "attention"))
        return said


def _kind_in_short(upload: Upload) -> str:
    name = "Thresholds" if upload.kind == Kind.ADT else "Exit Quarantine"
    return f"{name} {upload.user_role}".strip()


def _second_in_words(upload: Upload) -> str:
    if upload.approved_by is None:
        return "Approved by nobody"
    return f"Approved by {upload.approved_by.name}"


@dataclass(frozen=True, slots=True)
class TryLine:
    """A try at a guarded page."""

    event: AuditEvent

    @property
    def at(self) -> datetime:
        """Return when."""
        return self.event.at

    @property
    def who(self) -> str:
        """Return whose account it was."""
        return self.event.person_email

    @property
    def company(self) -> str:
        """Return the account's company, or DCC."""
        return self.event.reference

    @property
    def tried(self) -> Sequence[str]:
        """Return what was tried at, in words."""
        named = str(self.event.detail.get("component", "")).split(", ")
        return [Component(each).rule.title if each in set(Component) else each for each in named]

    @property
    def path(self) -> str:
        """Return the address that was called."""
        return f"{self.event.detail.get('method', '')} {self.event.detail.get('path', '')}".strip()

    @property
    def way(self) -> str:
        """Return how the account came."""
        return "API" if self.event.via == "api" else "Browser"


TRIES_HEADER = ("At", "Account", "Company", "Acting for", "User Role", "Functional Component", "Address", "Way")


def try_row(event: AuditEvent) -> Sequence[object]:
    """Return a try as a row of a CSV file; times are London's."""
    line = TryLine(event)
    return (
        timezone.localtime(event.at).isoformat(timespec="seconds"),
        line.who,
        line.company,
        event.acting_user_id,
        event.acting_user_role,
        event.detail.get("component", ""),
        line.path,
        line.way,
    )


REPORT_HEADER = (
    "Reference",
    "Kind",
    "User ID",
    "Party",
    "File",
    "SHA-256",
    "Came by e-mail at",
    "Registered at",
    "Registered by",
    "Authorised by",
    "Signed by",
    "Outcome",
    "DCC confirmed at",
    "Applied at",
    "From e-mail to registration",
    "From e-mail to confirmation",
)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A file that came by e-mail, and what became of it."""

    upload: Upload

    @property
    def registered_after(self) -> str:
        """Return how long it lay until the desk registered it."""
        return _lasted(self.upload.sent_by_email_at, self.upload.received_at)

    @property
    def confirmed_after(self) -> str:
        """Return how long it took from the e-mail to DCC's word."""
        return _lasted(self.upload.sent_by_email_at, self.upload.confirmed_at)

    @property
    def what(self) -> str:
        """Return what kind of file it is, in short, and of which User Role."""
        return _kind_in_short(self.upload)

    def as_row(self) -> Sequence[object]:
        """Return it as a row of the after-report's CSV file; times are London's."""
        upload = self.upload
        return (
            upload.reference,
            upload.get_kind_display(),
            upload.user_id_id,
            upload.party.name,
            upload.file_name,
            upload.sha256,
            _at(upload.sent_by_email_at),
            _at(upload.received_at),
            upload.uploaded_by.email,
            upload.authorised_by,
            upload.signer_name,
            upload.get_state_display(),
            _at(upload.confirmed_at),
            _at(upload.applied_at),
            self.registered_after,
            self.confirmed_after,
        )


def _at(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else ""


def _lasted(begin: datetime | None, end: datetime | None) -> str:
    """Return a duration in words, to the minute."""
    if begin is None or end is None:
        return ""
    minutes = max(0, int((end - begin).total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min"]
    return " ".join(part for part in parts if part)
