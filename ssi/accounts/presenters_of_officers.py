"""How the register of officers reads on a screen."""

from dataclasses import dataclass
from typing import Any

from ssi.access.actor import Actor
from ssi.accounts import search
from ssi.accounts.models import Officer
from ssi.accounts.models.officers import Capacity, Standing
from ssi.workflow import can_move_now


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the register as a page shows it."""

    officer: Officer
    may_withdraw: bool
    may_end: bool

    @property
    def nominated_by(self) -> str:
        """Return who nominated, and in which capacity."""
        if self.officer.nominated_as == Capacity.BEFORE:
            return "Before the register was kept"
        return f"{self.officer.nominated_by}, {self.officer.get_nominated_as_display()}"

    @property
    def account(self) -> str:
        """Return in words whether the person has an account that works."""
        if self.officer.person is None:
            return "Not matched yet: DCC does that when it confirms"
        return "Open" if self.officer.person.is_active else "Closed: they cannot sign in"


def list_page(actor: Actor) -> dict[str, Any]:
    """Return what the list of officers shows: nominations, and who is in the register."""
    entries = [entry_of(officer, actor) for officer in search.open_officers(actor)]
    return {
        "nominations": [each for each in entries if each.officer.standing == Standing.NOMINATED],
        "registered": [each for each in entries if each.officer.standing == Standing.CONFIRMED],
    }


def entry_of(officer: Officer, actor: Actor) -> Entry:
    """Return an entry with the moves that `actor` may make now."""
    return Entry(
        officer,
        may_withdraw=can_move_now(officer, "withdraw", actor),
        may_end=can_move_now(officer, "end", actor),
    )
