"""An e-mail as it goes over the line: the same Message-ID and Date at every attempt.

Nearly all of ours are plain: short ASCII headers, a text and its HTML. Those are put together here. Django's own
classes, which serve whatever there may be, take longer over one than a mail server takes to accept it; they write
the others, and all of them for an e-mail backend that is not Django's for SMTP.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

from ssi.notifications.models import OutboxMessage
from ssi.working_days import LONDON

LONGEST_HEADER: Final = 78
"""RFC 5322 2.1.1: longer lines should be folded."""

LONGEST_LINE: Final = 998
"""RFC 5322 2.1.1: longer lines must not be sent."""

_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+")

_HEADERS: Final = {
    "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies, please
    "X-Auto-Response-Suppress": "All",  # the same for Exchange
}
_ALWAYS: Final = [f"{name}: {value}" for name, value in _HEADERS.items()]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail server is given."""

    sender: str
    recipient: str
    content: bytes


def as_email(message: OutboxMessage) -> EmailMultiAlternatives:
    """Return an e-mail of the outbox as Django knows it."""
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[message.recipient],
        headers={"Message-ID": message.message_id, "Date": _date(message), **_HEADERS},
    )
    email.attach_alternative(message.html, "text/html")
    return email


def plain_letter(message: OutboxMessage) -> Letter | None:
    """Return an e-mail of the outbox as a mail server is given it, or None if it is not plain enough for this."""
    by = settings.DEFAULT_FROM_EMAIL
    headers = [
        f"Subject: {message.subject}",
        f"From: {by}",
        f"To: {message.recipient}",
        f"Message-ID: {message.message_id}",
        f"Date: {_date(message)}",
    ]
    bodies = [_body("plain", message.text), _body("html", message.html)]
    sender = _envelope_sender(by)
    if (
        sender is None
        or not _ADDRESS.fullmatch(message.recipient)
        or not all(map(_is_plain, headers))
        or None in bodies
    ):
        return None
    boundary = f"=_{secrets.token_hex(16)}"
    lines = [
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "MIME-Version: 1.0",
        *headers,
        *_ALWAYS,
        "",
    ]
    parts = [f"--{boundary}\r\n{body}" for body in bodies]
    content = "\r\n".join([*lines, *parts, f"--{boundary}--", ""])
    return Letter(sender, message.recipient, content.encode())


def _body(kind: str, text: str) -> str | None:
    """Return a part with its headers; None where it holds what would have to be encoded."""
    lines = text.split("\n")
    if "\r" in text or "\x00" in text or len(max(lines, key=len)) > LONGEST_LINE // (1 if text.isascii() else 4):
        return None
    bits = 7 if text.isascii() else 8
    return "\r\n".join(
        [
            f'Content-Type: text/{kind}; charset="utf-8"',
            "MIME-Version: 1.0",
            f"Content-Transfer-Encoding: {bits}bit",
            "",
            *lines,
        ]
    )


def _is_plain(header: str) -> bool:
    is_short = len(header) <= LONGEST_HEADER or header.startswith("Message-ID: ")  # that has no place to fold it
    return is_short and len(header) <= LONGEST_LINE and header.isascii() and header.isprintable()


def _date(message: OutboxMessage) -> str:
    return _in_words(message.created_at.replace(microsecond=0))


@lru_cache(maxsize=64)
def _in_words(second: datetime) -> str:
    """Return a moment as an e-mail has it; many e-mails are posted in the same second."""
    return format_datetime(second.astimezone(LONDON))


@lru_cache(maxsize=8)
def _envelope_sender(address: str) -> str | None:
    """Return the address alone; None where there is none, for Django to say what is wrong with it."""
    try:
        return parseaddr(sanitize_address(address, settings.DEFAULT_CHARSET))[1]
    except ValueError:
        return None
