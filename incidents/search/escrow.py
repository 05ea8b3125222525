"""What a depositor sees of its codes in escrow: its rule, how many there are, the list; nobody else sees any."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from incidents import rules
from incidents.models import EscrowedCode, EscrowRelease, EscrowRule, InstallCodeRequest
from incidents.models.choices import ReleaseRule, Responsibility, State
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from ssi.prepared import Prepared, Slot
from ssi.web.pages import Page, page_of

NEWEST_FIRST = ("-id",)
EXPORT_CHUNK = 2_000
_PERMITTED = ", ".join(str(int(status)) for status in sorted(rules.PERMITTED_STATUSES))
ANSWERED_AT_ONCE = f"""EXISTS (
    SELECT FROM incidents_escrowedcode deposit
    JOIN incidents_escrowrule rule
        ON rule.user_id = deposit.deposited_by_id AND rule.rule = '{ReleaseRule.AT_ONCE.value}'
    JOIN inventory_device device ON device.device_id = deposit.device_id
        AND device.notified_by_id = deposit.deposited_by_id AND device.smi_status IN ({_PERMITTED})
    WHERE deposit.device_id = request.device_id AND deposit.deposited_by_id = request.assigned_to_id
        AND deposit.withdrawn_at IS NULL AND request.responsibility <> '{Responsibility.CONTRADICTED.value}'
) AND NOT EXISTS (
    SELECT FROM incidents_obligation clock WHERE clock.request_id = request.id AND clock.answered_wrongly
)"""  # noqa: S608 - this package's own constants
"""Of an assigned `request`, as a condition: a code in escrow answers it as soon as a worker looks."""

PATIENCE = timedelta(minutes=1)
"""How long the e-mail to a depositor waits that a code in escrow, due at once, will make needless."""

Deposits = QuerySet[EscrowedCode]
_RELEASES = EscrowRelease.objects.filter(deposit=OuterRef("pk")).order_by().values("deposit")
_USED = Coalesce(Subquery(_RELEASES.annotate(number=Count("pk")).values("number")), 0, output_field=IntegerField())
"""How many requests a deposit answered, asked for each that is shown: joined, all releases would be read."""


class Which(StrEnum):
    """Which deposits a list shows; the values stand in its address."""

    HELD = "held"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a depositor's escrow stands. Counts end at one more than lists count (SSI_HIGHEST_COUNT)."""

    rule: ReleaseRule
    held: int
    wrong: int
    answered: int


def rule_of(actor: Actor) -> ReleaseRule:
    """Return by which rule codes that `actor`'s User ID deposits answer; never, until it chose another."""
    chosen = EscrowRule.objects.filter(pk=actor.user_id).values_list("rule", flat=True).first()
    return ReleaseRule(chosen or ReleaseRule.NEVER)


def standing_of(actor: Actor) -> Standing:
    """Return the rule and the counts of `actor`'s User ID."""
    releases = EscrowRelease.objects.filter(deposit__deposited_by=actor.user_id)
    return Standing(
        rule=rule_of(actor),
        held=_count(deposits_of(actor, Which.HELD)),
        wrong=_count(deposits_of(actor, Which.WRONG)),
        answered=_count(releases),
    )


def deposits_of(actor: Actor, which: Which = Which.HELD, device_id: Eui64 | None = None) -> Deposits:
    """Return `actor`'s deposits: those in escrow, or those whose codes raisers found wrong; or one device's."""
    mine = EscrowedCode.objects.visible_to(actor)
    found = mine.held() if which is Which.HELD else mine.filter(was_wrong=True)
    return found if device_id is None else found.filter(device_id=device_id)


def page_of_deposits(found: Deposits, *, cursor: str = "") -> Page[EscrowedCode]:
    """Return one page of `found`, the newest first, each with `used`, how many requests it answered."""
    return page_of(found.annotate(used=_USED), key=NEWEST_FIRST, cursor=cursor)


def every_one(found: Deposits) -> Iterator[EscrowedCode]:
    """Yield all of `found` with `used`, the newest first, without holding them in memory."""
    return found.annotate(used=_USED).order_by(*NEWEST_FIRST).iterator(chunk_size=EXPORT_CHUNK)


def those(actor: Actor, device_ids: Sequence[Eui64]) -> Sequence[EscrowedCode]:
    """Return those of `actor`'s deposits that are in escrow for these devices, in the order of Device IDs."""
    return list(deposits_of(actor).filter(device_id__in=device_ids).order_by("device_id"))


def asked_not_before(device_id: Eui64, installer: Eui64, now: datetime) -> datetime | None:
    """Return until when an installing supplier need not be told that it is asked: its own code may answer at once.

    Should that not happen within the minute, it is told like anybody else.
    """
    return now + PATIENCE if _AT_ONCE(device_id=device_id, installer=installer) else None


def _answering_at_once() -> "QuerySet[EscrowedCode, int]":
    at_once = EscrowRule.objects.filter(pk=Slot("installer", EscrowRule._meta.pk), rule=ReleaseRule.AT_ONCE)
    device_id = Slot("device_id", EscrowedCode._meta.get_field("device_id"))
    held = EscrowedCode.objects.held().filter(device_id=device_id, deposited_by__in=at_once.values("pk"))
    return held.order_by().values_list("pk", flat=True)[:1]


_AT_ONCE: Final = Prepared(_answering_at_once)


def of_device(device_id: Eui64, *, by: Actor) -> EscrowedCode | None:
    """Return `by`'s deposit in escrow for a device, if there is one."""
    return deposits_of(by).filter(device_id=device_id).annotate(used=_USED).first()


def waiting_for(actor: Actor) -> int:
    """Return how many requests wait for `actor`'s User ID for whose devices it has a code in escrow."""
    held = deposits_of(actor).values("device_id")
    waiting = InstallCodeRequest.objects.filter(
        assigned_to=actor.user_id, state=State.ASSIGNED, device_id__in=held
    )
    return _count(waiting)


def _count(found: QuerySet[EscrowedCode] | QuerySet[EscrowRelease] | QuerySet[InstallCodeRequest]) -> int:
    return found[: settings.SSI_HIGHEST_COUNT + 1].count()
