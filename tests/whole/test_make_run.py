"""`make run` from a bare clone: it becomes ready, does its work, and leaves no process behind, however it ends."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ssi.accounts.demo_accounts import DEMO_PASSWORD
from ssi.embedded import ROOT
from tests.whole.portal import GONE_WITHIN, Browser, Portal, clean_environment, free_port

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("whole")]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of what is committed, with nothing copied into it."""
    place = tmp_path_factory.mktemp("whole") / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(place)], check=True)
    return place


@pytest.fixture(scope="module")
def signed_in() -> dict[str, Browser]:
    """A browser that keeps its session from one run to the next."""
    return {}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture
def portal(clone: Path, port: int) -> Iterator[Portal]:
    with Portal(clone, port, clone / ".ssi") as portal:
        yield portal.wait_until_ready()
    portal.wait_until_nothing_is_left()


@pytest.fixture
def empty_portal(clone: Path) -> Iterator[Portal]:
    """A second copy beside the first, without the demo estate."""
    with Portal(clone, free_port(), clone / "second", demo=False) as portal:
        yield portal.wait_until_ready()
    portal.wait_until_nothing_is_left()


def test_a_bare_clone_becomes_ready_and_a_supplier_signs_in(
    portal: Portal, signed_in: dict[str, Browser], record_property: Callable[[str, object], None]
) -> None:
    record_property("seconds to ready on a bare clone", portal.seconds_to_ready)
    assert portal.lines.count(f"Ready: http://127.0.0.1:{portal.port}") == 1
    assert {"ssi.launcher", "gunicorn", "worker", "beat"} <= {
        word for process in portal.processes() for word in process.cmdline()
    }
    browser = portal.browser()
    home = browser.sign_in("gina@northlight.example", DEMO_PASSWORD)
    assert browser.url == f"{browser.address}/"
    assert "Northlight Energy" in home
    signed_in["gina"] = browser
    started = time.monotonic()
    portal.stop(signal.SIGTERM)
    portal.wait_until_nothing_is_left()
    assert time.monotonic() - started < GONE_WITHIN


def test_a_second_run_keeps_the_data_and_other_copies_stay_apart(
    portal: Portal, empty_portal: Portal, clone: Path, signed_in: dict[str, Browser]
) -> None:
    if signed_in:
        home = signed_in["gina"].get("/")  # her session is in the database, and sealed with the kept secret
        assert "Northlight Energy" in home
        assert signed_in["gina"].url.endswith(f":{portal.port}/")
    assert any("gina@northlight.example" in line for line in portal.lines + read_on(portal))
    assert "gina@northlight.example" not in "\n".join(empty_portal.lines + read_on(empty_portal))
    assert {process.pid for process in portal.processes()}.isdisjoint(
        process.pid for process in empty_portal.processes()
    )
    with Portal(clone, free_port(), portal.data_dir) as third:
        assert third.wait_until_over() != 0
    assert any("is already in use by `make run`" in line for line in third.lines)
    empty_portal.stop(signal.SIGTERM)
    assert portal.browser().get("/sign-in/")


def test_a_taken_port_is_refused_at_once_with_a_way_out(clone: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = int(other.getsockname()[1])
        with Portal(clone, taken, clone / "second", demo=False) as portal:
            assert portal.wait_until_over() != 0
    assert f"Port {taken} of this machine is already in use." in "\n".join(portal.lines)
    assert "SSI_PORT=" in "\n".join(portal.lines)


@pytest.mark.parametrize("value", ["80a", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(clone: Path, value: str) -> None:
    answer = subprocess.run(
        ["make", "run"],
        cwd=clone,
        env=clean_environment(SSI_PORT=value, SSI_DATA_DIR=str(clone / "second")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert f'SSI_PORT is "{value}", which is no port number.' in answer.stderr


def test_ctrl_c_stops_everything(empty_portal: Portal) -> None:
    empty_portal.stop(signal.SIGINT, group=True)
    empty_portal.wait_until_nothing_is_left()


def test_an_interrupt_to_make_alone_stops_everything(empty_portal: Portal) -> None:
    empty_portal.stop(signal.SIGINT)
    empty_portal.wait_until_nothing_is_left()


def test_a_killed_make_takes_everything_with_it(empty_portal: Portal) -> None:
    empty_portal.stop(signal.SIGKILL)
    empty_portal.wait_until_nothing_is_left()


def test_a_killed_launcher_takes_everything_with_it_and_the_next_run_recovers(empty_portal: Portal) -> None:
    empty_portal.launcher().kill()
    empty_portal.wait_until_nothing_is_left()
    with Portal(empty_portal.clone, empty_portal.port, empty_portal.data_dir, demo=False) as again:
        again.wait_until_ready()


def test_a_child_that_dies_is_named_and_everything_stops(empty_portal: Portal) -> None:
    worker: psutil.Process = empty_portal.child("worker")
    worker.kill()
    assert empty_portal.wait_until_over() != 0
    empty_portal.wait_until_nothing_is_left()
    said = "\n".join(empty_portal.lines)
    assert "worker ended by itself" in said
    assert "worker.log" in said


def read_on(portal: Portal) -> list[str]:
    """Return what a portal says after it is ready."""
    before = len(portal.lines)
    portal._read(0.5)
    return portal.lines[before:]
