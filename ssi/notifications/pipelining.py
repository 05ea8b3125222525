"""Handing an e-mail to a mail server that takes commands in one go (RFC 2920): two waits for it instead of four.

smtplib waits for the answer to each command. The answers here, and the errors they raise, are those of smtplib's
own `sendmail`, which serves all other servers.
"""

import contextlib
import smtplib
from typing import Final

from ssi.notifications.letters import Letter

_OK: Final = 250
_FORWARDED: Final = 251
_GO_ON: Final = 354
_CLOSING: Final = 421
_END: Final = b".\r\n"

Reply = tuple[int, bytes]


def hand_over(server: smtplib.SMTP, letter: Letter) -> None:
    """Have a mail server accept a letter. Raises what `smtplib.SMTP.sendmail` raises."""
    server.ehlo_or_helo_if_needed()
    if not server.has_extn("pipelining"):
        server.sendmail(letter.sender, [letter.recipient], letter.content)
        return
    size = f" size={len(letter.content)}" if server.has_extn("size") else ""
    server.send(f"MAIL FROM:<{letter.sender}>{size}\r\nRCPT TO:<{letter.recipient}>\r\nDATA\r\n".encode("ascii"))
    sender, recipient, data = server.getreply(), server.getreply(), server.getreply()
    is_welcome = sender[0] == _OK and recipient[0] in {_OK, _FORWARDED}
    if data[0] == _GO_ON:  # whoever said that waits for the end, though nobody is to get it
        server.send(_with_dots(letter.content) + _END if is_welcome else _END)
        data = server.getreply()
    _judge(server, letter, sender, recipient, data)


def _with_dots(content: bytes) -> bytes:
    """Double each dot that begins a line (RFC 5321 4.5.2)."""
    doubled = content.replace(b"\n.", b"\n..")
    return b"." + doubled if content.startswith(b".") else doubled


def _judge(server: smtplib.SMTP, letter: Letter, sender: Reply, recipient: Reply, data: Reply) -> None:
    """Raise the first refusal among the answers, with the connection ready for the next e-mail, or closed."""
    refusal: smtplib.SMTPException | None = None
    code = data[0]
    if sender[0] != _OK:
        code, refusal = sender[0], smtplib.SMTPSenderRefused(*sender, letter.sender)
    elif recipient[0] not in {_OK, _FORWARDED}:
        code, refusal = recipient[0], smtplib.SMTPRecipientsRefused({letter.recipient: recipient})
    elif data[0] != _OK:
        refusal = smtplib.SMTPDataError(*data)
    if refusal is None:
        return
    if code == _CLOSING:
        server.close()
    else:
        with contextlib.suppress(smtplib.SMTPServerDisconnected):  # it refused before it hung up
            server.rset()
    raise refusal
