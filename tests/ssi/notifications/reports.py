"""Delivery status notifications as mail servers write them."""

from ssi.notifications.models import OutboxMessage

POSTFIX = """Return-Path: <>
Date: Mon, 23 Nov 2026 09:02:14 +0000 (GMT)
From: MAILER-DAEMON@mail.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: no-reply@ssi.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F2A11.1795424534/mail.example"
Message-ID: <{own_id}@mail.example>

This is a MIME-encapsulated message.

--4F2A11.1795424534/mail.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<{recipient}>: host mx.invented.example said: {status} SECRET WORDS OF THE SERVER (in reply to RCPT TO)

--4F2A11.1795424534/mail.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
X-Postfix-Queue-ID: 4F2A11
Arrival-Date: Mon, 23 Nov 2026 09:02:12 +0000 (GMT)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.invented.example
Diagnostic-Code: smtp; 550 {status} SECRET WORDS OF THE SERVER

--4F2A11.1795424534/mail.example
Content-Description: Undelivered Message
Content-Type: {returned_type}

Received: from ssi.example (ssi.example [192.0.2.1])
From: Self-Service Interface <no-reply@ssi.example>
To: {recipient}
Subject: Something
Message-ID: {message_id}

--4F2A11.1795424534/mail.example--
"""

EXCHANGE = """From: <postmaster@invented.example>
To: no-reply@ssi.example
Date: Mon, 23 Nov 2026 09:05:00 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary="b_exchange"
X-MS-Exchange-Message-Is-Ndr:
Message-ID: <{own_id}@invented.example>
In-Reply-To: {message_id}
References: {message_id}
Subject: Undeliverable: Something
Auto-Submitted: auto-replied

--b_exchange
Content-Type: multipart/alternative; differences=Content-Type; boundary="b_inner"

--b_inner
Content-Type: text/html; charset="us-ascii"

<p>Your message couldn't be delivered.</p>
--b_inner--

--b_exchange
Content-Type: message/delivery-status

Reporting-MTA: dns;EX01.invented.example

Final-recipient: RFC822;{recipient}
Action: {action}
Status: {status}
Diagnostic-code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found

--b_exchange--
"""

OUT_OF_OFFICE = """From: {recipient}
To: no-reply@ssi.example
Subject: Automatic reply: Something
In-Reply-To: {message_id}
Message-ID: <{own_id}@invented.example>

I am on leave until Monday. Status: 5.1.1
"""


def report(
    message: OutboxMessage,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    own_id: str = "report-1",
    returned_type: str = "message/rfc822",
    template: str = POSTFIX,
) -> bytes:
    """Return what a mail server sends back about `message`."""
    return template.format(
        message_id=message.message_id,
        recipient=message.recipient,
        status=status,
        action=action,
        own_id=own_id,
        returned_type=returned_type,
    ).encode()
