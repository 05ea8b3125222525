"""After a whole journey a code stands nowhere but in its envelope: no table, log, e-mail, session or broker.

Within one process; `tests/whole/test_no_code_leaks.py` does the same with the real web server and worker.
"""

import json
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils import timezone

from incidents.models import InstallCodeRequest
from inventory.actions import install_codes
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person
from ssi.notifications import delivery
from tests.factories.incidents import CODE, CODE_WITH_CRC, MISTYPED, OTHER_CODE_WITH_CRC, device_of
from tests.leaks import everything_in_the_broker, everything_in_the_database, everything_of_this_process, holds
from tests.personas import client_of
from tests.tokens import bearer

WRONG = OTHER_CODE_WITH_CRC


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
    places = dict(everything_in_the_database())
    assert len(places) > 15
    assert SealedInstallCode.objects.count() == 1  # the wrong one was erased
    places |= {f"session {row.pk}": repr(row.get_decoded()).encode() for row in Session.objects.all()}
    places |= {f"e-mail {number}": email.message().as_bytes() for number, email in enumerate(mail.outbox)}
    assert len(mail.outbox) == 3
    places |= dict(everything_of_this_process())
    places |= dict(everything_in_the_broker(settings.REDIS_URL))
    places |= {
        "log": caplog.text.encode() + repr([record.__dict__ for record in caplog.records]).encode(),
        "terminal": (said.out + said.err).encode(),
    }
    for code in (CODE, WRONG):
        assert [place for place, content in places.items() if holds(content, code[:32])] == []


@pytest.mark.django_db(transaction=True)
def test_some_time_after_closing_the_code_is_erased(gina: Person, ivan: Person) -> None:
    request = journey(gina, ivan)
    send(client_of(gina), f"{request.get_absolute_url()}close/", outcome="worked")
    request.refresh_from_db()
    assert (request.state, request.reveals) == ("closed", 1)
    SealedInstallCode.objects.update(erase_at=timezone.now())
    install_codes.erase_due()
    assert not SealedInstallCode.objects.exists()
