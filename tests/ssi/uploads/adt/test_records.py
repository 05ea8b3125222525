"""Bytes into records: every fault of the bytes is told, nothing raises, and nothing hangs on how they arrive."""

import hashlib
import io
import random
from collections.abc import Callable

import pytest

from ssi.uploads.findings import Found
from ssi.uploads.formats.records import BLOCK, LONGEST_LINE, Record, Records


class OneByOne(io.BytesIO):
    """Gives a byte at a time, whatever is asked for."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


def read(content: bytes, *, most_lines: int = 1_000) -> tuple[list[Record | Found], bool]:
    records = Records(io.BytesIO(content), most_lines=most_lines)
    return list(records), records.is_whole


def fields(content: bytes) -> list[list[str]]:
    return [item.fields for item in read(content)[0] if isinstance(item, Record)]


def codes(content: bytes, *, most_lines: int = 1_000) -> list[tuple[str, int]]:
    return [(item.code, item.line) for item in read(content, most_lines=most_lines)[0] if isinstance(item, Found)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\r\nc\r\n", [["a", "b"], ["c"]]),
        (b",\r\n\r\n", [["", ""], [""]]),
        (b'"a,b","say ""no""",\r\n', [["a,b", 'say "no"', ""]]),
        (b'"",""""\r\n', [["", '"']]),
        ("Zoë\u2028\x85\r\n".encode(), [["Zoë\u2028\x85"]]),  # no line ends: only CR LF is one
    ],
)
def test_good_lines(content: bytes, expected: list[list[str]]) -> None:
    assert (fields(content), codes(content), read(content)[1]) == (expected, [], True)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfa\r\n", [("F07", 1)]),
        (b"\xff\xfea\x00\r\x00\n\x00", [("F07", 1)]),
        (b"\xfe\xff\x00a\r\n", [("F07", 1)]),
        (b"a\r\nb\0c\r\n", [("F07", 2)]),
        (b"a\r\nb\xff\r\n", [("F07", 2)]),
        (b"a\r\n\xed\xa0\x80\r\n", [("F07", 2)]),
        (b"a\r\nb\n", [("F08", 2)]),
        (b"a\nb\n", [("F08", 1), ("F08", 2)]),
        (b"a\r\nb", [("F08", 2)]),
        (b"a\r\nb\r", [("F08", 2)]),
        (b"a\rb\r\n", [("F08", 1)]),
        (b"a\rb\rc", [("F08", 1), ("F08", 1)]),
        (b'a"b\r\n', [("F08", 1)]),
        (b'"a"b\r\n', [("F08", 1)]),
        (b'"a\r\n', [("F08", 1)]),
        (b'"a\r\nb"\r\n', [("F08", 1), ("F08", 2)]),
        (b'\xef\xbb\xbfa\0\xff\n"', [("F07", 1), ("F07", 1), ("F07", 1), ("F08", 1), ("F08", 2), ("F08", 2)]),
    ],
)
def test_faults_are_told_with_their_line(content: bytes, expected: list[tuple[str, int]]) -> None:
    assert codes(content) == expected


def test_an_empty_file() -> None:
    assert (codes(b""), read(b"")[1]) == ([("F06", 0)], False)


@pytest.mark.parametrize("end", [b"\r\n", b""])
def test_lines_beyond_the_cap_are_not_read(end: bytes) -> None:
    content = b"a\r\nb\r\nc" + end
    assert codes(content, most_lines=2) == [("F06", 3)]
    assert read(content, most_lines=2)[1] is False
    assert read(content, most_lines=3)[1] is True


def test_a_line_may_be_as_long_as_the_cap_and_no_longer() -> None:
    assert codes(b"x" * (LONGEST_LINE - 1) + b"\r\n") == []
    assert codes(b"x" * LONGEST_LINE + b"\r\n") == [("F08", 1)]


@pytest.mark.parametrize("length", [LONGEST_LINE + 1, 3 * BLOCK])
def test_what_follows_an_over_long_line_is_read(length: int) -> None:
    content = b"a\r\n" + b"x" * length + b"\r\nb\r\n"
    assert (codes(content), fields(content)) == ([("F08", 2)], [["a"], [], ["b"]])


def test_unreadable_characters_never_reach_a_field() -> None:
    (values,) = fields(b"a\0b,\xff,c\rd\r\n")
    assert values == ["a\ufffdb", "\ufffd", "c\ufffdd"]


HASHED = (b"a\r\nb\r\n\r\nc", b"a\nb\n\xffc\r\nd\r\n", b"x" * BLOCK + b"\r\nb\r\nc\r\n")


@pytest.mark.parametrize("content", HASHED)
def test_the_hash_is_of_all_bytes_before_a_line(content: bytes) -> None:
    records = Records(io.BytesIO(content), most_lines=10)
    starts = [0, *(at + 1 for at, byte in enumerate(content) if byte == ord("\n"))]
    for record in records:
        if isinstance(record, Record) and record.line != 2:  # may be asked for some, and twice
            before = hashlib.sha256(content[: starts[record.line - 1]]).hexdigest()
            assert records.sha256_before() == before
            assert records.sha256_before() == before


PIECES = (
    *(b"\r\n", b"\r\n", b"\n", b"\r", b'"', b",", b"\0", b"\xff", b"\xff\xfe", b"ab", b"\xef\xbb\xbf"),
    b"x" * (LONGEST_LINE - 1),
)


def test_it_does_not_matter_how_the_bytes_arrive() -> None:
    draw = random.Random(5)
    arrivals: tuple[Callable[[bytes], io.BytesIO], ...] = (io.BytesIO, OneByOne)
    for _ in range(1_000):
        content = b"".join(draw.choice(PIECES) for _ in range(draw.randrange(12)))
        outcomes = []
        for arrival in arrivals:
            records = Records(arrival(content), most_lines=4)
            outcomes.append((list(records), records.is_whole))
        assert outcomes[0] == outcomes[1], content[:100]
