"""The page of the access matrix in `docs/reference`, written from the matrix itself."""

from ssi.access.components import MATRIX, Component, Rule
from ssi.access.roles import CONFIRMED_BY_DCC, JobTypeRole, UserRole

REACHED, NOT_REACHED = "●", ""

_HEAD = """# Who may do what

A person reaches a Functional Component when the User Role they act in *and* one of their Job Type Roles for that
User ID are marked in its row. DCC's staff act for no User ID; they reach what is marked under DCC. Everything else
is closed. In the portal, “What may I do?” answers this for whoever asks, with what would change the answer.

The matrix stands in `ssi/access/components.py`; nothing else decides. Components and Job Type Roles are ours,
drawn from DUIS's eligible roles, SEC H8.16 and the modification papers named below.
"""


def pages() -> dict[str, str]:
    """Return the pages of this package by file name."""
    return {"access.md": access_page()}


def access_page() -> str:
    """Return the matrix of components, User Roles and Job Type Roles, with data scopes and the roles' names."""
    return "\n".join([_HEAD, _matrix(), _scopes(), _roles()])


def _matrix() -> str:
    roles = [*UserRole, *JobTypeRole, "DCC"]
    lines = [
        "## The matrix",
        "",
        _row("", "Functional Component", *roles, "Pages in this version"),
        "|---|---|" + ":-:|" * len(roles) + "---|",
    ]
    return "\n".join([*lines, *(_line_of(component) for component in Component), ""])


def _line_of(component: Component) -> str:
    rule: Rule = MATRIX[component]
    marks = [role in rule.user_roles for role in UserRole] + [role in rule.job_type_roles for role in JobTypeRole]
    marked = [REACHED if mark else NOT_REACHED for mark in [*marks, rule.dcc]]
    return _row(component, rule.title, *marked, "yes" if rule.served else "not yet")


def _scopes() -> str:
    lines = ["## Whose data one then sees", "", _row("", "Data scope", "Basis"), "|---|---|---|"]
    return "\n".join(
        [
            *lines,
            *(_row(component, MATRIX[component].scope, MATRIX[component].basis) for component in Component),
            "",
        ]
    )


def _roles() -> str:
    lines = ["## The roles", "", _row("User Role", "Name"), "|---|---|"]
    lines += [_row(role, role.label) for role in UserRole]
    lines += ["", _row("Job Type Role", "Name", "Counts"), "|---|---|---|"]
    for role in JobTypeRole:
        counts = "once DCC has confirmed it" if role in CONFIRMED_BY_DCC else "as soon as it is granted"
        lines.append(_row(role, role.label, counts))
    return "\n".join([*lines, ""])


def _row(*cells: str) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
