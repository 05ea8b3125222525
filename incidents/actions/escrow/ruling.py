"""The depositor's own rule: when its codes in escrow answer by themselves (MP281)."""

from django.db import transaction

from incidents.actions.escrow.waking import wake_after_commit
from incidents.models import EscrowRule
from incidents.models.choices import ReleaseRule
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.refusals import Refusal

RULE_CHANGED = "escrow_rule.changed"


class RuleNotConfirmed(Refusal):
    """You have not said that you know what this rule does."""

    suggestion = "Read what it means, and tick the statement if you want it."
    source = "SSI design 7: check before anything that cannot be undone"
    field = "understood"


@transaction.atomic
def choose_rule(*, rule: ReleaseRule, understood: bool, by: Actor) -> EscrowRule:
    """Set when codes that `by`'s User ID deposits answer a request by themselves; the same rule changes nothing.

    From the commit on the new rule holds, also for requests that wait already: whoever releases holds this row.
    Raises RuleNotConfirmed.
    """
    by.require(Component.INSTALL_CODE_REQUEST_RESPOND)
    if not understood:
        raise RuleNotConfirmed
    EscrowRule.objects.bulk_create([EscrowRule(user_id_id=by.user.user_id)], ignore_conflicts=True)
    chosen = EscrowRule.objects.select_for_update().get(pk=by.user.user_id)
    before = chosen.rule
    if before == rule:
        return chosen
    chosen.rule = rule
    chosen.save(update_fields=["rule"])
    wake_after_commit()
    log.record(RULE_CHANGED, by=by, about=chosen, before=before, rule=str(rule))
    return chosen
