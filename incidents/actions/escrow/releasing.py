"""Answering from escrow: requests whose installing supplier left a code and a rule that lets it go (MP281).

One query finds what is due and locks it; it moves in a chunk that is committed. Two at once skip what the other
holds, and after a kill the next goes on with what is left. A request is released once: the table says so too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.utils import timezone

from incidents import history, notices, rules
from incidents.actions.escrow.telling import tell_raisers
from incidents.actions.install_code_requests import clock
from incidents.models import EscrowedCode, EscrowRelease, EscrowRule, InstallCodeRequest
from incidents.models.choices import Event, ObligationEnd, ReleaseRule, Responsibility, State
from inventory.models import Device, SealedInstallCode
from ssi import working_days
from ssi.access.actor import Actor
from ssi.calendar.search import overrides
from ssi.crypto import CannotOpen
from ssi.eui64 import Eui64
from ssi.notifications import outbox
from ssi.workflow import perform_many
from ssi.working_days import CUT_OFF, LONDON, NO_OVERRIDES, Overrides

log = structlog.get_logger(__name__)

RELEASED = "install_code_request.released"
BY_THEMSELVES = (ReleaseRule.AT_ONCE, ReleaseRule.AFTER_ONE_WORKING_DAY)
CHUNK = 200
MOST_CHUNKS = 250
"""A run ends after so many; whatever is left waits for the next, so that no worker is held for long."""

# A request whose code was once found wrong is for people to answer, and so is one whose raiser registration data
# contradict. Devices are looked up only for what is claimed: the planner would rather read many more of them.
_DUE = """
SELECT request.id, deposit.id
FROM incidents_installcoderequest request
JOIN incidents_escrowedcode deposit ON deposit.device_id = request.device_id
    AND deposit.deposited_by_id = request.assigned_to_id AND deposit.withdrawn_at IS NULL
JOIN incidents_escrowrule rule ON rule.user_id = deposit.deposited_by_id AND rule.rule = ANY(%(rules)s)
WHERE request.state = %(assigned)s AND request.responsibility <> %(contradicted)s
    AND (rule.rule = %(at_once)s OR request.created_at <= %(raised_by)s)
    AND request.id <> ALL(%(stuck)s)
    AND NOT EXISTS (
        SELECT FROM incidents_obligation clock WHERE clock.request_id = request.id AND clock.answered_wrongly
    )
LIMIT %(chunk)s
FOR NO KEY UPDATE OF request SKIP LOCKED FOR SHARE OF deposit, rule SKIP LOCKED
"""


@dataclass(slots=True)
class _Run:
    """What one pass has done, and which requests it could not answer: those wait for somebody to look."""

    at: datetime
    rules: Sequence[ReleaseRule]
    released: int = 0
    stuck: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Due:
    """A request, the deposit that answers it, and the code sealed for it."""

    request: InstallCodeRequest
    deposit: EscrowedCode
    code: SealedInstallCode


def release_due(now: datetime, by_rules: Sequence[ReleaseRule] = BY_THEMSELVES) -> int:
    """Answer every request that a code in escrow answers by its depositor's rule, and tell the raisers.

    `by_rules` narrows it to depositors with such rules: what may wait a Working Day need not be looked for
    whenever somebody asks. Return how many were answered. May run twice at once and be killed anywhere; call it
    outside any transaction.
    """
    run = _Run(at=now, rules=by_rules)
    for _ in range(MOST_CHUNKS):
        if not _release_chunk(run):
            break
    tell_raisers(now)
    return run.released


def answered_if_raised_by(now: datetime, days: Overrides = NO_OVERRIDES) -> datetime:
    """Return the latest moment of raising after which one whole Working Day has passed at `now`.

    Counted as the obligation is: raised on a Monday by 17:00, day one is Tuesday, released as Wednesday begins.
    """
    day_one = working_days.add_working_days(timezone.localdate(now, LONDON), -1, days)
    return datetime.combine(working_days.add_working_days(day_one, -1, days), CUT_OFF, LONDON)


@transaction.atomic(durable=True)
def _release_chunk(run: _Run) -> int:
    """Release what is due and nobody else holds, up to a chunk; return how many were looked at."""
    pairs = _claimed(run)
    due = {each.request.pk: each for each in _sealed(pairs)}
    rule_of = dict(EscrowRule.objects.values_list("pk", "rule"))
    moved, _ = perform_many(
        [each.request for each in due.values()],
        "release",
        by=Actor.system(),
        event=RELEASED,
        facts=lambda request: {"code": due[request.pk].code, "at": run.at},
        follow=lambda requests: _follow([due[request.pk] for request in requests], run.at),
        details=lambda request: _facts_of(due[request.pk], rule_of),
    )
    run.released += len(moved)
    run.stuck |= {request for request, _ in pairs} - {request.pk for request in moved}
    return len(pairs)


def _claimed(run: _Run) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _DUE,
            {
                "rules": list(run.rules),
                "assigned": State.ASSIGNED,
                "contradicted": Responsibility.CONTRADICTED,
                "at_once": ReleaseRule.AT_ONCE,
                "raised_by": answered_if_raised_by(run.at, overrides()),
                "stuck": sorted(run.stuck),
                "chunk": CHUNK,
            },
        )
        return list(cursor.fetchall())


def _sealed(pairs: Sequence[tuple[int, int]]) -> list[_Due]:
    """Seal each code anew for its own request, where its device still needs one.

    One that does not open is left, and said to the operator.
    """
    requests = InstallCodeRequest.objects.in_bulk([request for request, _ in pairs])
    deposits = EscrowedCode.objects.select_related("code", "deposited_by__party").in_bulk(
        [each for _, each in pairs]
    )
    needed = _still_needed([each.device_id for each in deposits.values()])
    due = []
    for request, deposit in pairs:
        kept = deposits[deposit].code
        ours = needed.get(deposits[deposit].device_id) == deposits[deposit].deposited_by_id
        try:
            if kept is not None and ours:
                due.append(_Due(requests[request], deposits[deposit], kept.sealed_anew()))
        except CannotOpen:
            log.error("escrow_cannot_open", reference=requests[request].reference)
    SealedInstallCode.objects.bulk_create(each.code for each in due)
    return due


def _still_needed(device_ids: Sequence[Eui64]) -> Mapping[Eui64, Eui64 | None]:
    """Return who pre-notified those of the devices that still need a code: the status may have changed since."""
    devices = Device.objects.filter(pk__in=device_ids, smi_status__in=rules.PERMITTED_STATUSES)
    return dict(devices.values_list("pk", "notified_by"))


def _follow(due: Sequence[_Due], at: datetime) -> None:
    """Write down what a release entails: which deposit it was, the history, the clock, an e-mail less."""
    requests = [each.request for each in due]
    EscrowRelease.objects.bulk_create(
        EscrowRelease(deposit=each.deposit, request=each.request, released_at=at) for each in due
    )
    history.add_many(requests, Event.RELEASED, by=Actor.system())
    clock.stop(requests, ObligationEnd.ANSWERED, at=at)
    outbox.take_back_many(
        event=notices.INSTALLER_ASKED.event,
        about=InstallCodeRequest.audit_name,
        references=[each.reference for each in requests],
    )


def _facts_of(due: _Due, rule_of: Mapping[Eui64, str]) -> Mapping[str, object]:
    depositor = due.deposit.deposited_by
    return {
        "from_escrow": due.deposit.pk,
        "depositor": str(depositor.eui),
        "depositor_party": depositor.party.name,
        "rule": rule_of[depositor.eui],
        "deposited_at": due.deposit.deposited_at.isoformat(timespec="seconds"),
    }
