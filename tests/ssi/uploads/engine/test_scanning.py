"""What clamd says of a file, and what is said where it says nothing: asked of a real one."""

import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from ssi.uploads.models.choices import Scan
from ssi.uploads.scanning import ScannerSilent, scan
from tests.ssi.uploads.engine import clamd

pytestmark = pytest.mark.xdist_group("clamd")


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """Return the addresses of a running clamd."""
    with clamd.running() as found:
        yield found


def said(content: bytes) -> tuple[str, str]:
    scanned = scan(io.BytesIO(content))
    return scanned.result, scanned.detail


@pytest.mark.parametrize("by", ["unix", "tcp"])
def test_what_is_clean_and_what_is_not(by: str, addresses: dict[str, str], settings: LazySettings) -> None:
    settings.SSI_CLAMD = addresses[by]
    assert said(b"H,ADT,1.0\r\n" * 30_000)[0] == Scan.CLEAN
    assert said(b"")[0] == Scan.CLEAN
    assert said(clamd.HARMLESS) == (Scan.INFECTED, "Ours.Harmless.UNOFFICIAL")
    assert said(b"H,ADT,1.0\r\n" + clamd.EICAR) == (Scan.INFECTED, "Eicar-Test-Signature.UNOFFICIAL")


def test_a_large_file_is_scanned_to_its_end(addresses: dict[str, str], settings: LazySettings) -> None:
    settings.SSI_CLAMD = addresses["unix"]
    assert said(b"D,1,8.11\r\n" * 2_000_000 + clamd.EICAR)[0] == Scan.INFECTED


def test_without_a_scanner_the_file_is_not_scanned_and_that_is_said(settings: LazySettings) -> None:
    settings.SSI_CLAMD = ""
    result, detail = said(clamd.EICAR)
    assert result == Scan.NOT_SCANNED
    assert "was not scanned" in detail


def test_what_the_scanner_takes_for_too_long_is_not_clean(settings: LazySettings) -> None:
    with clamd.running(most="1M") as addresses:
        for address in addresses.values():
            settings.SSI_CLAMD = address
            with pytest.raises(ScannerSilent, match=r"size limit exceeded|hung up"):
                said(b"x" * 5_000_000)


def test_nobody_there_is_silence(settings: LazySettings, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.SSI_CLAMD = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ScannerSilent):
            said(b"x")
    settings.SSI_CLAMD = f"unix:{tmp_path}/nobody"
    with pytest.raises(ScannerSilent):
        said(b"x")


@pytest.mark.parametrize("answer", [b"", b"stream: Something odd ERROR\0", b"stream: OK but not quite\0", b"\0"])
def test_half_an_answer_is_not_clean(answer: bytes, settings: LazySettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.SSI_CLAMD = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        clerk = threading.Thread(target=_answer, args=(server, answer))
        clerk.start()
        with pytest.raises(ScannerSilent):
            said(b"x")
        clerk.join()


def _answer(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        while b"\0\0\0\0" not in connection.recv(65_536):
            pass
        connection.sendall(answer)
