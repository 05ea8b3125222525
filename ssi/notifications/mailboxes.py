"""Where mails to read come from: files of one mail or many (mbox), Maildir and other folders, standard input."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

STANDARD_INPUT: Final = "-"
LARGEST = 2 * 1024 * 1024
"""Bytes of a mail that is read: ours have a few thousand, and a report returns one of them at most."""

_BETWEEN = b"From "  # RFC 4155: a mail in an mbox begins after such a line


@dataclass(frozen=True, slots=True)
class Found:
    """One mail: where it is, and its bytes, or None with what is `wrong`; `is_unreadable`: not even opened."""

    name: str
    content: bytes | None
    wrong: str = ""
    is_unreadable: bool = False


def mails_in(paths: Iterable[str]) -> Iterator[Found]:
    """Yield the mails at `paths` in the order given, a folder's by name; nothing there is changed.

    In folders, names with a dot in front and a Maildir's `tmp` are passed over, links to folders not followed.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            yield from _split(STANDARD_INPUT, sys.stdin.buffer)
        elif Path(path).is_dir():
            yield from _in_folder(Path(path))
        else:
            yield from _in_file(Path(path))


def _in_folder(folder: Path) -> Iterator[Found]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        yield _unreadable(folder, "the folder cannot be read")
        return
    is_maildir = {"cur", "new"} <= set(names)
    for name in names:
        path = folder / name
        if name.startswith(".") or (is_maildir and name == "tmp"):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _in_folder(path)
        elif path.is_file():
            yield from _in_file(path)


def _in_file(path: Path) -> Iterator[Found]:
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                yield _unreadable(path, "it is no regular file")
                return
            yield from _split(str(path), file)
    except FileNotFoundError:
        yield _unreadable(path, "there is no such file or folder")
    except (OSError, ValueError):
        yield _unreadable(path, "the file cannot be read")


def _unreadable(path: Path, wrong: str) -> Found:
    return Found(str(path), None, wrong, is_unreadable=True)


def _split(name: str, file: BinaryIO) -> Iterator[Found]:
    """Yield the mails of an mbox, or the one mail there is; never holding more than the largest and a line."""
    gathered, size, number, is_mbox, after_blank = bytearray(), 0, 1, False, True
    while line := file.readline(LARGEST):
        if line.startswith(_BETWEEN) and after_blank and (is_mbox or not size):
            if size:
                yield _found(f"{name}#{number}", gathered, size)
                number += 1
            gathered, size, is_mbox = bytearray(), 0, True
            continue
        size += len(line)
        if size <= LARGEST:
            gathered += line
        after_blank = line in {b"\n", b"\r\n"}
    if size or not is_mbox:
        yield _found(f"{name}#{number}" if is_mbox else name, gathered, size)


def _found(name: str, gathered: bytearray, size: int) -> Found:
    if size > LARGEST:
        return Found(name, None, f"larger than {LARGEST:,} bytes")
    return Found(name, bytes(gathered))
