"""One e-mail for each installing supplier, however many requests it is asked: 12 installers, 12 e-mails."""

from collections.abc import Iterator

from bench.estate import INSTALLERS, estate, new_devices
from bench.harness import Options, Result
from incidents.actions import batches
from incidents.actions.bulk import engine
from incidents.models import WorkPack
from ssi.notifications.models import OutboxMessage

ROWS = 6_000


def run(options: Options) -> Iterator[Result]:
    """Raise a list for all the installers and count what is written to whom."""
    before = OutboxMessage.objects.count()
    job = batches.draft(new_devices(ROWS), estate().actor, confirmed=True)
    while engine.carry_on(job.pk):
        pass
    emails = OutboxMessage.objects.order_by("pk")[before:]
    packs = WorkPack.objects.filter(batch=job).count()
    yield Result(
        f"E-mails to {INSTALLERS} installers",
        ROWS,
        value=f"{len(emails)}",
        limit=f"{INSTALLERS}, one each",
        kept=len(emails) == packs == INSTALLERS == len({each.recipient for each in emails}),
    )
