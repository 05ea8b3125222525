"""E-mails out of the outbox to a mail server, against a bare smtplib loop that sends the same bytes to it.

The outbox's e-mails go as a worker's run sends them: locked, written, handed over on one kept connection, noted
as delivered and committed. The bare loop has them ready and forgets them.

The two take turns, a few e-mails at a time, and the pair in the middle counts. All that takes part, the server
and the database's process too, is kept on one processor: each waits for another most of the time, and on several
it would depend on the scheduler's luck how long they take to wake each other, for the bare loop up to threefold.
"""

import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from bench.estate import INSTALLERS, estate, new_devices
from bench.harness import Clock, Options, Pair, Result, WrongWork, at_least, expect, middle, timed
from incidents.actions import batches
from incidents.actions.bulk import engine
from incidents.emails import install_code_requests as emails
from incidents.models import InstallCodeRequest, WorkPack
from ssi.notifications import delivery
from ssi.notifications.letters import Letter, plain_letter
from ssi.notifications.models import OutboxMessage

ROWS: Final = 6_000
MESSAGES: Final = 4_000
AT_A_TIME: Final = 200
WARM: Final = 20
PART_OF_THE_RATE: Final = 0.5


def run(options: Options) -> Iterator[Result]:
    """Send e-mails in turn with the bare loop; then raise a list and count what is written to whom."""
    tomorrow = timezone.now() + timedelta(days=1)
    OutboxMessage.objects.waiting(timezone.now()).update(next_attempt_at=tomorrow)  # other lines' e-mails
    with _on_one_processor(), _sink() as port, override_settings(**_server(port)):
        ours, bare = _in_turn(port)
        expect("taken by the mail server", _taken(port)[0], 2 * (MESSAGES + WARM))
    yield Result("E-mails out of the outbox", MESSAGES, ours, bare, wanted=at_least(PART_OF_THE_RATE))
    yield _one_for_each_installer()


def _in_turn(port: int) -> tuple[Clock, Clock]:
    """Send so many out of the outbox, then the same bare, and again; all count at the pace of the middle pair.

    The first few do not count. Of the processors it says what all took.
    """
    pairs: list[Pair] = []
    with smtplib.SMTP("127.0.0.1", port) as server:
        for many in (WARM, *[AT_A_TIME] * (MESSAGES // AT_A_TIME)):
            _post(many)
            waiting = OutboxMessage.objects.waiting(timezone.now())
            ready = [_ready(each) for each in waiting.order_by("next_attempt_at")]
            before = _taken(port)
            with timed() as ours:
                delivery.deliver_waiting(many)
            expect("left in the outbox", waiting.count(), 0)
            between = _taken(port)
            with timed() as bare:
                for letter in ready:
                    server.sendmail(letter.sender, [letter.recipient], letter.content)
            after = _taken(port)
            expect("bytes sent", _difference(between, before), _difference(after, between))
            if many != WARM:
                pairs.append(Pair(ours, bare))
    chosen = middle(pairs)
    return (
        Clock(chosen.ours.seconds * len(pairs), sum(pair.ours.cpu for pair in pairs)),
        Clock(chosen.bare.seconds * len(pairs), sum(pair.bare.cpu for pair in pairs)),
    )


def _post(many: int) -> None:
    with transaction.atomic():
        for number in range(many):
            emails.raiser_answered(InstallCodeRequest(), to=[f"person-{number}@bench.example"])


def _ready(message: OutboxMessage) -> Letter:
    """Return an e-mail as it goes over the line. Raises WrongWork for one that Django would have to write."""
    letter = plain_letter(message)
    if letter is None:
        raise WrongWork(f"{message} is not plain.")
    return letter


@contextmanager
def _on_one_processor() -> Iterator[None]:
    """Keep this process, those it starts and its database's on one processor, where that can be told."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    connection.ensure_connection()
    processes, usual = (0, connection.connection.info.backend_pid), os.sched_getaffinity(0)
    for process in processes:
        os.sched_setaffinity(process, {max(usual)})
    try:
        yield
    finally:
        for process in processes:
            os.sched_setaffinity(process, usual)


@contextmanager
def _sink() -> Iterator[int]:
    """Have a mail server; yield its port."""
    command = (sys.executable, "-m", "bench.sink")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own Python
        try:
            yield int(process.stdout.readline() if process.stdout else 0)
        finally:
            process.terminate()


def _server(port: int) -> dict[str, object]:
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False,
    }


def _taken(port: int) -> tuple[int, int]:
    """Return how many e-mails came to the mail server, of how many bytes."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        messages, size = server.docmd("HELP")[1].split()
    return int(messages), int(size)


def _difference(later: tuple[int, int], earlier: tuple[int, int]) -> tuple[int, int]:
    return later[0] - earlier[0], later[1] - earlier[1]


def _one_for_each_installer() -> Result:
    """Raise a list for all the installers: each gets one e-mail, however many requests it is asked."""
    before = OutboxMessage.objects.count()
    job = batches.draft(new_devices(ROWS), estate().actor, confirmed=True)
    while engine.carry_on(job.pk):
        pass
    written = OutboxMessage.objects.order_by("pk")[before:]
    packs = WorkPack.objects.filter(batch=job).count()
    return Result(
        f"E-mails to {INSTALLERS} installers",
        ROWS,
        value=f"{len(written)}",
        limit=f"{INSTALLERS}, one each",
        kept=len(written) == packs == INSTALLERS == len({each.recipient for each in written}),
    )
