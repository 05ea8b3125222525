"""What becomes of an upload, in sentences: where it stands, what happens next, and who must act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ssi.access.actor import Actor
from ssi.audit.models import AuditEvent
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind, State
from ssi.working_days import day_in_words

TITLES = {Kind.ADT: "Anomaly Detection Thresholds", Kind.EXIT_QUARANTINE: "Exit Quarantine file"}

EVENTS = {
    "upload.received": "Received",
    "upload.checked": "Checked, nothing is wrong with it",
    "upload.checked_again": "Sent back to be checked: what is in force had changed",
    "upload.rejected": "Rejected by the portal",
    "upload.submitted": "Submitted",
    "upload.approved": "Approved by a second officer",
    "upload.declined": "Not approved by a second officer",
    "upload.confirmed": "Confirmed by DCC",
    "upload.unscanned_accepted": "Taken by DCC although it was not scanned for malware",
    "upload.refused": "Refused by DCC",
    "upload.applied": "Applied",
    "upload.not_applied": "Not applied: what is in force had changed",
    "upload.superseded": "Superseded by a later one",
    "upload.withdrawn": "Withdrawn",
}
"""How the page calls what the audit log has of an upload."""


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next: a sentence or two, and who must act ("" if nobody must)."""

    says: Sequence[str]
    who: str = ""


def next_of(upload: Upload, *, approvers: Sequence[str] = (), waits_because: str = "") -> Next:
    """Return what happens next; `waits_because` is why the pipeline waits, `approvers` may approve it."""
    state = State(upload.state)
    if state is State.RECEIVED:
        return _received(waits_because)
    if state is State.CHECKED:
        return _checked(upload)
    if state is State.AWAITING_APPROVAL:
        return _awaiting(approvers)
    if state is State.ACCEPTED:
        return _accepted(upload)
    return Next(_ENDED[state](upload))


def _received(waits_because: str) -> Next:
    if waits_because:
        return Next((waits_because, "It is tried again every minute by itself."))
    return Next(("The file is being checked. This usually takes seconds; you may leave this page.",))


def _checked(upload: Upload) -> Next:
    says = ["Nothing is wrong with the file, but it is not submitted yet: DCC sees nothing of it."]
    if upload.warnings:
        number = "One number looks" if upload.warnings == 1 else f"{upload.warnings:,} numbers look"
        says.append(f"{number} unusual and must be checked before the file is submitted.")
    if upload.second_because:
        says.append("Once it is submitted, a second officer of the company must approve it:")
    return Next(says, "An Authorised Responsible Officer of the User")


def _awaiting(approvers: Sequence[str]) -> Next:
    says = ["It takes much away or raises it much, so a second officer approves it before DCC sees it."]
    if not approvers:
        says.append(
            "At the moment nobody can: everyone who might took part in this file. The Senior Responsible Officer"
            " can nominate another officer, whom DCC then confirms."
        )
    return Next(says, _one_of(approvers) or "Another Authorised or Senior Responsible Officer")


def _one_of(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)


def _accepted(upload: Upload) -> Next:
    if upload.confirmed_at is None:
        by = f" by {day_in_words(upload.confirm_due_date)}" if upload.confirm_due_date else ""
        return Next((f"DCC confirms it{by}, within a Working Day.",), "The DCC service desk")
    return Next((f"DCC has confirmed it. It is applied{_on(upload.effective_date)}.",))


def _on(day: date | None) -> str:
    return f" on {day_in_words(day)}" if day else " shortly"


def _applied(upload: Upload) -> Sequence[str]:
    if upload.kind == Kind.ADT:
        return ("These thresholds are in force. They stay so until later ones are applied.",)
    return ("The decisions were carried out: what was released went on, what was deleted is gone.",)


def _superseded(upload: Upload) -> Sequence[str]:
    return ("These thresholds were in force. Later ones have taken their place.",)


def _rejected(upload: Upload) -> Sequence[str]:
    stays = _what_stays(upload)
    if upload.ended_by is None and upload.ended_because:
        return (f"It was not applied. {upload.ended_because}", stays)
    if upload.ended_by is None:
        number = "One thing is" if upload.findings == 1 else f"{upload.findings:,} things are"
        return (
            f"{number} wrong with it, so the whole file is refused. {stays}",
            "Mend what the findings say, sign the new file, and upload it.",
        )
    who = "DCC did not take it" if upload.ended_by.is_dcc_staff else "A second officer did not approve it"
    return (f"{who}: “{upload.ended_because}”", f"{stays} Upload another file if something is to change.")


def _withdrawn(upload: Upload) -> Sequence[str]:
    return (f"It was taken back before it was applied. {_what_stays(upload)}",)


def _what_stays(upload: Upload) -> str:
    if upload.kind == Kind.ADT:
        return "The thresholds in force have not changed."
    return "The messages stay quarantined."


_ENDED = {
    State.APPLIED: _applied,
    State.SUPERSEDED: _superseded,
    State.REJECTED: _rejected,
    State.WITHDRAWN: _withdrawn,
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of an upload's history, as the timeline shows it."""

    event: AuditEvent
    actor: Actor

    @property
    def title(self) -> str:
        """Return what happened."""
        return EVENTS.get(self.event.event, self.event.event.split(".")[-1].replace("_", " ").capitalize())

    @property
    def at(self) -> object:
        """Return when."""
        return self.event.at

    @property
    def by(self) -> str:
        """Return who did it; DCC's staff are named to DCC alone."""
        if self.event.via == "system" or not self.event.person_email:
            return "the portal"
        if self.event.party_name == "DCC" and not self.actor.is_dcc:
            return "the DCC service desk"
        return f"{self.event.person_email}{_via(self.event.via)}"


def _via(via: str) -> str:
    return " through the API" if via == "api" else ""
