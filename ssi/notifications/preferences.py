"""At which pace people are written to: at once, until they choose otherwise, as far as the law lets them."""

from collections.abc import Collection, Mapping

from ssi.notifications.models import Preference
from ssi.notifications.notices import Notice, Pace


def paces_of(notice: Notice, recipients: Collection[str]) -> Mapping[str, Pace]:
    """Return the paces at which `recipients` get such an e-mail, by address; who is not in it gets it at once."""
    if notice.least == Pace.AT_ONCE:
        return {}
    chosen = Preference.objects.filter(event=notice.event, recipient__in=recipients)
    return {recipient: notice.held_to(Pace(pace)) for recipient, pace in chosen.values_list("recipient", "pace")}


def chosen_by(recipient: str) -> Mapping[str, Pace]:
    """Return what a person chose, by event; what is not in it comes at once."""
    chosen = Preference.objects.filter(recipient=recipient).values_list("event", "pace")
    return {event: Pace(pace) for event, pace in chosen}
