"""What the lines share: what is asked of a run, how work is timed, and what a result says."""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import truediv
from pathlib import Path
from typing import Final, TypeVar

from django.db import connection

SIZE = 1_000_000
STANDARD = 20_000_000
"""The size whose figures are published; the lines that write scale with the estate from here."""

FEWEST_REQUESTS, FEWEST_VARIANTS = 25_000, 100_000
"""Of fewer, what does not depend on their number counts for much."""

REQUESTS_AT_STANDARD, VARIANTS_AT_STANDARD = 500_000, 719_000

UP: Final = ExitStack()
"""What the lines started for the whole run: ended with it, last first, while the database is still up."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure: in an estate of `size` devices, and only the lines named, if any are.

    With `strict` a run in which a limit is broken fails: for a machine that has nothing else to do. `requests` and
    `variants` are how many are raised in bulk and corrected: as suits the size where none are given.
    """

    size: int = SIZE
    requests: int = 0
    variants: int = 0
    only: tuple[str, ...] = ()
    strict: bool = False
    repeat: int = 1
    json: Path | None = None

    def __post_init__(self) -> None:
        """Fill in what was left to the size."""
        requests = max(FEWEST_REQUESTS, self.size * REQUESTS_AT_STANDARD // STANDARD)
        variants = max(FEWEST_VARIANTS, self.size * VARIANTS_AT_STANDARD // STANDARD)
        object.__setattr__(self, "requests", self.requests or requests)
        object.__setattr__(self, "variants", self.variants or variants)


@dataclass(slots=True)
class Clock:
    """How long something took: on the clock, and of the processors (ours and the database's)."""

    seconds: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Clock") -> "Clock":
        """Return both together."""
        return Clock(self.seconds + other.seconds, self.cpu + other.cpu)


@dataclass(frozen=True, slots=True)
class Pair:
    """The same work done by us and bare, one right after the other: on a machine in the same mood."""

    ours: Clock
    bare: Clock

    @property
    def ratio(self) -> float:
        """Return how many times the floor's time ours is."""
        return self.ours.seconds / self.bare.seconds


PairT = TypeVar("PairT", bound=Pair)


def middle(pairs: Sequence[PairT]) -> PairT:
    """Return the pair whose ratio is in the middle: what the machine did beside one of them counts for nothing."""
    return sorted(pairs, key=lambda pair: pair.ratio)[(len(pairs) - 1) // 2]


@dataclass(frozen=True, slots=True)
class Times:
    """How long single answers took, in milliseconds, one after another; and how many that makes a second."""

    p50: float
    p95: float
    a_second: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Times":
        """Return the figures of many answers."""
        ordered = sorted(seconds)
        return cls(
            statistics.median(ordered) * 1_000,
            ordered[int(len(ordered) * 0.95)] * 1_000,
            len(ordered) / sum(ordered),
        )

    @property
    def clock(self) -> Clock:
        """Return the median as a clock shows it."""
        return Clock(self.p50 / 1_000)


@dataclass(frozen=True, slots=True)
class Turns:
    """Single answers of ours and of the floor in turn, and how many times its neighbour's time one of ours took.

    That is the median over the turns: a machine that gets slower on the way meets both sides of each alike.
    """

    ours: Times
    floor: Times
    ratio: float


def in_turn(ours: Callable[[int], object], floor: Callable[[int], object], *, rounds: int, warm: int = 0) -> Turns:
    """Time both in turn, each given the number of the turn; the first `warm` do not count."""
    taken: list[list[float]] = []
    for number in range(warm + rounds):
        taken.append([])
        for work in (ours, floor):
            begun = time.perf_counter()
            work(number)
            taken[-1].append(time.perf_counter() - begun)
    mine, bare = zip(*taken[warm:], strict=True)
    return Turns(Times.of(mine), Times.of(bare), statistics.median(map(truediv, mine, bare)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is promised of a result: at most so many times the floor's time, or at least a part of its rate."""

    bound: float
    of_rate: bool = False

    def __str__(self) -> str:
        return f">= {self.bound:.0%} of the rate" if self.of_rate else f"<= {self.bound:g} x"

    def allows(self, ratio: float) -> bool:
        """Tell whether so many times the floor's time keep the promise."""
        return 1 / ratio >= self.bound if self.of_rate else ratio <= self.bound


def at_most(times: float) -> Wanted:
    """Return the promise to take no more than so many times the floor's time."""
    return Wanted(times)


def at_least(part: float) -> Wanted:
    """Return the promise to reach at least this part of the floor's rate: 0.5 for half of it."""
    return Wanted(part, of_rate=True)


@dataclass(frozen=True, slots=True)
class Result:
    """One measurement: how long `rows` took, and how long the bare statements for them; or just a `value`.

    `wanted` is the promise about their ratio, and whether it was kept follows from it. `limit` says in words what
    else is promised, `kept` whether it was; None where nothing is. `times` and `floor_times` are of single
    answers, where many were asked for. `facts` are numbers kept beside it; `proportion` is the ratio where it is
    not that of the clocks.
    """

    what: str
    rows: int
    ours: Clock | None = None
    floor: Clock | None = None
    value: str = ""
    limit: str = ""
    kept: bool | None = None
    wanted: Wanted | None = None
    times: Times | None = None
    floor_times: Times | None = None
    facts: Mapping[str, float] | None = None
    proportion: float | None = None

    @classmethod
    def of_turns(cls, what: str, rows: int, turns: Turns, *, wanted: Wanted) -> "Result":
        """Return what answers in turn say."""
        return cls(what, rows, times=turns.ours, floor_times=turns.floor, proportion=turns.ratio, wanted=wanted)

    @property
    def seconds(self) -> float | None:
        """Return how long it took, or a single answer at the median."""
        clock = self.ours or (self.times.clock if self.times else None)
        return clock.seconds if clock else None

    @property
    def floor_seconds(self) -> float | None:
        """Return how long the floor took, or a single answer of it at the median."""
        clock = self.floor or (self.floor_times.clock if self.floor_times else None)
        return clock.seconds if clock else None

    @property
    def ratio(self) -> float | None:
        """Return how many times the floor's time it took, or of what else it was compared with."""
        if self.proportion is not None:
            return self.proportion
        return self.ours.seconds / self.floor.seconds if self.ours and self.floor else None

    @property
    def cpu_ratio(self) -> float | None:
        """Return how many times the floor's processor time it took: what others do meanwhile hardly moves it."""
        return self.ours.cpu / self.floor.cpu if self.ours and self.floor and self.floor.cpu else None

    @property
    def is_kept(self) -> bool | None:
        """Tell whether what is promised was kept, None where nothing is."""
        if self.kept is not None or self.wanted is None or self.ratio is None:
            return self.kept
        return self.wanted.allows(self.ratio)

    @property
    def promise(self) -> str:
        """Return what is promised, in words."""
        return self.limit or str(self.wanted or "")


class WrongWork(Exception):  # noqa: N818 - it says that the line measured something else than it meant to
    """What was measured did not do what it should have."""


def expect(what: str, found: object, wanted: object) -> None:
    """Raise WrongWork unless the work had the result it must have: a benchmark of nothing is fast."""
    if found != wanted:
        raise WrongWork(f"{what} is {found!r}, not {wanted!r}.")


@contextmanager
def timed() -> Iterator[Clock]:
    """Time what happens inside."""
    clock = Clock()
    begun, cpu = time.perf_counter(), _cpu()
    yield clock
    clock.seconds, clock.cpu = time.perf_counter() - begun, _cpu() - cpu


def _cpu() -> float:
    """Return the processor seconds that this process and its database connection's process have had."""
    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if not stat.exists():
        return time.process_time()
    user, system = stat.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are sent inside."""
    sent: list[str] = []

    def note(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent
