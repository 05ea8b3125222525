"""E-mail to disk: what the demo estate uses in place of a mail server."""

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9.@-]+")
_LONGEST_NAME = 100


class EmlFileBackend(BaseEmailBackend):
    """Writes each message to a file of its own in EMAIL_FILE_PATH, as it would go to a mail server.

    The file is RFC 5322 with CRLF line ends, as mail programs open it. It appears whole or not at all, is on the
    disk when `send_messages` returns, and its name follows from the Message-ID: a repeat replaces it.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages and return how many there were; raises OSError where the disk refuses."""
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sent = [message for message in email_messages if message.recipients()]
        for message in sent:
            mime = message.message()
            content = mime.as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django 5.2's own as_bytes
            _write_whole(folder / file_name(str(mime["Message-ID"])), content)
        return len(sent)


def file_name(message_id: str) -> str:
    """Return the name of a message's file: readable, without anything a folder could stumble over, and its own."""
    readable = _NOT_IN_A_FILE_NAME.sub("_", message_id.strip("<> ")).lstrip(".")[:_LONGEST_NAME]
    digest = hashlib.sha256(message_id.encode(errors="surrogateescape")).hexdigest()
    return f"{readable}-{digest[:12]}.eml"


def _write_whole(file: Path, content: bytes) -> None:
    """Put `content` into `file` so that whoever looks finds all of it or nothing, even after a power cut."""
    descriptor, draft = tempfile.mkstemp(prefix=".", suffix=".part", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(draft).replace(file)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
