"""Where messages come from on the command line: files, folders of files, standard input."""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from inventory.duis.refusals import FileNotOpened

STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One message yet to be read: the name its answer carries, and how to open it (raises FileNotOpened)."""

    name: str
    open: Callable[[], AbstractContextManager[BinaryIO]]


def sources(paths: Iterable[str]) -> Iterator[Source]:
    """Yield the messages at `paths`, in the order given; a folder's own by name, those of its folders included.

    Names starting with a dot are passed over in folders. Links to folders are not followed.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            yield Source(STANDARD_INPUT, lambda: nullcontext(sys.stdin.buffer))
        elif Path(path).is_dir():
            yield from _in_folder(Path(path))
        else:
            yield _file(path, _open)


def _in_folder(folder: Path) -> Iterator[Source]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        yield _failing(str(folder), error)
        return
    for name in names:
        path = folder / name
        if name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _in_folder(path)
        else:
            yield _file(str(path), _open_regular)


def _file(path: str, opener: Callable[[str], BinaryIO]) -> Source:
    return Source(path, lambda: opener(path))


def _failing(path: str, error: OSError) -> Source:
    def fail() -> AbstractContextManager[BinaryIO]:
        raise FileNotOpened(problem=_in_words(error)) from error

    return Source(path, fail)


def _open(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        raise FileNotOpened(problem=_in_words(error)) from error


def _open_regular(path: str) -> BinaryIO:
    """Open a file found in a folder; a pipe or device there would wait for ever, and is no message."""
    try:
        is_regular = stat.S_ISREG(os.stat(path).st_mode)
    except OSError as error:
        raise FileNotOpened(problem=_in_words(error)) from error
    if not is_regular:
        raise FileNotOpened(problem="it is not a regular file")
    return _open(path)


def _in_words(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "its permissions do not let you read it"
    return "the system would not open it"
