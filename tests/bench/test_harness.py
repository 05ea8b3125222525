"""What results say: ratios, promises and whether they were kept; sizes; the order of the lines."""

import json
import os
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import lines
from bench.__main__ import main
from bench.harness import (
    Clock,
    Options,
    Pair,
    Result,
    Times,
    Turns,
    WrongWork,
    at_least,
    at_most,
    expect,
    in_turn,
    middle,
)
from bench.lines import ORDER, names_of
from bench.machine import load_of_others
from bench.running import failed_in, is_broken, kept, run


def result(ours: float, floor: float, **more: object) -> Result:
    return Result("it", 1, Clock(ours), Clock(floor), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ours", "floor", "wanted", "is_kept"),
    [
        (2.0, 1.0, at_most(2), True),
        (2.1, 1.0, at_most(2), False),
        (2.0, 1.0, at_least(0.5), True),
        (2.1, 1.0, at_least(0.5), False),
    ],
)
def test_a_promise_is_kept_up_to_its_bound(ours: float, floor: float, wanted: object, is_kept: bool) -> None:
    assert result(ours, floor, wanted=wanted).is_kept is is_kept


def test_a_promise_reads_as_in_the_table() -> None:
    assert str(at_most(1.3)) == "<= 1.3 x"
    assert str(at_least(0.5)) == ">= 50% of the rate"
    assert result(1, 1, wanted=at_most(2), limit="in words").promise == "in words"


def test_what_a_line_found_itself_goes_before_the_ratio() -> None:
    assert result(9, 1, wanted=at_most(2), kept=True).is_kept is True
    assert result(9, 1).is_kept is None


def test_single_answers_are_compared_at_the_median() -> None:
    ours, floor = Times.of([0.010] * 50 + [1.0] * 9), Times.of([0.005] * 50)
    measured = Result.of_turns("it", 50, Turns(ours, floor, ratio=1.9), wanted=at_most(2))
    assert (ours.p50, ours.p95) == (10.0, 1_000.0)
    assert floor.a_second == pytest.approx(200)
    assert measured.seconds == pytest.approx(0.010)
    assert measured.floor_seconds == pytest.approx(0.005)
    assert (measured.ratio, measured.is_kept) == (1.9, True)


def test_answers_in_turn_are_compared_with_their_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    now, asked = 0.0, list[tuple[str, int]]()

    def take(who: str, seconds: float) -> Callable[[int], None]:
        def work(turn: int) -> None:
            nonlocal now
            now += seconds * (1 + turn)  # the machine slows down
            asked.append((who, turn))

        return work

    monkeypatch.setattr("bench.harness.time.perf_counter", lambda: now)
    turns = in_turn(take("ours", 3), take("floor", 2), rounds=2, warm=1)
    assert asked == [(who, turn) for turn in range(3) for who in ("ours", "floor")]
    assert turns.ratio == pytest.approx(1.5)
    assert [turns.ours.p50, turns.floor.p50] == pytest.approx([7_500, 5_000])


def test_what_is_no_time_has_a_ratio_of_its_own() -> None:
    assert Result("it", 1, proportion=1.1, wanted=at_most(1.2)).is_kept is True


def test_a_run_is_broken_by_one_promise() -> None:
    whole = kept(result(1, 1, wanted=at_most(2)))
    assert is_broken({"lines": {"a": [whole]}}) is False
    assert is_broken({"lines": {"a": [whole], "b": [kept(result(3, 1, wanted=at_most(2)))]}}) is True


def test_the_pair_in_the_middle_counts() -> None:
    pairs = [Pair(Clock(ours), Clock(1.0)) for ours in (3.0, 9.0, 1.0, 2.0)]
    assert middle(pairs) == Pair(Clock(2.0), Clock(1.0))
    assert middle(pairs[:1]).ratio == 3


def test_what_others_use_is_a_part_of_the_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.machine.LOOKED_AT", 0.2)
    assert 0 <= load_of_others() <= (os.cpu_count() or 1)


def test_a_benchmark_of_nothing_is_refused() -> None:
    with pytest.raises(WrongWork, match="rows is 0, not 5"):
        expect("rows", 0, 5)


@pytest.mark.parametrize(
    ("size", "requests", "variants"),
    [(20_000_000, 500_000, 719_000), (1_000_000, 25_000, 100_000), (100_000, 25_000, 100_000)],
)
def test_the_writing_lines_grow_with_the_estate(size: int, requests: int, variants: int) -> None:
    options = Options(size=size)
    assert (options.requests, options.variants) == (requests, variants)


def test_numbers_that_were_given_stand() -> None:
    options = Options(requests=7, variants=8)
    assert (options.requests, options.variants) == (7, 8)


def test_every_line_has_its_place_and_every_place_its_line() -> None:
    assert {module.name for module in pkgutil.iter_modules(lines.__path__)} == set(names_of(()))
    assert ORDER[0] == "load_estate"
    assert ORDER[-1] == "memory"
    for name in names_of(()):
        assert callable(import_module(f"bench.lines.{name}").run)


def test_lines_run_in_their_order_whatever_was_asked_first() -> None:
    assert names_of(["memory", "load_estate"]) == ["load_estate", "memory"]
    with pytest.raises(SystemExit, match="No such line: lists"):
        names_of(["lists"])


def whole(_options: Options) -> Iterator[Result]:
    yield result(1, 1, wanted=at_most(2))


@pytest.fixture
def lines_are(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make these functions the lines of a run, without any database."""

    def put(**runs: Callable[[Options], Iterator[Result]]) -> None:
        modules = {f"bench.lines.{name}": SimpleNamespace(run=run) for name, run in runs.items()}
        monkeypatch.setattr("bench.running.names_of", lambda _only: list(runs))
        monkeypatch.setattr("bench.running.import_module", modules.__getitem__)
        monkeypatch.setattr("bench.running.machine", dict)
        monkeypatch.setattr("bench.running.load_of_others", float)
        monkeypatch.setattr("bench.running.connections", SimpleNamespace(close_all=lambda: None))

    return put


def test_a_line_that_fails_loses_no_other(
    lines_are: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    def half(options: Options) -> Iterator[Result]:
        yield from whole(options)
        expect("devices", 3, options.size)

    lines_are(half=half, whole=whole)
    document = run(Options(size=1))
    assert [len(line) for line in document["lines"].values()] == [2, 1]
    assert document["lines"]["half"][1]["what"] == "half: WrongWork, devices is 3, not 1."
    assert failed_in(document) == ["half"]
    assert is_broken(document)
    assert "to be measured to its end BROKEN" in capsys.readouterr().out


def test_what_was_measured_before_an_interruption_is_kept(lines_are: Callable[..., None]) -> None:
    def half(options: Options) -> Iterator[Result]:
        yield from whole(options)
        raise KeyboardInterrupt

    lines_are(first=whole, half=half, never=whole)
    document = run(Options(size=1))
    assert {name: len(line) for name, line in document["lines"].items()} == {"first": 1, "half": 1}
    assert document["interrupted"] == "half"
    assert failed_in(document) == ["half"]


def test_the_exit_status_and_the_file_tell_of_what_failed(
    lines_are: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nothing(options: Options) -> Iterator[Result]:
        expect("devices", 0, options.size)
        yield from whole(options)

    lines_are(nothing=nothing, whole=whole)
    monkeypatch.setattr("bench.__main__._once", run)
    monkeypatch.setattr("bench.__main__.signal.signal", lambda *_: None)
    kept_in = tmp_path / "runs.json"
    monkeypatch.setattr("sys.argv", ["bench", "--size", "1", "--json", str(kept_in)])
    assert main() == 1
    (document,) = json.loads(kept_in.read_text(encoding="utf-8"))["runs"]
    assert (set(document["seconds"]), document["total_seconds"]) == ({"nothing", "whole"}, 0)
    assert [each["kept"] for each in document["lines"]["nothing"]] == [False]
    lines_are(whole=whole)
    assert main() == 0
