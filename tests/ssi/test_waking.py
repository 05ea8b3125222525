"""A worker is asked for the same work only every so often, and always after whoever asks last."""

import threading
from types import SimpleNamespace

import pytest

from ssi import waking
from ssi.waking import Hint


class Clock:
    """A clock that a test moves, and the timers set by it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.timers: list[tuple[float, object]] = []
        self.sent: list[float] = []
        monkeypatch.setattr(waking, "EVERY", 0.2)
        monkeypatch.setattr(waking, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(waking, "threading", SimpleNamespace(Timer=self._timer, Lock=threading.Lock))
        self.hint = Hint(lambda: self.sent.append(self.now))

    def _timer(self, wait: float, call: object) -> "Clock":
        self.timers.append((wait, call))
        return self

    def start(self) -> None:
        """Do nothing: the test says when the time has come."""

    def come(self) -> None:
        """Let the time of the last timer come."""
        wait, call = self.timers[-1]
        self.now += wait
        call()  # type: ignore[operator]


def test_the_first_goes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    clock.hint()
    assert clock.sent == [1_000.0]
    assert not clock.timers


def test_many_at_once_are_served_by_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    clock.hint()
    for _ in range(50):
        clock.now += 0.002
        clock.hint()
    assert len(clock.timers) == 1
    clock.come()
    assert len(clock.sent) == 2


def test_who_asks_after_a_message_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    clock.hint()
    clock.now += 0.05
    clock.hint()
    clock.come()
    clock.hint()
    assert len(clock.timers) == 2
    clock.come()
    assert len(clock.sent) == 3


def test_after_a_pause_it_goes_at_once_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    clock.hint()
    clock.now += 0.2
    clock.hint()
    assert len(clock.sent) == 2
    assert not clock.timers


def test_the_message_that_waits_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "EVERY", 0.01)
    sent: list[bool] = []
    twice = threading.Event()

    def send() -> None:
        sent.append(True)
        if len(sent) == 2:
            twice.set()

    hint = Hint(send)
    hint()
    hint()
    assert twice.wait(10)
