"""Who is written to about a quarantine event: by what they reach, never by a list."""

from ssi.access.components import Component
from ssi.accounts import recipients
from ssi.uploads.models import QuarantineEvent


def deciders(event: QuarantineEvent) -> list[str]:
    """Return the addresses of the User's AROs, who decide."""
    return recipients.who_reach(Component.EXIT_QUARANTINE_SUBMISSION, event.user_id_id)


def watchers(event: QuarantineEvent) -> list[str]:
    """Return the addresses of those who see the event and do not decide: SROs and security analysts."""
    they = set(deciders(event))
    seeing = recipients.who_reach(Component.ADT_AND_QUARANTINE_VIEW, event.user_id_id)
    return [address for address in seeing if address not in they]


def responsible(event: QuarantineEvent) -> list[str]:
    """Return the addresses of those who answer for a decision that is late: AROs and SROs."""
    senior = recipients.who_reach(Component.ARO_NOMINATION, event.user_id_id)
    return sorted({*deciders(event), *senior})


def service_desk() -> list[str]:
    """Return the addresses of the DCC service desk, which holds the messages until then."""
    return recipients.service_desk()
