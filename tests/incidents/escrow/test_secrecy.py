"""Codes that were deposited, refused, released, read and found wrong stand nowhere but in their envelopes."""

from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from incidents.actions.bulk import engine
from incidents.actions.escrow.releasing import release_due
from incidents.models import BulkJob, EscrowedCode, InstallCodeRequest
from incidents.models.choices import ReleaseRule, State
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person
from ssi.notifications import delivery
from tests.factories.incidents import CODE, CODE_WITH_CRC, OTHER_CODE, OTHER_CODE_WITH_CRC, device_of
from tests.incidents.browsing import send
from tests.incidents.escrow.depositing import asked_for, ruled
from tests.leaks import everything_in_the_broker, everything_in_the_database, holds
from tests.personas import actor_of, client_of

ESCROW = "/install-code-requests/escrow/"


def deposit_in_every_way(browser: Client, ivan: Person) -> None:
    """Send codes to the page and in a file: right, mistyped, in the wrong column, without their check digits."""
    one, two, three = (device_of(ivan).device_id for _ in range(3))
    for code in (f"{CODE}C3B6", CODE, CODE_WITH_CRC):
        send(browser, f"{ESCROW}deposit/", device_id=one, install_code=code)
    send(browser, f"{ESCROW}deposit/", device_id=OTHER_CODE_WITH_CRC, install_code=str(one))
    lines = (
        "Device ID,Install code,Again",
        f"{two},{OTHER_CODE_WITH_CRC},",
        f"{three},{CODE},{OTHER_CODE}",
        f"{CODE_WITH_CRC},{three},",
    )
    for name in ("codes.csv", f"{CODE}.csv"):
        file = BytesIO("\n".join(lines).encode())
        file.name = name
        send(browser, f"{ESCROW}upload/", file=file)
    job = BulkJob.objects.get()
    engine.carry_on(job.pk)
    send(browser, f"{job.get_absolute_url()}confirm/")
    engine.carry_on(job.pk)
    assert job.rows.filter(finding="").count() == 1


@pytest.mark.django_db(transaction=True)
def test_no_code_stands_in_the_clear(gina: Person, ivan: Person, capfd: pytest.CaptureFixture[str]) -> None:
    browser, raiser = client_of(ivan), client_of(gina)
    deposit_in_every_way(browser, ivan)
    assert EscrowedCode.objects.count() == 2
    ruled(ivan, ReleaseRule.AT_ONCE)
    first, _ = asked_for(list(EscrowedCode.objects.order_by("pk")), gina)
    assert release_due(timezone.now()) == 2
    page = first.get_absolute_url()
    shown = send(raiser, f"{page}reveal/", reason="To join it.")
    assert CODE[:4] in shown.content.decode()
    send(raiser, f"{page}close/", outcome="wrong_code")
    assert InstallCodeRequest.objects.filter(state=State.ASSIGNED).get() == first
    delivery.deliver_waiting()
    said = capfd.readouterr()
    places = dict(everything_in_the_database()) | dict(everything_in_the_broker(settings.REDIS_URL))
    places |= {"what was logged": (said.out + said.err).encode()}
    assert len(places) > 40
    for code in (CODE, OTHER_CODE):
        assert [place for place, content in places.items() if holds(content, code)] == []
    assert SealedInstallCode.objects.count() == 2  # one in escrow, and what it answered with
    assert not EscrowedCode.objects.visible_to(actor_of(gina)).exists()
