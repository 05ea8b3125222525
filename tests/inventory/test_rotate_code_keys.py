"""Keys change while the portal runs: each code is sealed anew, no reveal fails, and it says what is left to do."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import count

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from incidents.models.choices import State
from inventory.actions import install_codes
from inventory.actions.install_codes import Rotation, rotating
from inventory.install_code import InstallCode
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.crypto import key_id_of
from tests.factories.accounts import UserIdFactory
from tests.factories.incidents import CODE, read, request_in
from tests.factories.inventory import FIRST_DEVICE_ID
from tests.personas import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 20.0  # seconds


def key(number: int) -> str:
    return f"k{number}:{base64.b64encode(bytes([number]) * 32).decode()}"


@pytest.fixture(autouse=True)
def old_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SSI_CODE_KEYS = key(1)
    monkeypatch.setattr(rotating, "BATCH", 3)


def codes(number: int) -> list[SealedInstallCode]:
    """Return so many sealed codes, each of its own."""
    given_by, made = UserIdFactory.create(), []
    for each in range(number):
        code = SealedInstallCode(device_id=FIRST_DEVICE_ID, given_by=given_by)
        code.put(InstallCode((each + 1).to_bytes(16, "big")))
        code.save(force_insert=True)
        made.append(code)
    return made


def keys_in_use() -> set[str]:
    return {key_id_of(bytes(code.envelope)) for code in SealedInstallCode.objects.all()}


def rotate() -> Rotation:
    return install_codes.rotate(by=Actor.system(), say=lambda done, total: None)


def opened() -> list[int]:
    return sorted(int.from_bytes(code.take().code, "big") for code in SealedInstallCode.objects.all())


class TestRotating:
    def test_every_code_is_sealed_anew_and_opens_without_the_old_key(self, settings: Settings) -> None:
        codes(8)
        settings.SSI_CODE_KEYS = f"{key(2)},{key(1)}"
        rotation = rotate()
        assert (rotation.sealed, rotation.remaining, rotation.is_complete) == (8, {}, True)
        settings.SSI_CODE_KEYS = key(2)
        assert opened() == list(range(1, 9))

    def test_again_it_finds_nothing_to_do(self, settings: Settings) -> None:
        codes(4)
        settings.SSI_CODE_KEYS = f"{key(2)},{key(1)}"
        rotate()
        before = sorted(bytes(code.envelope) for code in SealedInstallCode.objects.all())
        assert rotate().sealed == 0
        assert sorted(bytes(code.envelope) for code in SealedInstallCode.objects.all()) == before

    def test_stopped_in_the_middle_it_goes_on_where_it_was(self, settings: Settings) -> None:
        codes(8)
        settings.SSI_CODE_KEYS = f"{key(2)},{key(1)}"

        def stop(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            install_codes.rotate(by=Actor.system(), say=stop)
        assert keys_in_use() == {"k1", "k2"}
        assert rotate().sealed == 5
        assert keys_in_use() == {"k2"}

    def test_a_code_whose_key_is_gone_is_left_and_told_of(self, settings: Settings) -> None:
        codes(2)
        settings.SSI_CODE_KEYS = key(3)
        codes(1)
        settings.SSI_CODE_KEYS = f"{key(2)},{key(1)}"
        rotation = rotate()
        assert (rotation.sealed, rotation.unopened, rotation.remaining) == (2, 1, {"k3": 1})
        with pytest.raises(CommandError, match="1 could not be opened: put the key that sealed them back"):
            call_command("rotate_code_keys", stdout=StringIO(), stderr=StringIO())
        settings.SSI_CODE_KEYS = f"{key(2)},{key(3)}"
        assert rotate().is_complete

    def test_the_command_says_how_far_it_is_and_when_the_old_key_may_go(self, settings: Settings) -> None:
        codes(5)
        settings.SSI_CODE_KEYS = f"{key(2)},{key(1)}"
        out, err = StringIO(), StringIO()
        call_command("rotate_code_keys", stdout=out, stderr=err)
        assert err.getvalue().split("\n")[:2] == ["3 of 5 codes", "5 of 5 codes"]
        assert "Sealed anew with k2: 5." in out.getvalue()
        assert "Every other key may be taken out of the list once" in out.getvalue()
        assert "k1:" not in out.getvalue() + err.getvalue()

    def test_it_is_in_the_audit_log(self, settings: Settings) -> None:
        codes(2)
        settings.SSI_CODE_KEYS = f"{key(2)},{key(1)}"
        rotate()
        event = AuditEvent.objects.get(event="install_code.keys_rotated")
        assert (event.reference, event.detail) == ("k2", {"sealed": 2, "unopened": 0, "remaining": {}})


@contextmanager
def another_connection(work: Callable[[threading.Event], None]) -> Iterator[threading.Event]:
    """Run `work` in a thread with its own connection until the block ends; it is told so by an event."""
    is_over = threading.Event()
    problems: list[BaseException] = []

    def run() -> None:
        try:
            work(is_over)
        except BaseException as problem:  # noqa: BLE001 - shown in the test's own thread
            problems.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield is_over
    finally:
        is_over.set()
        thread.join(SOON)
        assert not thread.is_alive()
        assert problems == []


class TestWhileThePortalRuns:
    def test_no_reveal_fails(self, settings: Settings, gina: Person, ivan: Person) -> None:
        settings.SSI_REVEALS_ALLOWED = 1_000
        requests = [request_in(State.ANSWERED, gina, ivan) for _ in range(12)]
        by = actor_of(gina, may_reveal=True)
        reveals = count()
        settings.SSI_CODE_KEYS = f"{key(2)},{key(1)}"

        def reveal_on(is_over: threading.Event) -> None:
            while not is_over.is_set():
                for request in requests:
                    assert read(request, by=by) == CODE
                    next(reveals)

        with another_connection(reveal_on), another_connection(reveal_on):
            for number in range(3, 9):  # one new key after the other, the old ones kept
                settings.SSI_CODE_KEYS = f"{key(number)},{settings.SSI_CODE_KEYS}"
                rotation = rotate()
                assert (rotation.sealed, rotation.is_complete) == (12, True)
            while next(reveals) < 2 * len(requests):
                pass
        assert keys_in_use() == {"k8"}

    def test_what_somebody_holds_is_left_out_first_and_waited_for_at_the_end(self, settings: Settings) -> None:
        made = codes(7)
        settings.SSI_CODE_KEYS = f"{key(2)},{key(1)}"
        is_held, first_pass_is_over = threading.Event(), threading.Event()
        held = made[2].pk

        def hold(is_over: threading.Event) -> None:
            with transaction.atomic():
                SealedInstallCode.objects.select_for_update().get(pk=held)
                is_held.set()
                assert first_pass_is_over.wait(SOON)

        said: list[int] = []

        def say(done: int, total: int) -> None:
            said.append(done)
            if done == len(made) - 1:
                assert key_id_of(bytes(SealedInstallCode.objects.get(pk=held).envelope)) == "k1"
                first_pass_is_over.set()

        with another_connection(hold):
            assert is_held.wait(SOON)
            rotation = install_codes.rotate(by=Actor.system(), say=say)
        assert (rotation.sealed, rotation.is_complete) == (7, True)
        assert said[-1] == 7

    def test_two_at_once_seal_each_code_once(self, settings: Settings) -> None:
        codes(20)
        settings.SSI_CODE_KEYS = f"{key(2)},{key(1)}"
        sealed: list[int] = []
        with another_connection(lambda _: sealed.append(rotate().sealed)):
            sealed.append(rotate().sealed)
        assert sum(sealed) == 20
        assert keys_in_use() == {"k2"}
        assert opened() == list(range(1, 21))
