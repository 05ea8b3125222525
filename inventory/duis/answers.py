"""The answer to one message: what `import_duis` prints as a line of JSON, and what the feed is told."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from inventory.duis.reader import Envelope
from inventory.duis.refusals import DuisRefusal, NotHandledYet, Unreadable


class Verdict(StrEnum):
    """What became of a message, for whoever counts."""

    APPLIED = "applied"
    REFUSED = "refused"
    NOT_HANDLED = "not handled yet"
    UNREADABLE = "could not be read as DUIS"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one message; whatever it does not have is "". It never holds a secret from the message.

    `payload` is what the XML of the answer carries beside the code, None for most: see `writing.py`.
    """

    verdict: Verdict
    response_code: str
    detail: str
    suggestion: str = ""
    request_id: str = ""
    srv: str = ""
    payload: object | None = field(default=None, repr=False)

    @classmethod
    def to(
        cls,
        envelope: Envelope,
        *,
        response_code: str,
        detail: str,
        suggestion: str = "",
        payload: object | None = None,
    ) -> Self:
        """Return the answer to a message that was applied; a warning has a suggestion."""
        return cls(Verdict.APPLIED, response_code, detail, suggestion, envelope.request_id, envelope.srv, payload)

    @property
    def is_duis_code(self) -> bool:
        """Tell a response code of DUIS (I0, E5, W110101) from one of ours, which begin with "SSI-"."""
        return not self.response_code.startswith("SSI-")

    @classmethod
    def refusing(cls, refusal: DuisRefusal, envelope: Envelope | None = None) -> Self:
        """Return the answer that a refusal gives, to the message in `envelope` if it came so far."""
        verdict = Verdict.REFUSED
        if isinstance(refusal, Unreadable):
            verdict = Verdict.UNREADABLE
        elif isinstance(refusal, NotHandledYet):
            verdict = Verdict.NOT_HANDLED
        return cls(
            verdict,
            refusal.code,
            refusal.message,
            refusal.way_out,
            envelope.request_id if envelope else "",
            envelope.srv if envelope else "",
        )

    def line(self, file: str) -> dict[str, str]:
        """Return the answer under the names that the contract promises; all are always there."""
        return {
            "file": file,
            "request_id": self.request_id,
            "srv": self.srv,
            "response_code": self.response_code,
            "detail": self.detail,
            "suggestion": self.suggestion,
        }
