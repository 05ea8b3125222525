"""A Monday without a bank holiday near it, and what tests of the clock ask for."""

from collections.abc import Iterator

import pytest
import time_machine

MONDAY = "2026-11-16T10:00:00Z"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    """Begin each test on Monday 16 November 2026 at ten in the morning."""
    with time_machine.travel(MONDAY, tick=True):
        yield
