"""After a whole journey through the real portal an install code stands nowhere but in its envelope.

The web server, the worker, PostgreSQL and Valkey are real processes. The codes are made for this test alone, so
that nothing found can come from anywhere else.
"""

import base64
import gzip
import json
import secrets
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request

import pytest
import redis
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from incidents.models import BulkJob, InstallCodeRequest
from incidents.models.choices import BulkState, State
from inventory.actions import install_codes
from inventory.install_code import InstallCode
from inventory.models import Device, SealedInstallCode
from ssi.accounts.demo_accounts import DEMO_PASSWORD
from ssi.accounts.models import Person
from ssi.embedded.valkey import Valkey
from ssi.notifications.models import OutboxMessage
from tests.factories.inventory import DeviceFactory
from tests.leaks import (
    everything_in_the_broker,
    everything_in_the_database,
    everything_of_this_process,
    everything_on_disk,
    holds,
)
from tests.personas import actor_of
from tests.processes import celery_worker, web_server
from tests.tokens import bearer
from tests.whole.portal import FormBrowser, hidden_fields

SOON = 30.0  # seconds
API = "/api/v1/install-code-requests"
ANSWERS = "/install-code-requests/answers/"
BATCHES = "/install-code-requests/batches"
HEADER = "Reference,Device ID,Install code,Install code again,Decline reason,Detail"
BOUNDARY = "between-the-parts"
CODE = "83FED3407A939723A5C639B26916D505"


# --- The scanner itself -------------------------------------------------------------------------------------

RAW = bytes.fromhex(CODE)
PLANTED: dict[str, bytes] = {
    "capitals": CODE.encode(),
    "small letters": CODE.lower().encode(),
    "with check digits": f"{CODE}C3B5".encode(),
    "pairs with dashes": "-".join(CODE[at : at + 2] for at in range(0, 32, 2)).encode(),
    "fours with blanks": " ".join(CODE[at : at + 4] for at in range(0, 32, 4)).encode(),
    "lines": "\r\n".join(CODE[at : at + 8] for at in range(0, 32, 8)).encode(),
    "bytes": RAW,
    "bytes the other way round": RAW[::-1],
    "digits the other way round": CODE[::-1].encode(),
    "hex of bytes the other way round": RAW[::-1].hex().encode(),
    "base64 of bytes": base64.b64encode(b"to" + RAW),
    "base64 of digits": base64.b64encode(b"code=" + CODE.encode()),
    "base64 for addresses": base64.urlsafe_b64encode(b"x" + RAW + b"\xc3\xb5"),
    "base64 alone": base64.b64encode(RAW).rstrip(b"="),
    "base32": base64.b32encode(RAW),
    "percent signs": quote(RAW).encode(),
    "percent signs on all": "".join(f"%{each:02x}" for each in RAW).encode(),
    "UTF-16": CODE.encode("utf-16"),
    "UTF-16 of pairs": ":".join(CODE[at : at + 2] for at in range(0, 32, 2)).encode("utf-16-be"),
    "numbers": str(list(RAW)).encode(),
    "one number": str(int(CODE, 16)).encode(),
    "escapes": "".join(f"\\x{each:02x}" for each in RAW).encode(),
    "hex of digits": CODE.encode().hex().encode(),
    "compressed": zlib.compress(b"some text and " + CODE.encode()),
    "zipped": gzip.compress(CODE.encode(), mtime=0),
    "JSON in base64 in hex": base64.b64encode(json.dumps({"code": CODE}).encode()).hex().encode(),
    "compressed in base64": base64.urlsafe_b64encode(zlib.compress(json.dumps({"c": CODE}).encode())),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_the_scanner_finds_a_planted_code(kind: str) -> None:
    planted = PLANTED[kind]
    assert holds(planted, CODE)
    assert not holds(planted, "30313233343536373839414243444546")
    if kind not in {"compressed", "zipped"}:
        assert holds(b"before: " + planted + b" :after", CODE)


@pytest.mark.django_db
def test_the_scanner_finds_one_in_a_table_and_in_a_session(gina: Person) -> None:
    before = [place for place, content in everything_in_the_database() if holds(content, CODE)]
    gina.name = f"Gina {CODE[:16]}-{CODE[16:]}"
    gina.save(update_fields=["name"])
    Session.objects.create(
        session_key="planted",
        session_data=SessionStore().encode({"a": CODE * 40}),
        expire_date="2030-01-01T00:00Z",
    )
    after = {place for place, content in everything_in_the_database() if holds(content, CODE)}
    assert before == []
    assert after == {
        f"public.{table} as {form}"
        for table in ("accounts_person", "django_session")
        for form in ("text", "binary")
    }


# --- The journey --------------------------------------------------------------------------------------------


class Visitor(FormBrowser):
    """Somebody with a browser, whose every page is kept by the address it came from."""

    def __init__(self, address: str, person: Person) -> None:
        super().__init__(address)
        self.pages: list[tuple[str, bytes]] = []
        self.sign_in(person.email, DEMO_PASSWORD)

    def _open(self, request: Request) -> str:
        try:
            with self.opener.open(request, timeout=20) as answer:
                self.url, body, headers = answer.url, answer.read(), bytes(answer.headers)
        except HTTPError as refused:
            body, headers = refused.read(), bytes(refused.headers)
        self.pages.append((f"page {request.selector.split('?')[0]}", headers + body))
        return str(body.decode())

    def fill(self, path: str, **typed: str) -> str:
        """Open a page and send its form."""
        return self.send(self.get(path), **typed)

    def upload(self, path: str, name: str, content: str) -> str:
        """Open a page and send its form with a file."""
        fields = hidden_fields(self.get(path)) | {"file": content}
        parts = []
        for field, value in fields.items():
            named = f'; filename="{name}"' if field == "file" else ""
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{named}\r\n\r\n'
            parts.append(f"{head}{value}\r\n")
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Origin": self.address}
        body = "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()
        return self._open(Request(self.address + path, data=body, headers=headers))

    def shown(self) -> bytes:
        """Return the last page, and keep it no more: it shows what it is for."""
        return self.pages.pop()[1]


class Program(Visitor):
    """A supplier's program."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        FormBrowser.__init__(self, address)
        self.pages = []
        self.headers = headers

    def call(self, path: str, body: object) -> str:
        key = secrets.token_hex(8)
        headers = {**self.headers, "Content-Type": "application/json", "Idempotency-Key": key}
        return self._open(Request(f"{self.address}{API}{path}", data=json.dumps(body).encode(), headers=headers))


@contextmanager
def overheard(url: str) -> Iterator[list[bytes]]:
    """Keep every command that Valkey is sent meanwhile: messages that are gone when one looks are among them."""
    heard: list[bytes] = []
    with redis.Redis.from_url(url, socket_timeout=None) as broker, broker.monitor() as monitor:
        is_over = threading.Event()

        def listen() -> None:
            for command in monitor.listen():
                heard.append(repr(command).encode())
                if is_over.is_set():
                    return

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield heard
        finally:
            is_over.set()
            with redis.Redis.from_url(url) as other:
                other.ping()
            thread.join(SOON)


def new_code() -> InstallCode:
    return InstallCode(secrets.token_bytes(16))


def mistyped(code: InstallCode) -> str:
    digits = code.with_crc
    return digits[:7] + ("0" if digits[7] != "0" else "1") + digits[8:]


@pytest.fixture
def devices(rhea: Person, ivan: Person) -> list[Device]:
    """Return two devices of Ivan's company; the portal outside this process can check the passwords of both."""
    hasher = PBKDF2PasswordHasher()
    for person in (rhea, ivan):
        person.password = hasher.encode(DEMO_PASSWORD, hasher.salt())
        person.save(update_fields=["password"])
    return DeviceFactory.create_batch(2, notified_by_id=actor_of(ivan).user_id)


def soon(what: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.1)
    return False


def everything_is_sent() -> bool:
    return not OutboxMessage.objects.filter(delivered_at=None).exists()


def try_everything_wrong(installer: Visitor, page: str, code: InstallCode) -> None:
    """Type the code where it does not belong, and wrongly where it does."""
    grouped = " ".join(code.hex[at : at + 4] for at in range(0, 32, 4))
    assert "The check digits do not match." in installer.fill(f"{page}answer/", install_code=mistyped(code))
    assert code.with_crc in installer.shown().decode()  # offered to the installer, in this answer alone
    installer.fill(f"{page}answer/", install_code=code.hex)
    installer.fill(f"{page}answer/", install_code=code.hex, install_code_again=code.with_crc[4:])
    installer.fill(f"{page}answer/", install_code=f"{grouped}, thanks", legacy_length="nonsense")
    installer.fill(f"{page}answer/", correction=code.with_crc, install_code=code.with_crc)
    assert "seems to hold an install code" in installer.fill(f"{page}notes/", text=f"Try {code.with_crc}")
    installer.fill(f"{page}notes/", text=f"The first half is {code.hex[:14]}, then {code.with_crc[14:]}.")
    installer.fill(f"{page}decline/", reason="other", detail=f"It is {grouped}")
    installer.get(f"/devices/?q={quote(grouped)}")
    installer.get(f"/incidents/{code.hex}/")
    installer.get(f"/devices/{quote(grouped)}/")


def raise_on_screen(raiser: Visitor, device: Device) -> str:
    """Return the address of the request for the device's code."""
    typed = {"device_id": str(device.device_id), "responsible": "on"}
    check = raiser.fill("/install-code-requests/raise/", **typed, step="check")
    raiser.send(check, step="send")
    return InstallCodeRequest.objects.get(device_id=device.device_id).get_absolute_url()


def answer_by_program(theirs: Program, ours: Program, reference: str, right: InstallCode) -> None:
    """Send the code in every shape but the right one, then in that; read it."""
    for body in (
        {"install_code": mistyped(right)},
        {"install_code": [right.hex], "install_code_again": {right.hex: right.hex}},
        {"install_code": right.hex * 10},
        right.hex,
    ):
        assert '"status": 422' in theirs.call(f"/{reference}/answer", body)
    theirs.call(f"/{reference}/notes", {"text": right.with_crc})
    assert '"state": "answered"' in theirs.call(f"/{reference}/answer", {"install_code": right.with_crc})
    theirs.call(f"/{reference}/answer", {"install_code": right.with_crc})
    ours.call(f"/{reference}/reveal", {"reason": right.hex})
    ours.call(f"/{reference}/reveal", {"reason": "To join it."})
    assert right.with_crc in ours.shown().decode()


def becomes(job: BulkJob, state: BulkState) -> bool:
    """Wait until the worker has brought a job so far."""
    return soon(lambda: BulkJob.objects.get(pk=job.pk).state == state)


def answer_by_file(installer: Visitor, reference: str, code: InstallCode) -> None:
    """Send the code in a file's name, mistyped, in a wrong column and in a note; then rightly."""
    assert "name of the file" in installer.upload(ANSWERS, f"{code.hex}.csv", f"{HEADER}\n{reference},,,,,\n")
    wrong = [
        f"{reference},,{mistyped(code)},,,",
        f"{code.with_crc},,,,,",
        f"{reference},{code.hex},,,,",
        f"{reference},,,,We no longer hold the code,It was {code.with_crc}",
    ]
    for number, line in enumerate([*wrong, f"{reference},,{code.with_crc},,,"]):
        installer.upload(ANSWERS, f"answers-{number}.csv", f"{HEADER}\n{line}\n")
        job = BulkJob.objects.order_by("-id")[0]
        assert becomes(job, BulkState.CHECKED), line
        page = installer.get(job.get_absolute_url())
        installer.get(f"{BATCHES}/{job.reference}/bad-rows.csv")
    installer.url = f"{installer.address}{BATCHES}/{job.reference}/confirm/"
    installer.send(page)
    assert becomes(job, BulkState.DONE)
    installer.get(f"{BATCHES}/{job.reference}/results.csv")


def reveal(raiser: Visitor, page: str, code: InstallCode) -> None:
    raiser.fill(f"{page}reveal/", reason="To join it.")
    assert code.hex in raiser.shown().decode()
    raiser.fill(f"{page}reveal/", reason=f"Is it {code.with_crc}?")


def journey(
    address: str, rhea: Person, ivan: Person, devices: list[Device], codes: list[InstallCode]
) -> list[Visitor]:
    """Answer one request wrongly, then by program, and another by file; read each code, and close."""
    wrong, right, filed = codes
    raiser, installer = Visitor(address, rhea), Visitor(address, ivan)
    theirs, ours = Program(address, bearer(ivan)), Program(address, bearer(rhea, can_reveal=True))
    first, second = (raise_on_screen(raiser, device) for device in devices)

    try_everything_wrong(installer, first, wrong)
    assert "Install code sealed and sent" in installer.fill(f"{first}answer/", correction=wrong.with_crc)
    reveal(raiser, first, wrong)
    raiser.fill(f"{first}close/", outcome="wrong_code")
    answer_by_program(theirs, ours, first.split("/")[2], right)
    answer_by_file(installer, second.split("/")[2], filed)
    reveal(raiser, second, filed)
    for visitor in (raiser, installer):
        for page in (first, second, "/install-code-requests/export/"):
            visitor.get(page)
    for page in (first, second):
        raiser.fill(f"{page}close/", outcome="worked")
    assert soon(everything_is_sent)
    return [raiser, installer, theirs, ours]


@pytest.mark.django_db(transaction=True)
def test_a_code_stands_nowhere_but_in_its_envelope(
    valkey: Valkey, tmp_path: Path, rhea: Person, ivan: Person, devices: list[Device]
) -> None:
    codes = [new_code() for _ in range(3)]
    with (
        overheard(valkey.url) as heard,
        celery_worker(tmp_path, broker=valkey.url),
        web_server(tmp_path, broker=valkey.url) as address,
    ):
        visitors = journey(address, rhea, ivan, devices, codes)
        places: dict[str, Any] = dict(everything_in_the_broker(valkey.url))
    assert set(InstallCodeRequest.objects.values_list("state", "reveals")) == {(State.CLOSED, 1)}
    kept = {sealed.take().hex for sealed in SealedInstallCode.objects.all()}
    assert kept == {code.hex for code in codes[1:]}  # readable by nobody; the wrong one was erased at once
    places |= dict(everything_in_the_database())
    places |= dict(everything_on_disk(tmp_path, but=frozenset({"static"})))
    places |= dict(everything_of_this_process())
    places |= {f"{place} ({number})": page for each in visitors for number, (place, page) in enumerate(each.pages)}
    places |= {"broker, overheard": b"\n".join(heard)}
    for kind in (
        "web.log",
        "worker.log",
        ".eml",
        "accounts_person",
        "audit_auditevent",
        "outboxmessage",
        "broker",
    ):
        assert any(kind in place and content for place, content in places.items()), kind
    assert len(heard) > 10
    for code in codes:
        assert [place for place, content in places.items() if holds(content, code.hex)] == []
    SealedInstallCode.objects.update(erase_at=timezone.now())
    assert install_codes.erase_due() == len(kept)
