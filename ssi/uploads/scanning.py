"""Scanning for malware with clamd, by its INSTREAM command: the bytes go to it, it needs no access to our files.

Spoken here in a few lines rather than by a package: those on PyPI are under the GPL, or have not been looked after
for years, and none tells apart an answer, a limit of clamd's, and silence, which is all that counts here. What
could not be scanned is never taken for clean.
"""

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from django.conf import settings

from ssi.uploads.models.choices import Scan

CHUNK: Final = 1 << 17
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 120.0
LONGEST_ANSWER: Final = 4_096


class ScannerSilent(Exception):  # noqa: N818 - a state of the scanner that the step waits for
    """The scanner that is configured did not scan the file; the sentence says why. It must be tried again."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What the scanner said; `detail` is a sentence, or what was found."""

    result: Scan
    detail: str


def scan(content: BinaryIO) -> Scanned:
    """Return what clamd says about the bytes, or that none is configured. Raises ScannerSilent."""
    if not settings.SSI_CLAMD:
        return Scanned(Scan.NOT_SCANNED, "No malware scanner is configured: the file was not scanned.")
    try:
        with _connected(settings.SSI_CLAMD) as clamd:
            answer = _asked(clamd, content)
    except OSError as trouble:
        raise ScannerSilent(f"The malware scanner does not answer ({trouble.__class__.__name__}).") from trouble
    return _understood(answer)


def _connected(address: str) -> socket.socket:
    """Return a connection to `tcp://host:port` or `unix:/path`."""
    where = urlsplit(address)
    if where.scheme == "tcp":
        connection = socket.create_connection((where.hostname, where.port or 3310), CONNECT_SECONDS)
    else:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(where.path)
        except OSError:
            connection.close()
            raise
    connection.settimeout(ANSWER_SECONDS)
    return connection


def _asked(clamd: socket.socket, content: BinaryIO) -> str:
    """Send the bytes, each part with its length before it, and return the answer."""
    with suppress(BrokenPipeError, ConnectionResetError):  # it hangs up on what is too long, and says so before
        clamd.sendall(b"zINSTREAM\0")
        while chunk := content.read(CHUNK):
            clamd.sendall(struct.pack(">I", len(chunk)) + chunk)
        clamd.sendall(struct.pack(">I", 0))
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
        part = clamd.recv(LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _understood(answer: str) -> Scanned:
    said = answer.removeprefix("stream:").strip()
    if said == "OK":
        return Scanned(Scan.CLEAN, "Scanned for malware, nothing found.")
    if said.endswith(" FOUND"):
        return Scanned(Scan.INFECTED, said.removesuffix(" FOUND"))
    raise ScannerSilent(f"The malware scanner could not scan the file: {said[:200] or 'it hung up'}.")
