"""Commands in one go: what is said to a mail server, and what its answers mean, whichever it refuses."""

import smtplib
from collections.abc import Sequence

import pytest

from ssi.notifications.letters import Letter
from ssi.notifications.pipelining import hand_over

LETTER = Letter("portal@invented.example", "a@invented.example", b"To: a\r\n\r\n.\r\n..x\r\n")
COMMANDS = b"MAIL FROM:<portal@invented.example> size=17\r\nRCPT TO:<a@invented.example>\r\nDATA\r\n"
CONTENT = b"To: a\r\n\r\n..\r\n...x\r\n.\r\n"


class Server(smtplib.SMTP):
    """A mail server that gives the answers a test has for it."""

    def __init__(self, *codes: int | None, extensions: Sequence[str] = ("pipelining", "size")) -> None:
        super().__init__()
        self.esmtp_features = dict.fromkeys(extensions, "")
        self.ehlo_resp = b"ok"
        self.codes = list(codes)
        self.said: list[bytes] = []
        self.is_closed = False

    def send(self, s: object) -> None:
        """Keep what is said."""
        self.said.append(s if isinstance(s, bytes) else str(s).encode())

    def getreply(self) -> tuple[int, bytes]:
        """Give the next answer; hang up where there is none."""
        code = self.codes.pop(0)
        if code is None:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return code, b"because"

    def close(self) -> None:
        """Note it."""
        self.is_closed = True


def test_two_waits_and_the_lines_with_a_dot_doubled() -> None:
    server = Server(250, 251, 354, 250)
    hand_over(server, LETTER)
    assert server.said == [COMMANDS, CONTENT]
    assert not server.codes


def test_one_by_one_where_the_server_does_not_say_that_it_takes_more() -> None:
    server = Server(250, 250, 354, 250, extensions=())
    hand_over(server, LETTER)
    assert len(server.said) == 4


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        ((550, 503, 503, 250), smtplib.SMTPSenderRefused),
        ((250, 550, 503, 250), smtplib.SMTPRecipientsRefused),
        ((250, 250, 452, 250), smtplib.SMTPDataError),
    ],
)
def test_a_refusal_is_smtplibs_and_leaves_the_connection_clean(
    codes: tuple[int, ...], error: type[smtplib.SMTPException]
) -> None:
    server = Server(*codes)
    with pytest.raises(error):
        hand_over(server, LETTER)
    assert server.said == [COMMANDS, b"rset\r\n"]
    assert not server.is_closed


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        ((550, 503, 503, None), smtplib.SMTPSenderRefused),
        ((250, 550, 503, None), smtplib.SMTPRecipientsRefused),
        ((250, 250, 354, 554, None), smtplib.SMTPDataError),
    ],
)
def test_a_server_that_refuses_and_hangs_up_has_refused(
    codes: tuple[int | None, ...], error: type[smtplib.SMTPException]
) -> None:
    with pytest.raises(error):
        hand_over(Server(*codes), LETTER)


def test_a_server_that_waits_for_content_nobody_gets_is_given_none() -> None:
    server = Server(250, 550, 354, 554, 250)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        hand_over(server, LETTER)
    assert server.said == [COMMANDS, b".\r\n", b"rset\r\n"]


@pytest.mark.parametrize("codes", [(421, 421, 421), (250, 421, 421), (250, 250, 421), (250, 250, 354, 421)])
def test_a_server_that_closes_is_asked_nothing_more(codes: tuple[int, ...]) -> None:
    server = Server(*codes)
    with pytest.raises(smtplib.SMTPException):
        hand_over(server, LETTER)
    assert server.is_closed
