"""The page of the request's states in `docs/reference`, written from the state machine itself."""

from collections.abc import Callable

from incidents.models import InstallCodeRequest
from incidents.models.choices import State
from ssi.workflow import declared_moves, state_diagram

_HEAD = """# States of a Request for Install Code

Who may make a move is checked first, then whether the state permits it. The moves stand in
`incidents/models/install_code_requests.py`; all that they entail is in `incidents/actions/install_code_requests/`.
"""


def pages() -> dict[str, str]:
    """Return the pages of this app by file name."""
    return {"request-states.md": states_page()}


def states_page() -> str:
    """Return the state diagram, and a table of the moves."""
    order = list(State)
    moves = sorted(
        state_diagram(InstallCodeRequest, "state"), key=lambda move: (order.index(State(move[0])), move[1:])
    )
    return "\n".join([_HEAD, *_diagram(moves), "", *_table(moves), ""])


def _diagram(moves: list[tuple[str, str, str]]) -> list[str]:
    ends = [state for state in State if state not in {source for source, _, _ in moves}]
    return [
        "```mermaid",
        "stateDiagram-v2",
        *(f'    state "{state.label}" as {state.value}' for state in State),
        f"    [*] --> {State.NEW.value}",
        *(f"    {source} --> {target}: {verb}" for source, verb, target in moves),
        *(f"    {state.value} --> [*]" for state in ends),
        "```",
    ]


def _table(moves: list[tuple[str, str, str]]) -> list[str]:
    rows = [
        f"| {State(source).label} | `{verb}` | {State(target).label} | {_who(verb)} | {_first_line(_move(verb))} |"
        for source, verb, target in moves
    ]
    return ["| From | Move | To | Who | What it means |", "|---|---|---|---|---|", *rows]


def _who(verb: str) -> str:
    permissions = {move.permission for move in declared_moves(_move(verb))}
    return " ".join(sorted(_first_line(permission) for permission in permissions))


def _move(verb: str) -> Callable[..., None]:
    move: Callable[..., None] = getattr(InstallCodeRequest, verb)
    return move


def _first_line(documented: object) -> str:
    return (documented.__doc__ or "").strip().splitlines()[0]
