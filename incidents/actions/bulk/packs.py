"""Work packs: what one batch asks of one installing supplier, told in one e-mail once it is complete."""

from collections.abc import Collection

from django.db import connection
from django.utils import timezone

from incidents import recipients
from incidents.actions.install_code_requests import clock
from incidents.emails import batches as emails
from incidents.models import BulkJob, WorkPack
from incidents.models.choices import State
from incidents.search.escrow import ANSWERED_AT_ONCE
from ssi.eui64 import Eui64

_SIZES = """
UPDATE incidents_workpack SET size = counted.size
FROM (SELECT work_pack_id, count(*) AS size FROM incidents_installcoderequest
      WHERE work_pack_id IN (SELECT id FROM incidents_workpack WHERE batch_id = %(batch)s)
      GROUP BY work_pack_id) counted
WHERE incidents_workpack.id = counted.work_pack_id
"""

# What was withdrawn while the batch was being raised needs no asking any more, nor what a code in escrow answers.
_WAITING = f"""
SELECT pack.id, waiting.total, waiting.first_ones
FROM incidents_workpack pack
CROSS JOIN LATERAL (
    SELECT count(*) AS total, (array_agg(reference ORDER BY id))[1:%(most)s] AS first_ones
    FROM incidents_installcoderequest request
    WHERE work_pack_id = pack.id AND state = %(assigned)s AND NOT ({ANSWERED_AT_ONCE})
) waiting
WHERE pack.batch_id = %(batch)s AND waiting.total > 0
"""  # noqa: S608 - this package's own constants


def packs_for(job: BulkJob, installers: Collection[Eui64]) -> dict[Eui64, int]:
    """Return the key of the job's work pack for each installing supplier, made where there was none."""
    packs = _packs_of(job)
    while missing := set(installers) - packs.keys():  # again if a reference was taken
        made = [WorkPack(batch=job, installer_id=installer) for installer in sorted(missing)]
        WorkPack.objects.bulk_create(made, ignore_conflicts=True)
        packs = _packs_of(job)
    return packs


def _packs_of(job: BulkJob) -> dict[Eui64, int]:
    return dict(WorkPack.objects.filter(batch=job).values_list("installer_id", "pk"))


def complete_packs(job: BulkJob) -> None:
    """Count the job's packs, which shows them to their suppliers, and write each one's e-mail."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, {"batch": job.pk})
        cursor.execute(_WAITING, {"batch": job.pk, "assigned": State.ASSIGNED, "most": emails.MOST_LISTED})
        waiting = {pack: (total, first_ones) for pack, total, first_ones in cursor.fetchall()}
    WorkPack.objects.filter(batch=job, size=0).delete()
    packs = WorkPack.objects.filter(pk__in=waiting).order_by("pk")
    to = recipients.who_may_answer_for_each([pack.installer_id for pack in packs])
    due_date = clock.due_date_from(timezone.now())
    for pack in packs:
        total, first_ones = waiting[pack.pk]
        emails.installer_asked(pack, first_ones, total, to=to[pack.installer_id], due_date=due_date)
