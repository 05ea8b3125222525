"""`python -m bench.report`: writes docs/reference/performance.md from what is kept in bench/results."""

import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from bench.projection import fitted, residual

RESULTS: Final = Path(__file__).parent / "results"
PAGE: Final = Path(__file__).parent.parent / "docs" / "reference" / "performance.md"
AGREE_WITHIN: Final = 0.25
PROJECTED: Final = 100_000_000
FEW: Final = 10
"""Answers a second: of fewer than these the fraction matters."""

Run = dict[str, Any]
Row = dict[str, Any]

_HEAD = f"""# Performance

Written by `python -m bench.report` from `bench/results/`; `make docs` writes it again.

Times depend on the machine, ratios hardly. So each line is measured against a floor in the same run: the barest
statements, or the barest Django view, that do the same work on the same tables, indexes and keys. No answer is
cached, and no cache is warmed for it.

Ours and the floor take turns, and the ratio is that of neighbours: of all turns the one in the middle, so that a
machine that is slower for a while meets both alike. It may differ from that of the two times in its row.

Of several runs the median is given, and the ratio of each: they agree where the largest is at most
{AGREE_WITHIN:.0%} above the smallest. A promise is kept if every run kept it. Rows that begin with … say more
about the row above them.
"""

_HOW = """
## How to measure

    make bench                                            # 1,000,000 devices, in about five minutes
    make bench BENCH_ARGS="--size 20000000"               # the standard size: 24 GB of memory, 30 GB of disk
    make bench BENCH_ARGS="--only pages growth"           # some lines alone
    make bench BENCH_ARGS="--repeat 3 --json bench/results/1m.json" && make docs
    make bench BENCH_ARGS="--size 5000000 --only load_estate --json bench/results/5m.json" && make docs

A run starts a PostgreSQL and a Valkey of its own, with the settings of `make run`, and throws them away. Pages and
calls go over real HTTP to the gunicorn of `make run`, the floor's to one set up alike; both are asked in turn over
one kept connection each. `--strict` ends with 1 where a promise is broken; without it only a line that could not
be measured to its end does that. Let the machine do nothing else meanwhile.

The loads of several sizes, say of 1, 5 and 20 million devices, give the projection to 100 million.

What each line does, and its floor, is said at the head of its module in `bench/lines/`; floors that are no pages
are in `bench/floors/`. A floor under a page (`bench/floor.py`) takes the SELECTs from the portal's own view, sends
them by psycopg, and renders the same template from plain values, without middleware.

## When a line is broken

1. Measure it again on a machine that does nothing else: `make bench BENCH_ARGS="--only pages --repeat 3"`.
   Compare the ratio of processor time ("of CPU" in what a run prints), which other work hardly moves.
2. If it stays broken, find the commit that broke it with `git bisect run`: with `--strict` a broken promise is the
   exit status. A smaller `--size` is quicker, if the line is broken there, too.
3. Ask PostgreSQL how it goes about the line's statements (`EXPLAIN (ANALYZE, BUFFERS)`), at the size at which
   it is broken: a plan that fits a million rows may not fit twenty. `tests/plans/` holds the plans that matter.
4. Make the portal's work less. The floor stays as it is, unless it does not do the same work.

A line that failed says with what, and the other lines are measured all the same. A run that is interrupted keeps
what it has measured.
"""


def main() -> int:
    """Write the page; return the exit status."""
    PAGE.write_text(page(kept_results(RESULTS)), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(PAGE.parents[2])}")
    return 0


def kept_results(folder: Path) -> list[list[Run]]:
    """Return the runs of each file that is kept, the smallest estate first; `latest.json` is nobody's record."""
    files = [path for path in folder.glob("*.json") if not path.name.startswith("latest")]
    found: list[list[Run]] = [json.loads(path.read_text(encoding="utf-8"))["runs"] for path in files]
    return sorted(found, key=lambda runs: int(runs[0]["size"]))


def page(results: Sequence[Sequence[Run]]) -> str:
    """Return the page."""
    parts = [_HEAD]
    parts += [section(runs) for runs in results] or ["\nNo results are kept yet.\n"]
    parts += [growth(results), _HOW]
    return "".join(parts)


def section(runs: Sequence[Run]) -> str:
    """Return what was measured in an estate of one size, and on what."""
    size, rows = int(runs[0]["size"]), combined(runs)
    lines = [
        f"\n## {size:,} devices\n",
        f"{_runs(runs)}\n",
        f"{_verdict(rows)}\n",
        f"{_machine(runs[0]['machine'])}\n",
        f"{_settings(runs[0]['machine'])}\n",
        "| | rows | ours, p50 | p95 | a second | floor, p50 | ratio | wanted | kept | each run |",
        "|---|--:|--:|--:|--:|--:|--:|---|---|---|",
        *map(_row, rows),
    ]
    return "\n".join(lines) + "\n"


def combined(runs: Sequence[Run]) -> list[Row]:
    """Return one row for each result, the medians over the runs; kept where it was in every run."""
    rows = []
    for name in dict.fromkeys(name for run in runs for name in run["lines"]):
        each = [result for run in runs for result in run["lines"].get(name, ())]
        for what in dict.fromkeys(result["what"] for result in each):
            same = [result for result in each if result["what"] == what]
            rows.append(_over_runs(same[0], same))
    return rows


def _over_runs(first: Row, each: Sequence[Row]) -> Row:
    kept = [one["kept"] for one in each]
    ratios = [one["ratio"] for one in each if one["ratio"] is not None]
    times, floor_times = first["times"], first["floor_times"]
    return {
        "what": first["what"],
        "rows": first["rows"],
        "value": first["value"],
        "seconds": _median(each, ("ours", "seconds")) if first["ours"] else None,
        "floor_seconds": _median(each, ("floor", "seconds")) if first["floor"] else None,
        "p50": _median(each, ("times", "p50")) if times else None,
        "p95": _median(each, ("times", "p95")) if times else None,
        "a_second": _median(each, ("times", "a_second")) if times else None,
        "floor_p50": _median(each, ("floor_times", "p50")) if floor_times else None,
        "ratio": statistics.median(ratios) if ratios else None,
        "ratios": ratios,
        "promise": first["promise"],
        "kept": None if None in kept else all(kept),
    }


def _median(rows: Sequence[Row], path: tuple[str, str]) -> float:
    return float(statistics.median(row[path[0]][path[1]] for row in rows))


def spread(ratios: Sequence[float]) -> float:
    """Return by what part the largest ratio exceeds the smallest."""
    return max(ratios) / min(ratios) - 1


def _is_apart(row: Row) -> bool:
    return len(row["ratios"]) > 1 and spread(row["ratios"]) > AGREE_WITHIN


def _row(row: Row) -> str:
    each = ", ".join(f"{ratio:.2f}" for ratio in row["ratios"])
    if _is_apart(row):
        each += f" (apart by {spread(row['ratios']):.0%})"
    cells = (
        row["what"].strip() if not row["what"].startswith(" ") else f"… {row['what'].strip()}",
        f"{row['rows']:,}",
        row["value"] or _time(row["p50"], row["seconds"]),
        _time(row["p95"]),
        _rate(row["a_second"]),
        _time(row["floor_p50"], row["floor_seconds"]),
        f"{row['ratio']:.2f}" if row["ratio"] else "",
        row["promise"],
        {True: "yes", False: "**no**", None: ""}[row["kept"]],
        each,
    )
    return f"| {' | '.join(cells)} |"


def _time(milliseconds: float | None, seconds: float | None = None) -> str:
    if milliseconds is None and seconds is None:
        return ""
    spent = seconds if milliseconds is None else milliseconds / 1_000
    return f"{spent:,.1f} s" if spent and spent >= 1 else f"{(spent or 0) * 1_000:.1f} ms"


def _rate(a_second: float | None) -> str:
    if not a_second:
        return ""
    return f"{a_second:,.0f}" if a_second >= FEW else f"{a_second:.2g}"


def _verdict(rows: Sequence[Row]) -> str:
    """Return what matters of the table in a sentence or two."""
    promised = [row for row in rows if row["kept"] is not None]
    broken = [row["what"].strip() for row in promised if not row["kept"]]
    said = f"Kept: {len(promised) - len(broken)} of {len(promised)} promises."
    if broken:
        said += f" **Broken: {'; '.join(broken)}.**"
    apart = [row["what"].strip() for row in rows if _is_apart(row)]
    return said + (f" Runs that do not agree: {'; '.join(apart)}." if apart else "")


def _runs(runs: Sequence[Run]) -> str:
    busy = sum(run["busy"] for run in runs)
    said = f"{len(runs)} run{'s' if len(runs) > 1 else ''}, the last on {runs[-1]['at'][:10]}"
    totals = [run["total_seconds"] / 60 for run in runs if "total_seconds" in run]
    said += f", {' and '.join(f'{each:.1f}' for each in totals)} minutes long." if totals else "."
    return said + (
        f" As {busy} of them began the machine was, or had just been, busy: trust the ratios, not the times."
        if busy
        else ""
    )


def _machine(machine: dict[str, Any]) -> str:
    return (
        f"{machine['processors']} processors ({machine['processor']}), {machine['memory_gb']:g} GB of memory, "
        f"{machine['system']}; Python {machine['python']}, Django {machine['django']}, "
        f"PostgreSQL {machine['postgresql']}."
    )


def _settings(machine: dict[str, Any]) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in machine["postgresql_settings"].items())
    return f"PostgreSQL's settings, those of `make run`: {settings}."


def growth(results: Sequence[Sequence[Run]]) -> str:
    """Return the projection from what the loads of all sizes took."""
    facts = [each for runs in results for run in runs for each in _loads(run)]
    if len({each["devices"] for each in facts}) < 2:  # noqa: PLR2004 - a line needs two points
        return ""
    sizes = [(each["devices"], each["devices"] * _bytes(each) / 1e9) for each in facts]
    times = [(each["devices"], each["seconds"]) for each in facts]
    lines = [
        "\n## Growth\n",
        "| devices | tables and indexes | bytes a device | load | µs a device |",
        "|--:|--:|--:|--:|--:|",
        *(
            f"| {each['devices']:,} | {size:,.2f} GB | {_bytes(each):,.0f} | {each['seconds']:,.0f} s"
            f" | {each['seconds'] / each['devices'] * 1e6:,.0f} |"
            for each, (_, size) in zip(facts, sizes, strict=True)
        ),
        "",
        _projected(sizes, times),
    ]
    return "\n".join(lines) + "\n"


def _projected(sizes: Sequence[tuple[float, float]], times: Sequence[tuple[float, float]]) -> str:
    size, time = fitted(sizes), fitted(times)
    return (
        f"A straight line through them gives for {PROJECTED:,} devices {size.at(PROJECTED):,.0f} GB, and "
        f"{time.at(PROJECTED) / 60:,.0f} minutes to load them. What was measured lies at most "
        f"{residual(size, sizes):.0%} and {residual(time, times):.0%} off it."
    )


def _loads(run: Run) -> Iterator[dict[str, float]]:
    yield from (each["facts"] for each in run["lines"].get("load_estate", ()) if each["facts"])


def _bytes(facts: dict[str, float]) -> float:
    return facts["heap_bytes_a_device"] + facts["index_bytes_a_device"]


if __name__ == "__main__":
    sys.exit(main())
