"""For how long devices of a type may be Pending: said by DCC, type by type, each time with a reason."""

from django.db import transaction

from inventory.durations import MOST_MONTHS, default_of
from inventory.models import HousekeepingRule
from inventory.models.choices import TYPE_2, DeviceType
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.refusals import Refusal

CHANGED = "housekeeping_rule.changed"


class NoReasonGiven(Refusal):
    """A reason is missing."""

    suggestion = "Say why, with where it was decided. The audit log keeps it."
    field = "because"


class DurationOutOfRange(Refusal):
    """Devices cannot be left Pending for {months} months."""

    suggestion = f"Give a whole number from 1 to {MOST_MONTHS}, or exclude the type."
    source = "SECMP0060"
    field = "months"


class TypeHasNoStatus(Refusal):
    """A {device_type} is a Type 2 Device: it has no SMI Status, so it is never Pending."""

    suggestion = "There is nothing to change: housekeeping never removes one."
    source = "SEC App AC 4.15"


@transaction.atomic
def change_rule(
    *, device_type: DeviceType, months: int, is_excluded: bool, because: str, by: Actor
) -> HousekeepingRule:
    """Say for how long devices of a type may be Pending, or that they stay; the next run goes by it.

    Raises NotAllowed, NoReasonGiven, DurationOutOfRange, TypeHasNoStatus.
    """
    by.require(Component.SERVICE_DESK)
    if device_type in TYPE_2:
        raise TypeHasNoStatus(device_type=device_type.duis)
    if not 1 <= months <= MOST_MONTHS:
        raise DurationOutOfRange(months=months)
    if not because.strip():
        raise NoReasonGiven
    rule, was_made = HousekeepingRule.objects.select_for_update().get_or_create(
        device_type=device_type, defaults={"months": months, "is_excluded": is_excluded}
    )
    usual = default_of(device_type)
    before = (usual.months, usual.is_excluded) if was_made else (rule.months, rule.is_excluded)
    rule.months, rule.is_excluded = months, is_excluded
    rule.save(update_fields=["months", "is_excluded"])
    log.record(
        CHANGED,
        by=by,
        about=rule,
        months_before=before[0],
        was_excluded=before[1],
        months=months,
        is_excluded=is_excluded,
        because=because.strip(),
    )
    return rule
