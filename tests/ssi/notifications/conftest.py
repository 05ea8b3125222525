"""A mail server, and a way to let time pass for the outbox."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django import Settings

from ssi.notifications.models import OutboxMessage
from tests.broker import use_broker, valkey
from tests.ssi.notifications.mail_server import MailServer

__all__ = ["let_pass", "mail_server", "use_broker", "valkey"]


@pytest.fixture(params=[False, True], ids=["one by one", "in one go"])
def mail_server(request: pytest.FixtureRequest, settings: Settings) -> Iterator[MailServer]:
    """Run a mail server and have Django deliver to it, once for each way to give it commands."""
    server = MailServer()
    server.pipelines = request.param
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    settings.EMAIL_TIMEOUT = 0.5
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield server
    server.stop()


def let_pass(wait: timedelta) -> None:
    """Make every e-mail as old as if `wait` had passed."""
    OutboxMessage.objects.update(next_attempt_at=F("next_attempt_at") - wait)
