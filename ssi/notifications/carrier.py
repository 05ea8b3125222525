"""Handing e-mails to the mail server over one kept connection, and telling whose fault a failure is."""

import smtplib
from types import TracebackType
from typing import Self

from django.core.mail import get_connection
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend

from ssi.notifications import pipelining
from ssi.notifications.letters import Letter, as_email
from ssi.notifications.models import OutboxMessage

_CLOSING = 421  # "Service not available, closing transmission channel" (RFC 5321 4.2.3): said at any time
_PERMANENT = 500


class NoMailServer(Exception):  # noqa: N818 - a state of the world, told apart from what is wrong with one e-mail
    """The mail server cannot be reached or lets us not in: no e-mail is at fault. Says why."""


class NotCarried(Exception):  # noqa: N818 - the server's answer to one e-mail
    """This e-mail was not accepted. `for_good` when trying again is of no use. Says why, without any content."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        super().__init__(why)
        self.for_good = for_good


class ConnectionEnded(Exception):  # noqa: N818 - a state of the connection
    """The kept connection ended at this e-mail, which is not at fault: carried again, it goes over a fresh one."""


class Carrier:
    """One connection of Django's e-mail backend, opened when the first e-mail goes and kept for the others."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._close()

    def carry(self, message: OutboxMessage, letter: Letter | None) -> None:
        """Have the server accept an e-mail. Raises NoMailServer, NotCarried or ConnectionEnded.

        Servers end kept connections as they like, so only what fails on a fresh one is put down to the e-mail.
        """
        used = self._backend is not None
        backend = self._opened()
        try:
            _hand_over(message, letter, backend)
        except Exception as failure:
            self._close()
            if used and _connection_ended(failure):
                raise ConnectionEnded from failure
            raise _judged(failure) from failure

    def _opened(self) -> BaseEmailBackend:
        if self._backend is None:
            backend = get_connection()
            try:
                backend.open()
            except (OSError, smtplib.SMTPException) as failure:
                raise NoMailServer(f"No mail server: {_in_words(failure)}.") from failure
            self._backend = backend
        return self._backend

    def _close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            try:
                backend.close()
            except (OSError, smtplib.SMTPException):
                return  # it is of no use to us any more, and what it accepted it has


def _hand_over(message: OutboxMessage, letter: Letter | None, backend: BaseEmailBackend) -> None:
    """Give an e-mail to a backend that is open; Django's for SMTP is given plain ones as they go over the line."""
    if letter is not None and type(backend) is smtp.EmailBackend and backend.connection:
        pipelining.hand_over(backend.connection, letter)
    elif not backend.send_messages([as_email(message)]):
        raise NotCarried("The e-mail backend sent nothing.", for_good=False)


def _judged(failure: Exception) -> NotCarried:
    """Return what a failure means for the e-mail it happened with."""
    if isinstance(failure, NotCarried):
        return failure
    if isinstance(failure, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
        refused_what = "address" if isinstance(failure, smtplib.SMTPRecipientsRefused) else "e-mail"
        why = f"The mail server refused the {refused_what}: {_in_words(failure)}."
        return NotCarried(why, for_good=_code_of(failure) >= _PERMANENT)
    if isinstance(failure, ValueError | smtplib.SMTPNotSupportedError):
        return NotCarried(f"The e-mail cannot be written for this address: {_in_words(failure)}.", for_good=True)
    return NotCarried(f"The mail server did not accept it: {_in_words(failure)}.", for_good=False)


def _connection_ended(failure: Exception) -> bool:
    return isinstance(failure, smtplib.SMTPServerDisconnected) or _code_of(failure) == _CLOSING


def _code_of(failure: Exception) -> int:
    """Return the SMTP reply code in a failure, 0 if it holds none; the outbox sends to one recipient at a time."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return max(int(code) for code, _ in failure.recipients.values())
    return int(failure.smtp_code) if isinstance(failure, smtplib.SMTPResponseException) else 0


def _in_words(failure: Exception) -> str:
    """Name a failure by its kind and code alone: what a server writes beside it may repeat the e-mail."""
    code = _code_of(failure)
    return f"{type(failure).__name__} {code}" if code else type(failure).__name__
