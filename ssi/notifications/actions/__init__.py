"""What can be done about e-mails: sent again by the desk, found to have bounced, wanted at another pace."""

from ssi.notifications.actions.outbox import send_again
from ssi.notifications.actions.preferences import choose_paces

__all__ = ["choose_paces", "send_again"]
