"""The later check of the raiser's claim to be the Responsible Supplier against registration data (MP121 R5).

Nobody can verify a raiser when it asks. So each night, for the requests of the last 90 days: was the raiser's
party the supplier of that meter point, or did it become so within 30 days? The desk alone sees what comes of it,
since it tells of other parties' registrations.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from incidents import recipients
from incidents.actions.asking_alerts import raise_alerts
from incidents.emails import responsibility as emails
from incidents.models import Contradiction, InstallCodeRequest
from incidents.models.choices import Responsibility
from inventory.models.choices import DeviceType, RegistrationKind
from ssi.access.actor import Actor
from ssi.accounts.search import successors
from ssi.audit import log

BATCH = 5_000
ONE_E_MAIL_A_DAY = 8_700_902
"""Key of the advisory lock under which a run sees whether today's e-mail has gone."""

WITHOUT_GAS = (DeviceType.ESME, DeviceType.HCALCS)
WITHOUT_ELECTRICITY = (DeviceType.GSME, DeviceType.GPF)
"""Of other devices, such as a PPMID, either supplier of the home may be the responsible one."""

# The requests of a batch; its bounds are those of the keys, of which the newest were raised last.
_BOUNDS = """
SELECT min(id), max(created_at) FROM (
    SELECT id, created_at FROM incidents_installcoderequest WHERE id < %s ORDER BY id DESC LIMIT %s
) AS page
"""

# What the inventory says of a device's meter points counts; what the raiser gave only where that says nothing.
_CHECK = """
WITH batch AS (
    SELECT id, device_id, device_type, mpxn, raised_by_party_id, responsibility,
        (created_at AT TIME ZONE %(zone)s)::date AS raised_date
    FROM incidents_installcoderequest
    WHERE id >= %(first)s AND id < %(before)s AND created_at >= %(since)s
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), known AS (
    SELECT batch.id, point.id AS meter_point_id
    FROM batch JOIN inventory_device device ON device.device_id = batch.device_id
    CROSS JOIN LATERAL (
        VALUES (device.import_meter_point_id), (device.secondary_import_meter_point_id)
    ) AS point(id)
    WHERE point.id IS NOT NULL
), points AS (
    SELECT * FROM known
    UNION ALL
    SELECT batch.id, point.id FROM batch JOIN inventory_meterpoint point ON point.mpxn = batch.mpxn
    WHERE batch.mpxn <> '' AND NOT EXISTS (SELECT FROM known WHERE known.id = batch.id)
), verdicts AS (
    SELECT batch.id, batch.responsibility AS before, CASE
        WHEN bool_or(batch.raised_by_party_id IN (holder.party_id, heir.party_id)) THEN %(confirmed)s
        WHEN count(there.id) > 0 THEN %(contradicted)s
        ELSE %(unchecked)s
    END AS verdict
    FROM batch
    LEFT JOIN points ON points.id = batch.id
    LEFT JOIN inventory_registration there ON there.meter_point_id = points.meter_point_id
        AND (there.kind = %(electricity)s AND NOT batch.device_type = ANY(%(without_electricity)s)
            OR there.kind = %(gas)s AND NOT batch.device_type = ANY(%(without_gas)s))
        AND there.from_date <= batch.raised_date + %(agreed_days)s
        AND (there.to_date IS NULL OR there.to_date >= batch.raised_date)
    LEFT JOIN accounts_userid holder ON holder.eui = there.user_id
    LEFT JOIN unnest(%(taken_over)s::bigint[], %(heirs)s::bigint[]) AS heir(user_id, party_id)
        ON heir.user_id = there.user_id
    GROUP BY batch.id, batch.responsibility
)
UPDATE incidents_installcoderequest request SET responsibility = verdicts.verdict
FROM verdicts WHERE request.id = verdicts.id AND verdicts.verdict <> verdicts.before
RETURNING request.id, request.reference, verdicts.before, verdicts.verdict
"""


class Changed(NamedTuple):
    """A request of which registration data say something else than at the last check."""

    pk: int
    reference: str
    before: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a night's check did: verdicts that changed, by what they are now, and parties newly alerted to."""

    changed: Counter[str]
    alerts: int


def check_all(now: datetime | None = None) -> Checked:
    """Do what the clock does each night: check the claims, and alert to parties that ask more than they gain."""
    now = now or timezone.now()
    return Checked(check(now), raise_alerts(now))


def check(now: datetime | None = None) -> Counter[str]:
    """Check the requests of the last days, batch by batch, and tell the desk what is contradicted.

    A request that somebody moves at this moment is checked the next night. May be stopped and run again at any
    time. Returns how many verdicts changed, by what they are now.
    """
    now = now or timezone.now()
    since = now - timedelta(days=settings.SSI_RESPONSIBILITY_CHECKED_DAYS)
    tally: Counter[str] = Counter()
    before = _past_the_newest()
    while True:
        first, newest_at = _bounds(before)
        if first is None or newest_at is None or newest_at < since:
            break
        tally.update(_check_batch(first, before, since, now))
        before = first
    _tell_the_desk(now)
    return tally


def _past_the_newest() -> int:
    newest = InstallCodeRequest.objects.order_by("-id").values_list("id", flat=True).first()
    return (newest or 0) + 1


def _bounds(before: int) -> tuple[int | None, datetime | None]:
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS, [before, BATCH])
        first, newest_at = cursor.fetchone()
    return first, newest_at


@transaction.atomic
def _check_batch(first: int, before: int, since: datetime, now: datetime) -> Counter[str]:
    changed = _verdicts(first, before, since)
    found = [each for each in changed if each.verdict == Responsibility.CONTRADICTED]
    cleared = [each for each in changed if each.before == Responsibility.CONTRADICTED]
    Contradiction.objects.bulk_create(Contradiction(request_id=each.pk, found_at=now) for each in found)
    Contradiction.objects.filter(pk__in=[each.pk for each in cleared]).delete()
    _record("contradicted", found)
    _record("no_longer_contradicted", cleared)
    return Counter(each.verdict for each in changed)


def _verdicts(first: int, before: int, since: datetime) -> list[Changed]:
    heirs = successors()
    with connection.cursor() as cursor:
        cursor.execute(
            _CHECK,
            {
                "first": first,
                "before": before,
                "since": since,
                "zone": settings.TIME_ZONE,
                "agreed_days": settings.SSI_RESPONSIBILITY_AGREED_DAYS,
                "electricity": RegistrationKind.IMPORT_SUPPLIER.value,
                "gas": RegistrationKind.GAS_SUPPLIER.value,
                "without_gas": [each.value for each in WITHOUT_GAS],
                "without_electricity": [each.value for each in WITHOUT_ELECTRICITY],
                "confirmed": Responsibility.CONFIRMED.value,
                "contradicted": Responsibility.CONTRADICTED.value,
                "unchecked": Responsibility.UNCHECKED.value,
                "taken_over": [user_id.as_bigint for user_id in heirs],
                "heirs": [heir.user_id.party_id for heir in heirs.values()],
            },
        )
        return [Changed(*row) for row in cursor.fetchall()]


def _record(what: str, changed: Sequence[Changed]) -> None:
    """Write into the audit log what the desk will see; the parties' own history says nothing of it."""
    about = [InstallCodeRequest(pk=each.pk, reference=each.reference) for each in changed]
    log.record_many(f"install_code_request.claim_{what}", by=Actor.system(), about=about)


@transaction.atomic
def _tell_the_desk(now: datetime) -> None:
    """Write one e-mail a day about what was contradicted since the last one; each request is named once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_E_MAIL_A_DAY])
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    untold = Contradiction.objects.filter(told_at__isnull=True)
    references = list(untold.order_by("-pk").values_list("request__reference", flat=True))
    if not references or Contradiction.objects.filter(told_at__gte=midnight).exists():
        return
    untold.update(told_at=now)
    emails.claims_contradicted(references, on=timezone.localdate(now), to=recipients.service_desk())
