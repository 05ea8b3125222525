"""Waking a worker for a file of corrections. Its row is the truth; the message only hurries it."""

from typing import Final

from ssi import waking

CARRY_ON: Final = "inventory.tasks.carry_on_corrections"
SWEEP: Final = "inventory.tasks.sweep_corrections"
SWEEP_SECONDS: Final = 20.0
"""So often the files that are not finished are looked for."""


def wake_after_commit(batch_id: int) -> None:
    """Have a worker take up a file once the caller's transaction is committed."""
    waking.wake_after_commit(CARRY_ON, batch_id=batch_id)


def wake(batch_id: int, *, expires: float | None = None) -> None:
    """Have a worker take up a file now."""
    waking.wake(CARRY_ON, expires=expires, batch_id=batch_id)
