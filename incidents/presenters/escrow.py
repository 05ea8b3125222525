"""How codes in escrow read on a screen and in a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.forms.escrow import RULE_MEANS
from incidents.models import EscrowedCode
from incidents.search.escrow import Standing, Which
from ssi.web.pages import Page
from ssi.web.tones import ATTENTION

CSV_HEADER = ("Device ID", "Deposited at (UTC)", "Requests answered", "State", "Taken out at (UTC)")


@dataclass(frozen=True, slots=True)
class EscrowPage:
    """Everything the page of one's codes in escrow shows."""

    standing: Standing
    page: Page[EscrowedCode]
    which: Which

    @property
    def shows_wrong(self) -> bool:
        """Tell whether the list is of codes that raisers found wrong."""
        return self.which is Which.WRONG

    @property
    def rule(self) -> str:
        """Return the rule in words."""
        return self.standing.rule.label

    @property
    def rule_means(self) -> str:
        """Return what the rule does."""
        return RULE_MEANS[self.standing.rule]

    @property
    def tone(self) -> str:
        """Return the tone of the panel: codes found wrong want somebody's attention."""
        return ATTENTION if self.standing.wrong else ""


def withdrawn(count: int) -> str:
    """Return what to say after codes were taken out of escrow."""
    return "1 code was withdrawn and erased." if count == 1 else f"{count} codes were withdrawn and erased."


def csv_row(deposit: EscrowedCode) -> Sequence[object]:
    """Return one deposit as it leaves in a file: never its code."""
    state = "Found wrong" if deposit.was_wrong else "In escrow"
    taken_out = f"{deposit.withdrawn_at:%Y-%m-%d %H:%M:%S}" if deposit.withdrawn_at else ""
    used: int = getattr(deposit, "used", 0)
    return deposit.device_id, f"{deposit.deposited_at:%Y-%m-%d %H:%M:%S}", used, state, taken_out
