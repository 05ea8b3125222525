"""What the web workers and the Celery worker hold of memory after the run, against after the warm-up."""

from collections.abc import Iterator
from typing import Final

from bench.harness import Options, Result, at_most
from bench.lines.warm_up import Held, warmed_up, work

TIMES_AFTER_WARM_UP: Final = 1.2


def run(options: Options) -> Iterator[Result]:
    """Have them do everything once more, after all that the other lines asked of them."""
    before = warmed_up(options)
    work().round()
    after = Held.now()
    for what, early, late in (
        ("web workers", before.web, after.web),
        ("Celery worker", before.worker, after.worker),
    ):
        yield Result(
            f"Memory of the {what} after the run, against after warm-up",
            1,
            value=f"{late / 1e6:.0f} MB",
            wanted=at_most(TIMES_AFTER_WARM_UP),
            proportion=late / early,
            facts={"before_bytes": early, "after_bytes": late},
        )
