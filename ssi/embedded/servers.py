"""The servers of one data folder, and the environment that leads to them.

What DATABASE_URL and REDIS_URL name is used as it is; only what they leave open is started here.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ssi.embedded.keys import NAMES, keys_of
from ssi.embedded.locks import Lock
from ssi.embedded.postgres import Postgres
from ssi.embedded.valkey import Valkey
from ssi.refusals import Refusal

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_DATABASE = frozenset(
    {
        "--version",
        "collectstatic",
        "diffsettings",
        "help",
        "issue_test_certificate",
        "make_test_ca",
        "sign_file",
        "verify_receipt",
        "version",
    }
)
_NO_BROKER = "redis://127.0.0.1:1/0"  # nothing listens there: refused at once
_OWNER_STARTS_WITHIN = 60.0


class DataFolderInUse(Refusal):
    """The data folder {folder} is already in use by {holder}."""

    suggestion = (
        "Stop that one first, or give this copy a folder and a port of its own: "
        "SSI_DATA_DIR=.ssi-2 SSI_PORT=8001 make run"
    )


class DataFolderUnusable(Refusal):
    """The data folder {folder} cannot be used: {why}."""

    suggestion = "Set SSI_DATA_DIR to a folder you may write to."


def data_dir() -> Path:
    """Return SSI_DATA_DIR as an absolute path (default `.ssi` in the project), made where it is missing.

    Raises:
        DataFolderUnusable: it cannot be made or written to.

    """
    folder = Path(os.environ.get("SSI_DATA_DIR") or ROOT / ".ssi").resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "logs").mkdir(mode=0o700, exist_ok=True)
    except OSError as failed:
        raise DataFolderUnusable(folder=folder, why=failed.strerror or failed) from failed
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DataFolderUnusable(folder=folder, why="it is not ours to write to")
    return folder


class Servers:
    """PostgreSQL and Valkey of one data folder, with the lock that says whose they are."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.postgres = Postgres(folder / "postgres", folder / "logs" / "postgres.log", durable=durable)
        self.valkey = Valkey(folder / "broker", folder / "logs" / "valkey.log")
        self._owner = Lock(folder / "owner.lock")
        self._guests = Lock(folder / "guests.lock")

    def own(self, holder: str) -> bool:
        """Become the one who starts and stops these servers, unless another process is."""
        if self._owner.take():
            self._owner.sign(holder)
            return True
        return False

    def start(self) -> None:
        """Start what the environment does not name, and name it there; the caller owns the servers."""
        if not os.environ.get("DATABASE_URL"):
            self.postgres.start()
            os.environ["DATABASE_URL"] = self.postgres.url
        if not os.environ.get("REDIS_URL"):
            self.valkey.start()
            os.environ["REDIS_URL"] = self.valkey.url

    def visit(self) -> bool:
        """Use the servers that another process owns, and keep them up until `leave`; say whether they run."""
        self._guests.take(shared=True, wait=True)
        if not os.environ.get("DATABASE_URL") and not self.postgres.answers():
            self.leave()
            return False
        os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or self.postgres.url
        os.environ["REDIS_URL"] = os.environ.get("REDIS_URL") or self.valkey.url or _NO_BROKER
        return True

    def leave(self) -> None:
        """Tell the owner that we need its servers no longer."""
        self._guests.release()

    def stop(self, *, wait_for_guests: bool = False) -> None:
        """Stop what we started, broker first, and give the data folder back."""
        if wait_for_guests and not self._guests.take():
            print("Another command still uses the database; waiting for it to end.", file=sys.stderr)  # noqa: T201
            self._guests.take(wait=True)
        self.valkey.stop()
        self.postgres.stop()
        self._guests.release()
        self._owner.release()

    def refuse_second(self) -> DataFolderInUse:
        """Return the refusal for whoever finds these servers owned by another."""
        return DataFolderInUse(folder=self.folder, holder=self._owner.holder())


def fill_secrets(folder: Path) -> None:
    """Set the secrets that the environment leaves open to those of the data folder."""
    if not all(os.environ.get(name) for name in NAMES):
        for name, value in keys_of(folder).items():
            os.environ[name] = os.environ.get(name) or value


@contextmanager
def environment_for_command(argv: Sequence[str]) -> Iterator[None]:
    """Give a management command its servers for as long as it runs; a refusal ends the program.

    Servers that already run in this data folder (`make run` in another terminal) are used; sleeping ones are
    started, and stopped at the end. Standard output stays the command's own.
    """
    try:
        folder = data_dir()
        os.environ["SSI_DATA_DIR"] = str(folder)
        fill_secrets(folder)
        servers = Servers(folder)
        started = _reach(servers, argv)
    except Refusal as refusal:
        raise SystemExit(str(refusal)) from refusal
    try:
        yield
    finally:
        servers.leave()
        if started:
            servers.stop(wait_for_guests=True)


def _reach(servers: Servers, argv: Sequence[str]) -> bool:
    """Fill DATABASE_URL and REDIS_URL; say whether we started servers for that."""
    if needs_no_database(argv):
        os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or servers.postgres.url
        os.environ["REDIS_URL"] = os.environ.get("REDIS_URL") or _NO_BROKER
        return False
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return False
    deadline = time.monotonic() + _OWNER_STARTS_WITHIN
    while time.monotonic() < deadline:
        if servers.own(f"`manage.py {argv[1]}`"):
            return _start_or_stop(servers)
        if servers.visit():
            return False
        time.sleep(0.1)
    raise servers.refuse_second()


def _start_or_stop(servers: Servers) -> bool:
    try:
        servers.start()
    except BaseException:
        servers.stop()
        raise
    return True


def needs_no_database(argv: Sequence[str]) -> bool:
    """Say whether a command line can be answered without the servers, which would only slow it down."""
    return len(argv) < 2 or argv[1] in WITHOUT_DATABASE or bool({"--help", "-h"} & set(argv))  # noqa: PLR2004
