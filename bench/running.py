"""One run: the lines in their order, printed as they come, and kept as data."""

import os
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from django.db import connections

from bench.harness import Options, Result
from bench.lines import names_of
from bench.machine import load_of_others, machine

BUSY_ABOVE = 0.25
"""Of the processors: so much of them in others' use before the run makes its times, not its ratios, doubtful."""

FAILED = "to be measured to its end"
"""What is promised of a line that failed on the way."""

_TABLE = "{:<72} {:>11} {:>12} {:>9} {:>9} {:>7} {:>7}  {}"


def run(options: Options) -> dict[str, Any]:
    """Measure the lines, print them as they come, and return what is kept of them."""
    load = load_of_others()
    busy = load > BUSY_ABOVE * (os.cpu_count() or 1)
    print(f"{options.size:,} devices; {os.cpu_count()} processors, load {load:.1f}{': busy' if busy else ''}\n")
    _print("", "rows", "time", "p95", "floor", "ratio", "of CPU", "wanted")
    document: dict[str, Any] = {
        "machine": machine(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": options.size,
        "load_before": load,
        "busy": busy,
    }
    return document | _measured(options)


def _measured(options: Options) -> dict[str, Any]:
    """Measure line after line; what was found until somebody interrupts it is kept, too."""
    lines: dict[str, list[dict[str, Any]]] = {}
    spent: dict[str, float] = {}
    interrupted = ""
    for name in names_of(options.only):
        lines[name], begun = [], time.monotonic()
        try:
            for result in _results(name, options):
                lines[name].append(kept(result))
                _print_result(result)
        except KeyboardInterrupt:
            interrupted = name
        spent[name] = round(time.monotonic() - begun, 1)
        if interrupted:
            print(f"Interrupted in {interrupted}.", flush=True)
            break
    total = round(sum(spent.values()), 1)
    print(f"\n{total:.0f} s:", ", ".join(f"{name} {seconds:.0f}" for name, seconds in spent.items()), flush=True)
    return {"seconds": spent, "total_seconds": total, "interrupted": interrupted, "lines": lines}


def _results(name: str, options: Options) -> Iterator[Result]:
    """Yield what a line finds. One that fails is broken and says why; the others are measured all the same."""
    try:
        yield from import_module(f"bench.lines.{name}").run(options)
    except Exception as failed:  # noqa: BLE001 - whatever it is, hours of other lines are not lost by it
        traceback.print_exc()
        connections.close_all()  # a transaction that it may have left open
        yield Result(f"{name}: {type(failed).__name__}, {failed}", 0, limit=FAILED, kept=False)


def kept(result: Result) -> dict[str, Any]:
    """Return a result as data, with what follows from it."""
    return asdict(result) | {
        "ratio": result.ratio,
        "cpu_ratio": result.cpu_ratio,
        "promise": result.promise,
        "kept": result.is_kept,
    }


def is_broken(document: dict[str, Any]) -> bool:
    """Tell whether any promise was broken in a run."""
    return any(each["kept"] is False for line in document["lines"].values() for each in line)


def failed_in(document: dict[str, Any]) -> list[str]:
    """Return the lines that were not measured to their end."""
    interrupted = document.get("interrupted", "")
    return [
        name
        for name, line in document["lines"].items()
        if name == interrupted or any(each["limit"] == FAILED for each in line)
    ]


def _print_result(result: Result) -> None:
    mark = {True: "kept", False: "BROKEN", None: ""}[result.is_kept]
    _print(
        result.what,
        f"{result.rows:,}",
        result.value or _time(result.seconds),
        _time(result.times.p95 / 1_000 if result.times else None),
        _time(result.floor_seconds),
        _number(result.ratio),
        _number(result.cpu_ratio),
        f"{result.promise} {mark}".strip(),
    )


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1_000:.1f} ms"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _print(*cells: str) -> None:
    print(_TABLE.format(*cells).rstrip(), flush=True)
