"""One embedded PostgreSQL: its cluster in a folder, its socket in a short private one, no network port."""

import hashlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import errors

from ssi.embedded.binaries import PostgresPrograms, find_postgres
from ssi.embedded.processes import Identity, before_exec, identity_for, spawn, stop
from ssi.refusals import Refusal

USER = DATABASE = "ssi"
_SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107  # bytes; the kernel's limit
_START_SECONDS = 60.0

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class PostgresDidNotStart(Refusal):
    """PostgreSQL did not start; it says "{why}"."""

    suggestion = "Its log is {log}."


class PrivateFolderTaken(Refusal):
    """The folder {folder}, where the database's socket belongs, is not ours alone."""

    suggestion = "Remove it, or set TMPDIR to a folder that nobody else can write to."


class Postgres:
    """The PostgreSQL server of one folder.

    With `durable=False` it may lose data when the machine fails, and gathers no statistics unless it is asked to:
    a test's plans are then the same each time.
    """

    def __init__(self, folder: Path, log: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.log = log
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def socket_folder(self) -> Path:
        """Return the folder of the socket: short, because a socket's path may have no more than 107 bytes."""
        name = f"ssi-{os.geteuid()}-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]}"
        usual = Path(tempfile.gettempdir()) / name
        fits = len(os.fsencode(usual / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH
        return usual if fits else Path("/tmp") / name  # noqa: S108 - made private, and checked to be

    @property
    def url(self) -> str:
        """Return the DATABASE_URL, in the form that both Django's settings and libpq read."""
        return f"postgresql://{USER}@/{DATABASE}?host={quote(str(self.socket_folder))}"

    def answers(self) -> bool:
        """Say whether a server listens on the socket and lets clients in, whoever started it."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            try:
                client.connect(str(self.socket_folder / _SOCKET_NAME))
            except OSError:
                return False
        return self._pid_file_line(7).startswith("ready")

    def start(self) -> None:
        """Start the server and make its cluster and database first where there are none.

        The caller holds the data folder's lock, so a server still running is one whose owner was killed.

        Raises:
            PostgresDidNotStart: with what its log says last.
            NoPostgres: no programs of the version that made the cluster are there.

        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        identity = identity_for(self.folder)
        identity.owns(self.folder)
        self._end_leftover()
        programs = find_postgres(self._cluster_major())
        if self._cluster_major() is None:
            self._make_cluster(programs, identity)
        self._make_socket_folder(identity)
        settings = (
            _SETTINGS
            | ({} if self.durable else _THROW_AWAY)
            | {"unix_socket_directories": str(self.socket_folder)}
        )
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.process = spawn(
            [programs.postgres, "-D", str(self._cluster), *options],
            log=self.log,
            death_signal=signal.SIGINT,
            identity=identity,
            environment=_environment(),
        )
        self._wait_until_ready()
        self._make_database()

    def stop(self) -> None:
        """Stop the server the fast way: clients are cut off, what was committed is kept."""
        if self.process:
            stop(self.process, first=signal.SIGINT, grace=8)
            shutil.rmtree(self.socket_folder, ignore_errors=True)
            self.process = None

    @property
    def _cluster(self) -> Path:
        return self.folder / "cluster"

    def _cluster_major(self) -> int | None:
        try:
            return int((self._cluster / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def _make_cluster(self, programs: PostgresPrograms, identity: Identity) -> None:
        """Make the cluster under another name first, so that a half-made one is never taken for whole."""
        draft = self.folder / "cluster.new"
        shutil.rmtree(draft, ignore_errors=True)
        locale = ["--locale=C.UTF-8"]
        if programs.major >= 17:  # noqa: PLR2004 - the first with a locale of its own, alike everywhere
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [programs.initdb, "-D", str(draft), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        made = subprocess.run(  # noqa: S603 - a program we found, with words of ours
            [*command, *locale],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            preexec_fn=before_exec(signal.SIGKILL, identity),
        )
        if made.returncode != 0:
            self.log.write_text(made.stdout + made.stderr)
            raise PostgresDidNotStart(why=_last_line(made.stderr), log=self.log)
        draft.rename(self._cluster)

    def _make_socket_folder(self, identity: Identity) -> None:
        """Make the socket's folder, which is the database's only gate: nobody else may enter it.

        Raises:
            PrivateFolderTaken: somebody else made it, or may write to it.

        """
        folder = self.socket_folder
        folder.mkdir(mode=0o700, exist_ok=True)
        identity.owns(folder)
        found = folder.lstat()
        ours = found.st_uid in {identity.uid, os.geteuid()} and stat.S_ISDIR(found.st_mode)
        if not ours or stat.S_IMODE(found.st_mode) & 0o077:
            raise PrivateFolderTaken(folder=folder)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while self.process and self.process.poll() is None and time.monotonic() < deadline:
            if self._pid_file_line(0) == str(self.process.pid) and self.answers():
                return
            time.sleep(0.01)
        self.stop()
        raise PostgresDidNotStart(why=_last_line(self.log.read_text(errors="replace")), log=self.log)

    def _make_database(self) -> None:
        try:
            psycopg.connect(self.url).close()
        except errors.InvalidCatalogName:
            self._create()
        except psycopg.OperationalError as failed:
            if f'"{DATABASE}" does not exist' not in str(failed):
                raise
            self._create()

    def _create(self) -> None:
        maintenance = self.url.replace(f"/{DATABASE}?", "/postgres?")
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")

    def _pid_file_line(self, number: int) -> str:
        """Return a line of postmaster.pid: 0 is the process id, 7 the state; empty if it is not there."""
        try:
            return (self._cluster / "postmaster.pid").read_text().splitlines()[number].strip()
        except (OSError, IndexError):
            return ""

    def _end_leftover(self) -> None:
        """End a server whose owner was killed, and remove the pid file of one that is long gone.

        PostgreSQL itself refuses to start when the number in a stale file now belongs to another process.
        """
        pid = self._pid_file_line(0)
        if not pid.isdigit():
            return
        for attempt in (signal.SIGINT, signal.SIGQUIT):
            deadline = time.monotonic() + 10
            while self._is_our_server(int(pid)) and time.monotonic() < deadline:
                os.kill(int(pid), attempt)
                time.sleep(0.2)
        if not self._is_our_server(int(pid)) and Path("/proc/self").exists():
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)

    def _is_our_server(self, pid: int) -> bool:
        """Say whether a process is the PostgreSQL of this very folder."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.fsencode(self._cluster) in words


def _environment() -> dict[str, str]:
    """Return a bare environment: no PG* variable or locale of the caller's may change the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
