"""A progress bar with an estimate for long commands: redrawn on a terminal, plain lines elsewhere."""

import math
import time
from collections.abc import Callable
from typing import Final, TextIO

_WIDTH: Final = 30
_REDRAW: Final = 0.2
_PLAIN_LINE: Final = 10.0
_EARLY: Final = 0.02
_MINUTE: Final = 60
_FEW_SECONDS: Final = 10


class Progress:
    """How far a long piece of work is; `total` and what `advance` is told are in whatever unit its parts share."""

    def __init__(self, stream: TextIO, total: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._total = total
        self._clock = clock
        self._on_terminal = stream.isatty()
        self._begun = self._shown = clock()
        self._done = 0.0
        self._what = ""

    def begin(self, what: str) -> None:
        """Say what is done next."""
        self._what = what
        if self._on_terminal:
            self._show()

    def advance(self, work: float) -> None:
        """Count work that is done."""
        self._done += work
        pause = _REDRAW if self._on_terminal else _PLAIN_LINE
        if self._clock() - self._shown >= pause:
            self._show()

    def end(self) -> None:
        """Leave a full bar behind."""
        self._done = self._total
        self.begin("done")
        if self._on_terminal:
            self._stream.write("\n")

    @property
    def seconds(self) -> float:
        """Return how long it took so far."""
        return self._clock() - self._begun

    def _show(self) -> None:
        self._shown = self._clock()
        part = min(self._done / self._total, 1.0) if self._total else 1.0
        line = f"{part:4.0%}  {self._what}{self._left(part)}"
        if self._on_terminal:
            bar = "#" * round(part * _WIDTH)
            self._stream.write(f"\r[{bar:.<{_WIDTH}}] {line}\x1b[K")
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def _left(self, part: float) -> str:
        if part < _EARLY or part >= 1:
            return ""
        return f", about {in_words(self.seconds * (1 - part) / part)} left"


def in_words(seconds: float) -> str:
    """Return a duration such as "40 s" or "3 min 5 s"."""
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def time_left(done: int, total: int, seconds: float) -> str:
    """Return how long the rest takes at the pace so far: "about 20 seconds left"; nothing before there is one."""
    if not done or done >= total or seconds <= 0:
        return ""
    left = seconds / done * (total - done)
    if left < _FEW_SECONDS:
        return "a few seconds left"
    if left < _MINUTE:
        return f"about {math.ceil(left / 10) * 10} seconds left"
    minutes = math.ceil(left / _MINUTE)
    return f"about {minutes} minute{'' if minutes == 1 else 's'} left"
