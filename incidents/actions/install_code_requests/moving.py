"""What the moves of one request and of many share."""

from collections.abc import Callable

from incidents.models import InstallCodeRequest

Tell = Callable[[list[InstallCodeRequest]], object]
"""Writes to the other side of the requests that moved."""


def nobody(_: list[InstallCodeRequest]) -> None:
    """Write to nobody: whoever moves many writes one e-mail about all of them, later."""
