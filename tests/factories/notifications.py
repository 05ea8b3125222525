"""E-mails in the outbox, made straight in the table."""

import factory
from factory.django import DjangoModelFactory

from ssi.notifications.models import OutboxMessage


class OutboxMessageFactory(DjangoModelFactory[OutboxMessage]):
    """An e-mail that is due now."""

    class Meta:
        model = OutboxMessage

    recipient = factory.Sequence(lambda n: f"reader{n}@invented.example")
    subject = factory.Sequence(lambda n: f"Thing {n}: please look")
    text = "Please look at it — today.\n"
    html = "<p>Please look at it &mdash; today.</p>"
    event = "thing.happened"
    about = "thing"
    reference = factory.Sequence(lambda n: f"INC{n:012d}")
