"""The page of the last results says what the kept results say; projections are straight lines."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import report
from bench.harness import Clock, Result, Times, Turns, at_most
from bench.projection import fitted, residual
from bench.running import kept

MACHINE = {
    "processor": "Some Processor",
    "processors": 2,
    "memory_gb": 24.0,
    "system": "Linux 6",
    "python": "3.11",
    "django": "5.2",
    "postgresql": "18.1",
    "postgresql_settings": {"shared_buffers": "128MB"},
}


def run(size: int, *results: Result, busy: bool = False) -> report.Run:
    lines: dict[str, Any] = {"load_estate": [kept(each) for each in results]}
    return {"machine": MACHINE, "at": "2026-11-22T10:00:00", "size": size, "busy": busy, "lines": lines}


def page_of(ms: float, floor: float) -> Result:
    turns = Turns(Times(ms, 2 * ms, 1_000 / ms), Times(floor, 9, 9), ms / floor)
    return Result.of_turns("device page", 200, turns, wanted=at_most(2))


def load_of(devices: int, seconds: float) -> Result:
    facts = {"devices": devices, "seconds": seconds, "heap_bytes_a_device": 250, "index_bytes_a_device": 250}
    return Result("load", devices, Clock(seconds), Clock(seconds), facts=facts)


def test_the_page_says_what_the_kept_results_say() -> None:
    assert report.PAGE.read_text(encoding="utf-8") == report.page(report.kept_results(report.RESULTS))


def test_runs_are_put_together_by_their_median() -> None:
    runs = [run(1_000, page_of(10, 10)), run(1_000, page_of(30, 20)), run(1_000, page_of(12, 10))]
    section = report.section(runs)
    assert "## 1,000 devices" in section
    assert "3 runs, the last on 2026-11-22." in section
    row = "| device page | 200 | 12.0 ms | 24.0 ms | 83 | 10.0 ms | 1.20 | <= 2 x | yes |"
    assert f"{row} 1.00, 1.50, 1.20 (apart by 50%) |" in section
    assert "Some Processor" in section
    assert "shared_buffers 128MB" in section


def test_one_broken_run_breaks_the_promise() -> None:
    (row,) = report.combined([run(1, page_of(10, 10)), run(1, page_of(30, 10)), run(1, page_of(10, 10))])
    assert (row["ratio"], row["kept"]) == (1.0, False)


def test_what_one_run_did_not_come_to_is_told_of_the_others() -> None:
    other = Result("list", 50, Clock(3), Clock(2), wanted=at_most(2))
    rows = report.combined([run(1, page_of(10, 10)), run(1, page_of(12, 10), other), run(1, other)])
    assert [(row["what"], row["ratios"]) for row in rows] == [("device page", [1.0, 1.2]), ("list", [1.5, 1.5])]


def test_a_busy_machine_is_told() -> None:
    assert "As 1 of them began the machine was, or had just been, busy" in report.section(
        [run(1, page_of(1, 1), busy=True)]
    )


def test_the_smallest_estate_comes_first_and_the_latest_is_left_out(tmp_path: Path) -> None:
    for name, size in (("20m", 20), ("1m", 1), ("latest", 3)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"runs": [run(size)]}))
    assert [runs[0]["size"] for runs in report.kept_results(tmp_path)] == [1, 20]


def test_growth_is_projected_from_two_sizes_on() -> None:
    one, five = [run(1_000_000, load_of(1_000_000, 40))], [run(5_000_000, load_of(5_000_000, 200))]
    assert report.growth([one]) == ""
    growth = report.growth([one, five])
    assert "| 5,000,000 | 2.50 GB | 500 | 200 s | 40 |" in growth
    assert "for 100,000,000 devices 50 GB, and 67 minutes" in growth
    assert "at most 0% and 0% off it" in growth


def test_a_line_is_fitted_by_least_squares() -> None:
    line = fitted([(1, 3), (2, 5), (3, 7)])
    assert (line.base, line.each, line.at(10)) == pytest.approx((1, 2, 21))
    assert residual(line, [(1, 3), (2, 4)]) == pytest.approx(0.25)


def test_one_size_makes_no_line() -> None:
    with pytest.raises(ValueError, match="two sizes"):
        fitted([(1, 3), (1, 4)])


def test_the_page_names_what_is_broken_and_which_runs_do_not_agree() -> None:
    section = report.section([run(1_000, page_of(10, 10)), run(1_000, page_of(30, 10))])
    assert "Kept: 0 of 1 promises. **Broken: device page.** Runs that do not agree: device page." in section
    assert "Kept: 1 of 1 promises.\n" in report.section([run(1_000, page_of(10, 10))])


def test_a_run_that_was_interrupted_hides_no_line_of_the_others() -> None:
    early = run(1, page_of(10, 10))
    early["lines"] = {}
    assert [row["what"] for row in report.combined([early, run(1, page_of(10, 10))])] == ["device page"]


def test_few_answers_a_second_are_told_with_their_fraction() -> None:
    assert "| 0.2 |" in report.section([run(1, page_of(5_000, 5_000))])
