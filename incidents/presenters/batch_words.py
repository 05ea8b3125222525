"""What work on many requests is called, kind by kind, and its findings in a few words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from incidents.models import BulkJob
from incidents.models.choices import BulkKind, DeclineReason, Outcome


@dataclass(frozen=True, slots=True)
class Words:
    """What a kind of work is called: its page, its good rows before and after, and its button."""

    title: str
    acceptable: str
    acceptable_hint: str
    carried_out: str
    doing: str
    go: str


WORDS = {
    BulkKind.RAISE: Words(
        "Batch of requests",
        "Can be asked for",
        "One request is raised for each.",
        "Requests raised",
        "Raising requests",
        "Ask for {count}",
    ),
    BulkKind.ANSWER: Words(
        "Answers by file",
        "Can be sent",
        "Codes are sealed already; declines go to the DCC service desk.",
        "Requests answered or declined",
        "Sending answers",
        "Send {count}",
    ),
    BulkKind.DECLINE: Words(
        "Requests declined together",
        "Can be declined",
        "Each goes to the DCC service desk.",
        "Requests declined",
        "Declining requests",
        "Decline {count}",
    ),
    BulkKind.CLOSE: Words(
        "Requests closed together",
        "Can be closed",
        "What you said became of the code goes with each.",
        "Requests closed",
        "Closing requests",
        "Close {count}",
    ),
    BulkKind.WITHDRAW: Words(
        "Requests withdrawn together",
        "Can be withdrawn",
        "Nobody is asked for these codes any more.",
        "Requests withdrawn",
        "Withdrawing requests",
        "Withdraw {count}",
    ),
    BulkKind.DEPOSIT: Words(
        "Codes deposited",
        "Can be deposited",
        "Codes are sealed already.",
        "Codes deposited",
        "Depositing codes",
        "Deposit {count}",
    ),
}

_RETURNED = Words(
    "Wrong codes returned together",
    "Can be returned",
    "Each goes back to its installing supplier.",
    "Requests returned",
    "Returning requests",
    "Return {count}",
)
"""Closing requests whose codes are wrong returns them instead."""

_NAMES = {
    "NotAnEui64": "Not a Device ID",
    "DeviceNotInInventory": "Not in the inventory",
    "DeviceStatusPermitsNoRequest": "SMI Status permits no request",
    "DeviceHasNoSupplierHeldCode": "Type has no SMI Status",
    "AlreadyRequested": "Your company asks for it already",
    "OtherwiseRefused": "Refused for other reasons",
    "RequestUnknown": "No such request",
    "NotInThisState": "Not in this state any more",
    "NoteHoldsInstallCode": "Holds an install code",
}
"""Findings whose class is named for those who read the code."""

_NOUNS = {
    BulkKind.RAISE: ("install code", "install codes"),
    BulkKind.ANSWER: ("answer", "answers"),
    BulkKind.DEPOSIT: ("code", "codes"),
}


def words_of(job: BulkJob) -> Words:
    """Return what the work of `job` is called."""
    if job.kind == BulkKind.CLOSE and job.facts.get("outcome") == Outcome.WRONG_CODE:
        return _RETURNED
    return WORDS[BulkKind(job.kind)]


def name_of(finding: str) -> str:
    """Return a finding in a few words: those of its class's name, unless that was named for its readers."""
    words = re.sub(r"(?<!^)[A-Z]", lambda letter: f" {letter[0].lower()}", finding)
    return _NAMES.get(finding, words)


def go_with(job: BulkJob) -> str:
    """Return what the button says that has `job` carried out: "Ask for 37 install codes"."""
    one, many = _NOUNS.get(BulkKind(job.kind), ("request", "requests"))
    number = job.acceptable
    return words_of(job).go.format(count=f"{number:,} {one if number == 1 else many}")


def said_with(job: BulkJob) -> Sequence[tuple[str, str]]:
    """Return what was said with the instruction, for all of its rows alike."""
    if job.kind == BulkKind.CLOSE:
        return [("What became of the code", Outcome(job.facts["outcome"]).label)]
    if job.kind == BulkKind.DECLINE:
        reason = ("Why you cannot answer", DeclineReason(job.facts["reason"]).label)
        return [reason, ("Detail", job.facts["detail"])] if job.facts["detail"] else [reason]
    return [("Why", job.facts["reason"])] if job.kind == BulkKind.WITHDRAW else []
