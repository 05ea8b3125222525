"""What a person can choose about the e-mails to them."""

from collections.abc import Mapping

from django.db import transaction

from ssi.access.actor import Actor
from ssi.audit import log
from ssi.notifications.models import Preference
from ssi.notifications.notices import Notice, Pace
from ssi.notifications.preferences import chosen_by
from ssi.refusals import NotAllowed, Refusal


class EmailMustArrive(Refusal):
    """“{name}” cannot be chosen like that: {because}"""  # noqa: D400, D415 - the reason is a sentence

    suggestion = "Choose one of these: {paces}."
    source = "SEC App AC 4.16; MP121"


@transaction.atomic
def choose_paces(*, paces: Mapping[Notice, Pace], by: Actor) -> list[Notice]:
    """Let `by` get the given kinds of e-mail at these paces from now on; return those that changed.

    What waits for the next summary still comes in it. Raises EmailMustArrive, and NotAllowed for who is no person.
    """
    if not by.person_email:
        raise NotAllowed(why="Only a person is written to.", way_out="Sign in first.")
    for notice, pace in paces.items():
        if pace not in notice.paces:
            allowed = " or ".join(f"“{each.label}”" for each in notice.paces)
            raise EmailMustArrive.at(notice.field, name=notice.name, because=notice.because, paces=allowed)
    before = chosen_by(by.person_email)
    changed = {each: pace for each, pace in paces.items() if before.get(each.event, Pace.AT_ONCE) != pace}
    if changed:
        _keep(changed, by.person_email)
        preference = Preference(recipient=by.person_email)
        log.record(
            "email_preference.chosen", by=by, about=preference, **{n.event: p.value for n, p in changed.items()}
        )
    return list(changed)


def _keep(paces: Mapping[Notice, Pace], recipient: str) -> None:
    """Write what differs from at once, where everybody starts; of two at the same moment the later one holds."""
    at_once = [notice.event for notice, pace in paces.items() if pace == Pace.AT_ONCE]
    Preference.objects.filter(recipient=recipient, event__in=at_once).delete()
    Preference.objects.bulk_create(
        [
            Preference(recipient=recipient, event=notice.event, pace=pace)
            for notice, pace in paces.items()
            if pace != Pace.AT_ONCE
        ],
        update_conflicts=True,
        unique_fields=["recipient", "event"],
        update_fields=["pace", "chosen_at"],
    )
