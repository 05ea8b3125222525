"""What a delivered e-mail means here: a link that opens an account need not stay in our tables."""

from ssi.accounts.notices import PASSWORD_LINK
from ssi.notifications import delivery
from ssi.notifications.models import OutboxMessage


def _forget_link(email: delivery.Delivered) -> None:
    sent = OutboxMessage.objects.filter(
        event=PASSWORD_LINK.event, reference=email.reference, delivered_at__isnull=False
    )
    sent.update(text="Sent. The link is not kept.", html="")


delivery.on_delivered(PASSWORD_LINK.event, _forget_link)
