"""Telling of releases: raisers once a run, depositors once a Working Day at most.

Each release says whether its raiser was told, each rule which day its depositor was last told of. What is told and
the e-mail that tells it are one transaction: nothing is told twice, and nothing is forgotten after a kill.
"""

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from incidents import recipients
from incidents.emails import escrow as emails
from incidents.emails.many import MOST_LISTED
from incidents.models import EscrowRelease, EscrowRule
from ssi.calendar.search import overrides
from ssi.eui64 import Eui64
from ssi.working_days import LONDON, in_working_hours


@transaction.atomic(durable=True)
def tell_raisers(now: datetime) -> int:
    """Write one e-mail to each raiser of releases nobody told it of; return how many releases that were.

    Another worker's releases are told by it, or by whoever comes next.
    """
    untold = EscrowRelease.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        raiser_told_at__isnull=True
    )
    references: dict[Eui64, list[str]] = defaultdict(list)
    told = []
    for key, raiser, reference in untold.order_by("pk").values_list(
        "pk", "request__raised_by", "request__reference"
    ):
        told.append(key)
        references[raiser].append(reference)
    for raiser in sorted(references):
        answered = references[raiser]
        emails.answered(
            answered[:MOST_LISTED],
            user_id=raiser,
            total=len(answered),
            to=recipients.who_may_read_answers_for(raiser),
        )
    EscrowRelease.objects.filter(pk__in=told).update(raiser_told_at=now)
    return len(told)


def tell_depositors(now: datetime) -> int:
    """Write to each depositor, in working hours, of the days before today it was not told of; return how many."""
    if not in_working_hours(now, overrides()):
        return 0
    yesterday = timezone.localdate(now, LONDON) - timedelta(days=1)
    untold = EscrowRule.objects.filter(Q(told_date__lt=yesterday) | Q(told_date__isnull=True))
    return sum(_tell(user_id, yesterday) for user_id in untold.order_by("pk").values_list("pk", flat=True))


@transaction.atomic(durable=True)
def _tell(user_id: Eui64, until: date) -> bool:
    """Tell one depositor of its releases up to the end of the day `until`; tell whether there were any."""
    rule = EscrowRule.objects.select_for_update(skip_locked=True).filter(pk=user_id).first()
    if rule is None or (rule.told_date is not None and rule.told_date >= until):
        return False  # another worker is at it, or was
    releases = EscrowRelease.objects.filter(deposit__deposited_by=user_id, released_at__lt=_end_of(until))
    if rule.told_date is not None:
        releases = releases.filter(released_at__gte=_end_of(rule.told_date))
    rule.told_date = until
    rule.save(update_fields=["told_date"])
    total = releases.count()
    if total:
        newest = releases.order_by("-released_at", "-pk").values_list("request__reference", flat=True)[
            :MOST_LISTED
        ]
        emails.answered_from_escrow(
            list(newest), user_id=user_id, total=total, to=recipients.who_may_answer_for(user_id)
        )
    return bool(total)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, LONDON)
