"""The portal's web workers and a Celery worker have done each kind of work once: what they hold of memory then.

No line measures what is kept from here: nothing the portal answers with is cached.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from bench.estate import loaded
from bench.harness import Options, Result
from bench.serving import portal
from bench.work import Work
from bench.worker import resident, worker

ROUNDS: Final = 2


@dataclass(frozen=True, slots=True)
class Held:
    """What they hold of memory, in bytes."""

    web: int
    worker: int

    @classmethod
    def now(cls) -> "Held":
        """Return what they hold now."""
        return cls(resident(portal().process.pid), resident(worker().pid))


@cache
def work() -> Work:
    """Return the work, the same over the run."""
    return Work.prepared()


@cache
def warmed_up(options: Options) -> Held:
    """Have them do everything, the first time; return what they held after that."""
    loaded(options)
    for _ in range(ROUNDS):
        work().round()
    return Held.now()


def run(options: Options) -> Iterator[Result]:
    """Warm up, and say what it takes."""
    held = warmed_up(options)
    yield Result("Memory of the web workers after warm-up", ROUNDS, value=f"{held.web / 1e6:.0f} MB")
    yield Result("Memory of the Celery worker after warm-up", ROUNDS, value=f"{held.worker / 1e6:.0f} MB")
