"""The page of an officer's standings in `docs/reference`, written from the state machine itself."""

from ssi.accounts.models import Officer
from ssi.accounts.models.officers import OPEN, Standing
from ssi.workflow import declared_moves, state_diagram

_HEAD = """# Standings in the register of officers

An entry says that somebody is to be, or is, Senior or Authorised Responsible Officer of a party for one User ID.
The moves stand in `ssi/accounts/models/officers.py`; all that they entail in `ssi/accounts/actions/officers.py`.
Registering an SRO enters and confirms in one step. How the desk works with it:
[docs/how-to/officers.md](../how-to/officers.md).
"""


def pages() -> dict[str, str]:
    """Return the pages of this app by file name."""
    return {"officer-standings.md": standings_page()}


def standings_page() -> str:
    """Return the state diagram, and a table of the moves."""
    order = list(Standing)
    moves = sorted(state_diagram(Officer, "standing"), key=lambda move: (order.index(Standing(move[0])), move[1:]))
    diagram = [
        "```mermaid",
        "stateDiagram-v2",
        *(f'    state "{each.label}" as {each.value}' for each in Standing),
        f"    [*] --> {Standing.NOMINATED.value}",
        *(f"    {source} --> {target}: {verb}" for source, verb, target in moves),
        *(f"    {each.value} --> [*]" for each in Standing if each not in OPEN),
        "```",
    ]
    rows = [
        f"| {Standing(source).label} | `{verb}` | {Standing(target).label} | {_who(verb)} | {_means(verb)} |"
        for source, verb, target in moves
    ]
    table = ["| From | Move | To | Who | What it means |", "|---|---|---|---|---|", *rows]
    return "\n".join([_HEAD, *diagram, "", *table, ""])


def _who(verb: str) -> str:
    permissions = {move.permission for move in declared_moves(getattr(Officer, verb))}
    return " ".join(sorted(_first_line(permission) for permission in permissions))


def _means(verb: str) -> str:
    return _first_line(getattr(Officer, verb))


def _first_line(documented: object) -> str:
    return (documented.__doc__ or "").strip().splitlines()[0]
