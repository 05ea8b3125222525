"""Reading delivery status notifications (RFC 3464): which of our e-mails a mail server gave up, and why.

Whatever arrives at the address for bounces is written by strangers. Nothing of its text is kept: the status code
(RFC 3463) alone, which we put into our own words, and the Message-ID, which must be one of ours.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from typing import Final, TypeAlias

Mail: TypeAlias = "Message[str, str]"

MOST_IDS = 20
_STATUS: Final = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,318}>")
_STATUS_PARTS: Final = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED_PARTS: Final = {"message/rfc822", "message/global"}
_RETURNED_HEADERS: Final = {"text/rfc822-headers", "message/global-headers"}
_UNKNOWN: Final = "5.0.0"

_CODES: Final = {
    "1.1": "there is no such mailbox",
    "1.2": "there is no such mail domain",
    "1.3": "the address is not well-formed",
    "1.6": "the mailbox has moved, and nobody knows where",
    "1.10": "the domain accepts no e-mail at all",
    "2.1": "the mailbox is closed",
    "2.2": "the mailbox is full",
    "2.3": "the e-mail is too long for the mailbox",
    "3.4": "the e-mail is too large for the mail server",
    "4.1": "the mail server did not answer",
    "4.4": "the way to the mail server is not known",
    "4.6": "the e-mail went round in circles",
    "4.7": "it could not be delivered in the time allowed",
    "7.1": "the mail server refuses e-mail from us",
    "7.23": "the sender could not be checked (SPF)",
    "7.20": "the sender's signature could not be checked (DKIM)",
    "7.26": "the sender could not be checked",
}
_SUBJECTS: Final = {
    "0": "no reason is given",
    "1": "something is wrong with the address",
    "2": "something is wrong with the mailbox",
    "3": "something is wrong with the mail server there",
    "4": "the network or the way there failed",
    "5": "the mail servers did not understand each other",
    "6": "the mail server does not take e-mail of this form",
    "7": "a rule of the mail server forbids it",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What one notification says.

    `message_ids` are those it may be about, the likeliest first; `status` such as "5.1.1"; `is_final` tells that
    nobody tries any more; `fingerprint` is the notification's own, the same when it is read again.
    """

    message_ids: tuple[str, ...]
    status: str
    is_final: bool
    fingerprint: str


def read(content: bytes) -> Report | None:
    """Return what a delivery status notification says, or None for any other mail, however broken."""
    try:
        mail: Mail = message_from_bytes(content)
    except RecursionError:
        return None  # parts within parts within parts: nobody's mail server writes that
    groups = [group for part in _parts(mail) if part.get_content_type() in _STATUS_PARTS for group in _parts(part)]
    outcomes = [outcome for group in groups if (outcome := _outcome(group)) is not None]
    if not outcomes:
        return None
    final = [status for status, is_final in outcomes if is_final]
    own_id = str(mail.get("Message-ID", ""))
    return Report(
        message_ids=tuple(dict.fromkeys(_ids(mail)))[:MOST_IDS],
        status=final[0] if final else outcomes[0][0],
        is_final=bool(final),
        fingerprint=hashlib.sha256(own_id.encode(errors="replace") or content).hexdigest(),
    )


def in_words(status: str) -> str:
    """Return a status code with what it means: "5.1.1: there is no such mailbox"."""
    _, subject, detail = status.split(".")
    meaning = _CODES.get(f"{subject}.{detail}") or _SUBJECTS.get(subject, "no known reason is given")
    return f"{status}: {meaning}"


def _parts(mail: Mail) -> list[Mail]:
    """Return what directly stands in a mail or part; nothing for one that only calls itself multipart."""
    if not mail.is_multipart():
        return []  # the library would decode what it holds, by whatever character set a stranger names
    payload: object = mail.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _outcome(group: Mail) -> tuple[str, bool] | None:
    """Return the status of one recipient and whether it is final; None for the fields about the message."""
    action = str(group.get("Action", "")).strip().lower()
    code = _STATUS.match(str(group.get("Status", "")))
    if not action and code is None:
        return None
    status = ".".join(str(int(digits)) for digits in code.groups()) if code else _UNKNOWN
    is_final = action.startswith("failed") if action else status.startswith("5")
    return status, is_final


def _ids(mail: Mail) -> Iterator[str]:
    """Yield the Message-IDs that the report may be about: of the e-mail it returns, then those it answers."""
    for part in _parts(mail):
        for returned in _returned(part):
            yield from _MESSAGE_ID.findall(str(returned.get("Message-ID", "")))
    for header in ("In-Reply-To", "References", "Original-Message-ID", "X-Original-Message-ID"):
        yield from _MESSAGE_ID.findall(str(mail.get(header, "")))


def _returned(part: Mail) -> list[Mail]:
    """Return the headers of the e-mail that a report sends back, whole or cut off after them."""
    kind = part.get_content_type()
    if kind in _RETURNED_PARTS:
        return _parts(part)
    if kind in _RETURNED_HEADERS:
        nested = _parts(part)
        decoded = part.get_payload(decode=True)
        text = decoded.decode("ascii", "replace") if isinstance(decoded, bytes) else ""
        return nested or [message_from_string(text)]
    return []
