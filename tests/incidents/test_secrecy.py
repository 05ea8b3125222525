"""After a whole journey a code stands nowhere but in its envelope: no table, log, e-mail, session or broker.

"Nowhere" means in no usual spelling: hexadecimal in any case and grouping, base64, raw bytes, a list of numbers.
"""

import base64
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from incidents.models import InstallCodeRequest
from inventory.actions import install_codes
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person
from ssi.notifications import delivery
from tests.factories.incidents import CODE, CODE_WITH_CRC, MISTYPED, OTHER_CODE_WITH_CRC, device_of
from tests.personas import client_of
from tests.tokens import bearer

WRONG = OTHER_CODE_WITH_CRC


def spellings(code: str) -> list[bytes]:
    """Return how a code may look, in small letters and without separators where it has letters and digits."""
    raw = bytes.fromhex(code[:32])
    text = code[:32].encode()
    found = [text.lower(), text.hex().encode(), text.lower().hex().encode(), raw]
    for shift in range(3):  # base64 looks different at each of three offsets
        for value in (raw, text, text.lower()):
            inner = base64.b64encode(b"\0" * shift + value)[4:-4]
            found += [inner.lower(), inner.translate(bytes.maketrans(b"+/", b"-_")).lower()]
    found.append(",".join(map(str, raw)).encode())
    return found


def holds(haystack: bytes, code: str) -> bool:
    """Tell whether `haystack` holds a code in any of those spellings."""
    lowered = haystack.lower()
    forms = (haystack, lowered, re.sub(rb"[^0-9a-z]", b"", lowered), re.sub(rb"\s", b"", lowered))
    return any(spelling in form for form in forms for spelling in spellings(code))


@pytest.mark.parametrize(
    "text",
    [
        CODE.encode(),
        CODE.lower().encode(),
        "-".join(CODE[at : at + 2] for at in range(0, 32, 2)).encode(),
        " ".join(CODE[at : at + 4] for at in range(0, 32, 4)).encode(),
        b"xy" + bytes.fromhex(CODE),
        b"a" + base64.b64encode(b"to" + bytes.fromhex(CODE)),
        base64.urlsafe_b64encode(b"code=" + CODE.encode()),
        str(list(bytes.fromhex(CODE))).encode(),
        CODE.encode().hex().encode(),
    ],
)
def test_the_search_itself_finds_a_code(text: bytes) -> None:
    assert holds(b"before " + text + b" after", CODE)
    assert not holds(b"before " + text[:10] + b" after", CODE)


def every_row() -> Iterator[tuple[str, bytes]]:
    """Yield each table's name and content, as PostgreSQL copies it out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            with cursor.copy(f'COPY (SELECT * FROM "{table}") TO STDOUT') as copy:
                yield table, b"".join(bytes(part) for part in copy)


def in_the_broker() -> bytes:
    """Return everything that Valkey holds."""
    broker = redis.Redis.from_url(settings.REDIS_URL)
    return b"\n".join(
        repr(broker.lrange(key, 0, -1) if broker.type(key) == b"list" else broker.dump(key)).encode()
        for key in broker.scan_iter()
    )


def on_disk(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the portal's own files, without the database's."""
    for path in folder.rglob("*"):
        if path.is_file() and not {"postgres", "valkey", "static"} & set(path.relative_to(folder).parts):
            yield str(path), path.read_bytes()


def send(browser: Client, path: str, **fields: Any) -> Any:
    return browser.post(path, {"idempotency_key": str(uuid.uuid4()), **fields}, follow=True)


def journey(gina: Person, ivan: Person) -> InstallCodeRequest:
    """Raise, try a mistyped code, answer wrongly, reveal, return, try it in notes, answer, reveal."""
    raiser, installer = client_of(gina), client_of(ivan)
    api = Client(headers=bearer(gina, can_reveal=True))

    send(
        raiser, "/install-code-requests/raise/", device_id=device_of(ivan).device_id, responsible="on", step="send"
    )
    request = InstallCodeRequest.objects.get()
    page = request.get_absolute_url()
    send(installer, f"{page}answer/", install_code=MISTYPED)
    send(installer, f"{page}answer/", install_code=CODE)  # 32 digits, once
    send(installer, f"{page}answer/", install_code=CODE, install_code_again=CODE.replace("A", "B"))
    send(installer, f"{page}answer/", install_code=WRONG)
    assert WRONG[:4] in send(raiser, f"{page}reveal/", reason="To join it.").content.decode()
    send(raiser, f"{page}reveal/", reason=f"Is it {WRONG}?")
    send(raiser, f"{page}close/", outcome="wrong_code")
    send(installer, f"{page}notes/", text=f"Try {CODE_WITH_CRC}")
    send(installer, f"{page}decline/", reason="other", detail=f"It is {' '.join(CODE)}")
    send(raiser, f"{page}withdraw/", reason=CODE)
    send(installer, f"{page}answer/", install_code="-".join(CODE_WITH_CRC[at : at + 4] for at in range(0, 36, 4)))
    revealed = api.post(
        f"/api/v1/install-code-requests/{request.reference}/reveal",
        json.dumps({"reason": "To join it."}),
        content_type="application/json",
        headers={"Idempotency-Key": "once"},
    )
    assert revealed.json()["install_code"] == CODE
    api.post(
        f"/api/v1/install-code-requests/{request.reference}/answer",
        json.dumps({"install_code": CODE_WITH_CRC}),
        content_type="application/json",
        headers={"Idempotency-Key": "again"},
    )
    return request


@pytest.mark.django_db(transaction=True)
def test_a_code_stands_nowhere_but_in_its_envelope(
    gina: Person, ivan: Person, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    journey(gina, ivan)
    delivery.deliver_waiting()
    delivery.handle_delivered()
    said = capfd.readouterr()
    places = dict(every_row())
    assert len(places) > 15
    assert SealedInstallCode.objects.count() == 1  # the wrong one was erased
    places |= {f"session {row.pk}": repr(row.get_decoded()).encode() for row in Session.objects.all()}
    places |= {f"e-mail {number}": email.message().as_bytes() for number, email in enumerate(mail.outbox)}
    assert len(mail.outbox) == 3
    places |= dict(on_disk(settings.SSI_DATA_DIR))
    places |= {
        "log": caplog.text.encode() + repr([record.__dict__ for record in caplog.records]).encode(),
        "terminal": (said.out + said.err).encode(),
        "broker": in_the_broker(),
    }
    for code in (CODE, WRONG):
        assert [place for place, content in places.items() if holds(content, code)] == []


@pytest.mark.django_db(transaction=True)
def test_some_time_after_closing_the_code_is_erased(gina: Person, ivan: Person) -> None:
    request = journey(gina, ivan)
    send(client_of(gina), f"{request.get_absolute_url()}close/", outcome="worked")
    request.refresh_from_db()
    assert (request.state, request.reveals) == ("closed", 1)
    SealedInstallCode.objects.update(erase_at=timezone.now())
    install_codes.erase_due()
    assert not SealedInstallCode.objects.exists()
