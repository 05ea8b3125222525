"""A progress bar is redrawn on a terminal, says how long it will take, and is plain lines elsewhere."""

from io import StringIO

from ssi.web.progress import Progress, in_words


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_terminal_is_redrawn_with_an_estimate() -> None:
    stream, time = Terminal(), Time()
    progress = Progress(stream, 100, clock=time)
    progress.begin("devices")
    time.now = 50.0
    progress.advance(25)
    progress.end()
    first, second, last = stream.getvalue().split("\r")[1:]
    assert first.startswith("[..............................]   0%  devices\x1b")
    assert "]  25%  devices, about 2 min 30 s left" in second
    assert last.startswith("[##############################] 100%  done")
    assert last.endswith("\n")


def test_elsewhere_there_is_a_plain_line_every_ten_seconds() -> None:
    stream, time = StringIO(), Time()
    progress = Progress(stream, 10, clock=time)
    progress.begin("devices")
    for _ in range(5):
        time.now += 4
        progress.advance(1)
    progress.end()
    assert stream.getvalue() == " 30%  devices, about 28 s left\n"


def test_durations_read_as_people_say_them() -> None:
    assert [in_words(seconds) for seconds in (0.4, 59, 185)] == ["0 s", "59 s", "3 min 5 s"]
