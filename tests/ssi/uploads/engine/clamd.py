"""A real clamd of a test's own, which knows two harmless signatures: EICAR's, and that of a sentence of ours."""

import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
HARMLESS = b"This sentence is harmless, and our own signature names it."
_READY_WITHIN = 60.0

_CONFIGURATION = """
LocalSocket {folder}/socket
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
PidFile {folder}/pid
LogFile {folder}/log
Foreground yes
User {user}
MaxThreads 2
StreamMaxLength {most}
"""


def program() -> str:
    """Return where clamd is; skip the test where there is none, but never on a machine that checks changes."""
    found = shutil.which("clamd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        assert "CI" not in os.environ, "There is no clamd: tests/clamd.sh installs it."
        pytest.skip("There is no clamd here: tests/clamd.sh installs it.")
    return found


@contextmanager
def running(most: str = "110M") -> Iterator[dict[str, str]]:
    """Run clamd; give the two addresses that SSI_CLAMD may name."""
    clamd = program()
    folder = Path(tempfile.mkdtemp(prefix="clamd-"))  # short: a socket's path has 107 bytes
    try:
        address = _prepare(folder, most)
        with (folder / "out").open("wb") as out:
            process = subprocess.Popen([clamd, f"--config-file={folder}/conf"], stdout=out, stderr=out)
        try:
            _wait(process, folder)
            yield {"unix": f"unix:{folder}/socket", "tcp": f"tcp://{address}"}
        finally:
            process.terminate()
            try:
                process.wait(20)
            finally:
                process.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, most: str) -> str:
    (folder / "signatures").mkdir()
    ours = f"{hashlib.md5(HARMLESS, usedforsecurity=False).hexdigest()}:{len(HARMLESS)}:Ours.Harmless\n"
    (folder / "signatures" / "ours.hdb").write_text(ours)
    (folder / "signatures" / "eicar.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    user = pwd.getpwuid(os.geteuid()).pw_name
    (folder / "conf").write_text(_CONFIGURATION.format(folder=folder, port=port, user=user, most=most))
    return f"127.0.0.1:{port}"


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        assert process.poll() is None, (folder / "out").read_text() + _log(folder)
        with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(str(folder / "socket"))
            probe.sendall(b"zPING\0")
            if probe.recv(10).startswith(b"PONG"):
                return
        time.sleep(0.05)
    raise AssertionError(_log(folder))


def _log(folder: Path) -> str:
    log = folder / "log"
    return log.read_text() if log.exists() else "It wrote no log."
