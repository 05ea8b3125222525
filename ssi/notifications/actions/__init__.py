"""What can be done about e-mails: sent again by the desk, found to have bounced, wanted at another pace."""

from ssi.notifications.actions.bounces import record_bounces
from ssi.notifications.actions.outbox import send_again
from ssi.notifications.actions.preferences import choose_paces

__all__ = ["choose_paces", "record_bounces", "send_again"]
