"""Enumerations of signed files."""

from django.db.models import IntegerChoices, TextChoices


class Kind(TextChoices):
    """What a signed file is. Values are those of the API. Source: SEC App AA (G6.1); DP109."""

    ADT = "adt", "Anomaly Detection Thresholds"
    EXIT_QUARANTINE = "exit_quarantine", "Exit Quarantine"

    @property
    def letters(self) -> str:
        """Return how file names and headers call it."""
        return "ADT" if self is Kind.ADT else "EQF"


class State(TextChoices):
    """Where an upload stands: Received, Rejected, Accepted, Applied and Superseded as in domain 6.3.

    Checked and awaiting approval come between Received and Accepted: DCC sees nothing of them yet.
    """

    RECEIVED = "received", "Received, being checked"
    CHECKED = "checked", "Checked, not submitted yet"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting a second officer"
    ACCEPTED = "accepted", "Accepted, with DCC"
    APPLIED = "applied", "Applied"
    SUPERSEDED = "superseded", "Superseded"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"

    @property
    def in_words(self) -> str:
        """Return the label within a sentence: "accepted, with DCC"."""
        return self.label[:1].lower() + self.label[1:]


OPEN_STATES = (State.RECEIVED, State.CHECKED, State.AWAITING_APPROVAL, State.ACCEPTED)
"""States that somebody, or the portal, has still to move on."""

SUBMITTED_STATES = (State.AWAITING_APPROVAL, State.ACCEPTED)
"""States of an upload that was submitted and is not in force yet: of one kind and User there is one at most."""


class Step(TextChoices):
    """The steps of the pipeline, in their order; each is done once, and whole, before the next begins."""

    RECEIVE = "receive", "Receive"
    SCAN = "scan", "Scan for malware"
    VERIFY = "verify", "Verify the signature"
    PARSE = "parse", "Read every line"
    CHECK = "check", "Check against what is in force"
    APPLY = "apply", "Apply"


class StepResult(TextChoices):
    """How a step ended; WAITING means that it could not be done yet and is tried again."""

    DONE = "done", "Done"
    FOUND = "found", "Something is wrong with the file"
    NOT_DONE = "not_done", "Not done"
    WAITING = "waiting", "Waits"


class Scan(TextChoices):
    """What is known of malware in a file. NOT_SCANNED is never taken for CLEAN."""

    NOT_SCANNED = "not_scanned", "Not scanned for malware"
    CLEAN = "clean", "Scanned, nothing found"
    INFECTED = "infected", "Malware found: quarantined, cannot be opened"


class Replaces(TextChoices):
    """What an ADT file does to the thresholds in force that it does not name."""

    ALL = "ALL", "Replaces all"
    DELTA = "DELTA", "Changes those it names"


class MessageType(TextChoices):
    """What is counted: Service Requests, or Signed Pre-Commands (Critical commands alone)."""

    SR = "SR", "Service Request"
    SPC = "SPC", "Signed Pre-Command"


class Period(TextChoices):
    """Over which time a threshold counts."""

    HOUR = "HOUR", "An hour"
    DAY = "DAY", "A day"


class Breach(IntegerChoices):
    """Why a communication was quarantined: the elements of DUIS's QuarantinedRequest."""

    USER_THRESHOLD = 1, "User's Anomaly Detection Threshold exceeded"
    DCC_THRESHOLD = 2, "DCC's Anomaly Detection Threshold exceeded"
    ATTRIBUTE_LIMITS = 3, "A data value is outside its limits"


class Decision(TextChoices):
    """What a User decides about a quarantined communication. Source: SEC App AA 4.7."""

    RELEASE = "RELEASE", "Release"
    DELETE = "DELETE", "Delete"


class Fate(TextChoices):
    """Where a quarantined communication stands; DECIDED: a signed file about it is with DCC."""

    HELD = "held", "Quarantined"
    DECIDED = "decided", "Decided, with DCC"
    RELEASED = "released", "Released"
    DELETED = "deleted", "Deleted"
