"""What the lines share: how one is found and timed, and how the results read on the terminal and in the file."""

import json
import os
import pkgutil
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from django.db import connection

from bench import lines

SIZE = 50_000
BUSY_ABOVE = 0.25
"""Of the processors: so much of them in others' use before the run makes the times, not the ratios, doubtful."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure: `size` rows in the lines that grow, and only the lines named, if any are.

    With `strict` a run in which a limit is broken fails: for a machine that has nothing else to do.
    """

    size: int = SIZE
    only: tuple[str, ...] = ()
    strict: bool = False


@dataclass(slots=True)
class Clock:
    """How long something took: on the clock, and of the processors (ours and the database's)."""

    seconds: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Clock") -> "Clock":
        """Return both together."""
        return Clock(self.seconds + other.seconds, self.cpu + other.cpu)


@dataclass(frozen=True, slots=True)
class Result:
    """One measurement: how long `rows` took, and how long the bare statements for them; or just a `value`.

    `limit` says in words what is promised, `kept` whether it was; None where nothing is.
    """

    what: str
    rows: int
    ours: Clock | None = None
    floor: Clock | None = None
    value: str = ""
    limit: str = ""
    kept: bool | None = None

    @property
    def ratio(self) -> float | None:
        """Return how many times the floor's time it took."""
        return self.ours.seconds / self.floor.seconds if self.ours and self.floor else None

    @property
    def cpu_ratio(self) -> float | None:
        """Return how many times the floor's processor time it took: what others do meanwhile hardly moves it."""
        return self.ours.cpu / self.floor.cpu if self.ours and self.floor and self.floor.cpu else None


_TABLE = "{:<58}{:>9}{:>9}{:>8}{:>9}{:>8}{:>8}  {}"


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


def run(options: Options, kept_in: Path) -> int:
    """Measure the lines, print them as they come, and write them to `kept_in`; return the exit status."""
    load = os.getloadavg()[0]
    busy = load > BUSY_ABOVE * (os.cpu_count() or 1)
    print(f"{os.cpu_count()} processors, load {load:.1f} before the run{': busy' if busy else ''}\n")
    _print("", "rows", "seconds", "CPU", "floor", "ratio", "of CPU", "limit")
    results: dict[str, list[Result]] = {}
    for name in _names(options):
        results[name] = []
        for result in import_module(f"bench.lines.{name}").run(options):
            results[name].append(result)
            _print_result(result)
    kept_in.parent.mkdir(parents=True, exist_ok=True)
    kept_in.write_text(json.dumps(_document(options, load, busy, results), indent=2) + "\n", encoding="utf-8")
    broken = any(result.kept is False for each in results.values() for result in each)
    return int(broken and options.strict)


def _names(options: Options) -> Sequence[str]:
    known = sorted(module.name for module in pkgutil.iter_modules(lines.__path__))
    if unknown := set(options.only) - set(known):
        raise SystemExit(f"No such line: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    return [name for name in known if not options.only or name in options.only]


def _document(options: Options, load: float, busy: bool, results: dict[str, list[Result]]) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "postgresql": connection.cursor().connection.info.server_version,
        "processors": os.cpu_count(),
        "load_before": load,
        "busy": busy,
        "size": options.size,
        "lines": {
            name: [asdict(each) | {"ratio": each.ratio, "cpu_ratio": each.cpu_ratio} for each in measured]
            for name, measured in results.items()
        },
    }


def _print_result(result: Result) -> None:
    mark = {True: "kept", False: "BROKEN", None: ""}[result.kept]
    _print(
        result.what,
        f"{result.rows:,}",
        result.value or _number(result.ours.seconds if result.ours else None),
        _number(result.ours.cpu if result.ours else None),
        _number(result.floor.seconds if result.floor else None),
        _number(result.ratio),
        _number(result.cpu_ratio),
        f"{result.limit} {mark}".strip(),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _print(*cells: str) -> None:
    print(_TABLE.format(*cells).rstrip(), flush=True)
