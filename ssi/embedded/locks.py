"""Who may start and stop the servers of a data folder: one owner, and guests who use what the owner started.

Both locks are the kernel's (`flock`), so they end with the process that holds them, however it ends.
"""

import fcntl
import os
from pathlib import Path
from typing import Self


class Lock:
    """A lock file; its text says who holds it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def take(self, *, shared: bool = False, wait: bool = False) -> bool:
        """Take the lock and say whether we have it now."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(descriptor, kind)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def sign(self, holder: str) -> None:
        """Leave word who holds the lock, for those who find it taken."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{holder} (process {os.getpid()})".encode(), 0)

    def holder(self) -> str:
        """Return what the holder wrote about itself."""
        try:
            return self._file.read_text() or "another process"
        except OSError:
            return "another process"

    def release(self) -> None:
        """Give the lock back, if we hold it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
