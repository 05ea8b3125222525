"""A mail server on a real socket that does what a test tells it."""

import asyncio
import socket
from collections import defaultdict
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LONGER_THAN_ANYBODY_WAITS = 3.0  # seconds


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """Accepts everything, unless a test has put other answers first in line.

    `to_recipient[address]` and `to_content` hold answers to give one after another; None drops the connection.
    `slow_by` seconds pass before each message is accepted; `on_content` is called when one has arrived. So many
    recipients as `stalls` says wait for an answer until they hang up. With `pipelines` it says that it takes
    commands in one go, which it does anyway.
    """

    def __init__(self) -> None:
        self.accepted: list[EmailMessage] = []
        self.seen: list[EmailMessage] = []
        self.connections = 0
        self.to_recipient: dict[str, list[str | None]] = defaultdict(list)
        self.to_content: list[str | None] = []
        self.slow_by = 0.0
        self.stalls = 0
        self.pipelines = False
        self.on_content: Callable[[], None] | None = None
        self.port = free_port()
        self._controller: Controller | None = None

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, server_hostname="mail.example", ready_timeout=10
        )
        self._controller.start()

    def stop(self) -> None:
        """Listen no more, and drop who is connected."""
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    def recipients(self) -> list[str]:
        """Return to whom the accepted messages went, sorted."""
        return sorted(str(message["To"]) for message in self.accepted)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count the connections."""
        session.host_name = hostname
        self.connections += 1
        return [responses[0], "250-PIPELINING", *responses[1:]] if self.pipelines else responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]
    ) -> str:
        """Answer as told."""
        if self.stalls > 0:
            self.stalls -= 1
            await asyncio.sleep(LONGER_THAN_ANYBODY_WAITS)
        answers = self.to_recipient[address]
        answer = answers.pop(0) if answers else "250 OK"
        if answer is None:
            return _drop(server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer as told, and keep what was accepted."""
        content: Any = envelope.content
        message = message_from_bytes(content, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        self.seen.append(message)
        if self.on_content:
            self.on_content()
        await asyncio.sleep(self.slow_by)
        answer = self.to_content.pop(0) if self.to_content else "250 Queued"
        if answer is None:
            return _drop(server)
        if answer.startswith("250"):
            self.accepted.append(message)
        return answer


def _drop(server: SMTP) -> str:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()
    return "421 Never seen by the client"
