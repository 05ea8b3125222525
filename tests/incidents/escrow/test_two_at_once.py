"""Two workers at one escrow, people in between, and a worker that is killed: each request is answered once."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.utils import timezone

from incidents.actions import install_code_requests as requests
from incidents.actions.escrow import releasing
from incidents.actions.escrow.releasing import release_due
from incidents.actions.escrow.ruling import choose_rule
from incidents.actions.escrow.withdrawing import withdraw
from incidents.models import EscrowRelease, InstallCodeRequest, InstallCodeRequestEvent, Obligation
from incidents.models.choices import Event, ReleaseRule, State
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import Refusal
from tests.factories.incidents import CODE_WITH_CRC
from tests.incidents.escrow.depositing import asked_for, deposited, ruled
from tests.incidents.test_two_at_once import at_once
from tests.personas import actor_of
from tests.processes import environment_of_this_test

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = ReleaseRule.AT_ONCE


def released_once(count: int) -> None:
    """Check that as many requests were answered, each exactly once, and nothing else was."""
    assert InstallCodeRequest.objects.filter(state=State.ANSWERED).count() == count
    assert EscrowRelease.objects.count() == count
    assert InstallCodeRequestEvent.objects.filter(event=Event.RELEASED).count() == count
    assert AuditEvent.objects.filter(event="install_code_request.released").count() == count
    assert Obligation.objects.filter(ended_at__isnull=False).count() == count
    given = InstallCodeRequest.objects.filter(install_code__isnull=False).values_list("install_code", flat=True)
    assert len(set(given)) == count
    assert log.verify().broken_id is None


def told_of(mails: list[OutboxMessage]) -> int:
    """Return how many answers these e-mails tell of, by their subjects."""
    return sum(int(mail.subject.split(": ")[1].split()[0]) for mail in mails)


def test_workers_share_the_work(gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releasing, "CHUNK", 4)
    held = [deposited(ivan) for _ in range(30)]
    ruled(ivan, AT_ONCE)
    asked_for(held, gina)
    answered = at_once(*[lambda: release_due(timezone.now())] * 3)
    left = release_due(timezone.now())  # what two skipped because each thought the other had it
    assert sum(answered) + left == 30
    released_once(30)
    mails = list(OutboxMessage.objects.filter(event="install_code_request.answered"))
    assert told_of(mails) == 30
    assert len(mails) <= 4


def test_two_raisers_of_one_deposit(gina: Person, rhea: Person, ivan: Person) -> None:
    held = [deposited(ivan) for _ in range(5)]
    ruled(ivan, AT_ONCE)
    asked_for(held, gina)
    asked_for(held, rhea)
    at_once(*[lambda: release_due(timezone.now())] * 2)
    release_due(timezone.now())
    released_once(10)


@pytest.mark.parametrize("round_", range(3))
def test_a_release_and_a_withdrawal(gina: Person, ivan: Person, round_: int) -> None:
    held = deposited(ivan)
    ruled(ivan, AT_ONCE)
    asked_for([held], gina)
    outcomes = at_once(
        lambda: release_due(timezone.now()), lambda: withdraw(device_ids=[held.device_id], by=actor_of(ivan))
    )
    assert outcomes[1] == 1
    released_once(outcomes[0])
    assert SealedInstallCode.objects.count() == outcomes[0]


@pytest.mark.parametrize("round_", range(3))
def test_a_release_and_an_answer_by_hand(gina: Person, ivan: Person, round_: int) -> None:
    held = deposited(ivan)
    ruled(ivan, AT_ONCE)
    (request,) = asked_for([held], gina)
    by = actor_of(ivan)
    released, answered = at_once(
        lambda: release_due(timezone.now()),
        lambda: requests.answer(reference=request.reference, install_code=CODE_WITH_CRC, by=by),
    )
    assert (released == 1) == isinstance(answered, Refusal)
    assert InstallCodeRequest.objects.get().state == State.ANSWERED
    assert SealedInstallCode.objects.count() == 2


def test_nothing_is_released_once_the_rule_says_never(gina: Person, ivan: Person) -> None:
    held = [deposited(ivan) for _ in range(6)]
    ruled(ivan, AT_ONCE)
    asked_for(held, gina)
    by = actor_of(ivan)
    at_once(
        lambda: release_due(timezone.now()),
        lambda: choose_rule(rule=ReleaseRule.NEVER, understood=True, by=by),
    )
    answered = InstallCodeRequest.objects.filter(state=State.ANSWERED).count()
    assert release_due(timezone.now()) == 0
    released_once(answered)


_RELEASE = """
import django; django.setup()
from django.utils import timezone
from incidents.actions.escrow import releasing
releasing.CHUNK = 3
print("ready", flush=True)
releasing.release_due(timezone.now())
"""


def test_a_worker_is_killed_in_between(gina: Person, ivan: Person) -> None:
    """Whatever was committed stays, the rest is taken up, and every answer is told of once."""
    held = [deposited(ivan) for _ in range(60)]
    ruled(ivan, AT_ONCE)
    asked_for(held, gina)
    patience = random.Random(2026)
    for _ in range(4):
        worker = subprocess.Popen(
            [sys.executable, "-c", _RELEASE],
            env=environment_of_this_test(),
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(patience.uniform(0.02, 0.25))
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(timeout=10)
    release_due(timezone.now())
    released_once(60)
    mails = list(OutboxMessage.objects.filter(event="install_code_request.answered"))
    assert told_of(mails) == 60
    assert not OutboxMessage.objects.filter(event="install_code_request.installer_asked").exists()
