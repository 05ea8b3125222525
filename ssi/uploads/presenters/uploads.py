"""How an upload reads on its page: its steps, facts, findings, and what may be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from ssi.access.actor import Actor
from ssi.uploads import moves
from ssi.uploads.findings import CATALOGUE
from ssi.uploads.models import Upload, UploadFinding, UploadStep
from ssi.uploads.models.choices import OPEN_STATES, Decision, Kind, Scan, State, Step, StepResult
from ssi.uploads.models.uploads import SUBMISSION
from ssi.uploads.moves import Offer, Verb
from ssi.uploads.presenters.differences import DifferencePage
from ssi.uploads.presenters.upload_words import TITLES, Happened, Next, next_of
from ssi.uploads.search.work import Facts
from ssi.web.pages import Page
from ssi.web.progress import in_words
from ssi.web.tones import ATTENTION, BAD, GOOD, OVER, UNDER_WAY, WAITING

FRESH_FOR = timedelta(minutes=30)
"""So long a page asks again by itself; a file that takes longer is looked at by reloading."""

_BUTTONS = {
    Verb.SUBMIT: ("Check and submit", "primary"),
    Verb.APPROVE: ("Check and approve", "primary"),
    Verb.DECLINE: ("Decline it", "secondary"),
    Verb.CONFIRM: ("Check and confirm", "primary"),
    Verb.REFUSE: ("Refuse it", "secondary"),
    Verb.WITHDRAW: ("Withdraw it", "danger"),
}


@dataclass(frozen=True, slots=True)
class Button:
    """A move as the page shows it; greyed when it has a reason."""

    label: str
    url: str
    kind: str
    reason: str


def buttons_of(upload: Upload, actor: Actor) -> Sequence[Button]:
    """Return the moves that the page offers to `actor`."""
    return [_button(upload, offer) for offer in moves.offers(upload, actor)]


def _button(upload: Upload, offer: Offer) -> Button:
    label, kind = _BUTTONS[offer.verb]
    return Button(label, f"{upload.get_absolute_url()}{offer.verb}/", kind, offer.reason)


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the pipeline: when, how long it took, how it ended."""

    step: Step
    row: UploadStep | None
    upload: Upload

    @property
    def name(self) -> str:
        """Return what is done."""
        return self.step.label

    @property
    def began_at(self) -> datetime | None:
        """Return when it began."""
        return self.row.started_at if self.row else None

    @property
    def result(self) -> str:
        """Return how it ended, in words."""
        if self.row is None:
            return "Not yet" if self.upload.state in OPEN_STATES else "Not reached"
        if self._was_not_scanned:
            return "Not scanned"
        if self.row.result == StepResult.FOUND:
            return "Something is wrong"
        return self.row.get_result_display() if self.row.result else "Under way"

    @property
    def tone(self) -> str:
        """Return the tone of the result."""
        if self.row is None:
            return WAITING if self.upload.state in OPEN_STATES else OVER
        return ATTENTION if self._was_not_scanned else _TONES[self.row.result]

    @property
    def _was_not_scanned(self) -> bool:
        """Tell whether a scan ended without one: that never looks like a good end."""
        ended = self.row is not None and self.row.result in {StepResult.DONE, StepResult.NOT_DONE}
        return self.step is Step.SCAN and ended and self.upload.scan == Scan.NOT_SCANNED

    @property
    def took(self) -> str:
        """Return how long it took, in words."""
        if self.row is None or self.row.ended_at is None:
            return ""
        seconds = (self.row.ended_at - self.row.started_at).total_seconds()
        return in_words(seconds) if seconds >= 1 else "under a second"

    @property
    def detail(self) -> str:
        """Return the sentence it left."""
        return self.row.detail if self.row else ""


_TONES = {
    "": UNDER_WAY,
    StepResult.DONE: GOOD,
    StepResult.FOUND: BAD,
    StepResult.NOT_DONE: OVER,
    StepResult.WAITING: ATTENTION,
}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One thing that was found, as a table shows it."""

    finding: UploadFinding

    @property
    def about(self) -> str:
        """Return what its code is about."""
        known = CATALOGUE.get(self.finding.code)
        return known.about if known else ""

    @property
    def line(self) -> str:
        """Return where: a line of the file, or the file as a whole."""
        return f"{self.finding.line:,}" if self.finding.line else "File"


FINDINGS_HEADER = ("Line", "Field", "Code", "About", "What is wrong", "What to do")


def finding_row(finding: UploadFinding) -> Sequence[object]:
    """Return a finding as a row of a CSV file; line 0 is the file as a whole."""
    about = FindingLine(finding).about
    return (finding.line, finding.field, finding.code, about, finding.message, finding.suggestion)


@dataclass(frozen=True, slots=True)
class UploadPage:
    """An upload as its page shows it to `actor`."""

    upload: Upload
    actor: Actor
    now: datetime
    facts: Facts
    findings: Page[UploadFinding] | None = None

    @property
    def title(self) -> str:
        """Return what it is."""
        return TITLES[Kind(self.upload.kind)]

    @property
    def is_adt(self) -> bool:
        """Tell whether it holds thresholds."""
        return bool(self.upload.kind == Kind.ADT)

    @property
    def is_at_work(self) -> bool:
        """Tell whether the pipeline has it."""
        return bool(self.upload.state == State.RECEIVED)

    @property
    def asks_again(self) -> bool:
        """Tell whether the page keeps itself up to date: while there is something to see, and not all night."""
        return self.is_at_work and self.now - self._at_work_since < FRESH_FOR

    @property
    def _at_work_since(self) -> datetime:
        return max([self.upload.received_at, *(each.started_at for each in self.facts.steps.values())])

    @property
    def says(self) -> str:
        """Return what is read aloud when the page has renewed itself and the file has got further."""
        under_way = next((line.name for line in self.lines if line.row and not line.row.result), "")
        return f"{self.upload.get_state_display()}. {under_way}".strip()

    @property
    def next(self) -> Next:
        """Return what happens next, and who must act."""
        waits = next((each.detail for each in self.facts.steps.values() if each.result == StepResult.WAITING), "")
        return next_of(self.upload, approvers=self.facts.approvers, waits_because=waits)

    @property
    def buttons(self) -> Sequence[Button]:
        """Return the moves that are offered."""
        return buttons_of(self.upload, self.actor)

    @property
    def mend_url(self) -> str:
        """Return where a rejected file is sent anew, for those who may."""
        kind = Kind(self.upload.kind)
        if self.upload.state != State.REJECTED or not self.actor.may(SUBMISSION[kind]):
            return ""
        return reverse("uploads:new_upload", args=[kind.value.replace("_", "-")])

    @property
    def lines(self) -> Sequence[StepLine]:
        """Return the steps of the pipeline in their order."""
        return [StepLine(step, self.facts.steps.get(step), self.upload) for step in Step]

    @property
    def is_reading(self) -> bool:
        """Tell whether a worker reads lines now."""
        row = self.facts.steps.get(Step.PARSE)
        return self.is_at_work and row is not None and row.ended_at is None

    @property
    def scan_tone(self) -> str:
        """Return the tone of what is known of malware."""
        return {Scan.CLEAN: GOOD, Scan.INFECTED: BAD}.get(Scan(self.upload.scan), ATTENTION)

    @property
    def was_verified(self) -> bool:
        """Tell whether the signature was looked at."""
        row = self.facts.steps.get(Step.VERIFY)
        return row is not None and row.result in {StepResult.DONE, StepResult.FOUND}

    @property
    def may_open(self) -> bool:
        """Tell whether the file may be downloaded."""
        return bool(self.upload.scan != Scan.INFECTED)

    @property
    def found(self) -> Sequence[FindingLine]:
        """Return the findings shown."""
        return [FindingLine(each) for each in self.findings.rows] if self.findings else []

    @property
    def total_found(self) -> int:
        """Return how many findings there are, warnings included."""
        return self.upload.findings + self.upload.warnings

    @property
    def difference(self) -> DifferencePage | None:
        """Return what its thresholds change; None where it has none that were checked."""
        return DifferencePage(self.facts.difference) if self.facts.difference else None

    @property
    def codes(self) -> Sequence[tuple[str, str, int]]:
        """Return how many findings there are of each code, with what it is about."""
        return [(code, CATALOGUE[code].about, lines) for code, lines in self.facts.codes if code in CATALOGUE]

    @property
    def timeline(self) -> Sequence[Happened]:
        """Return who did what, the newest first."""
        return [Happened(each, self.actor) for each in self.facts.history]

    @property
    def findings_url(self) -> str:
        """Return where all findings are downloaded."""
        return reverse("uploads:findings_csv", args=[self.upload.reference])

    @property
    def decided(self) -> int:
        """Return about how many communications it decides."""
        return sum(self.facts.decisions.values())

    @property
    def held_since(self) -> int:
        """Return how many more are quarantined in its event than an unsubmitted file decides about."""
        event = self.facts.event
        return max(event.held - self.decided, 0) if event and self.upload.state == State.CHECKED else 0

    @property
    def released(self) -> int:
        """Return how many communications it releases."""
        return self.facts.decisions.get(Decision.RELEASE, 0)

    @property
    def deleted(self) -> int:
        """Return how many communications it deletes."""
        return self.facts.decisions.get(Decision.DELETE, 0)
