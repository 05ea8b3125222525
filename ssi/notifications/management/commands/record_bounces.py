"""Note which e-mails bounced, from what mail servers sent back."""

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ssi.access.actor import Actor
from ssi.notifications import actions
from ssi.notifications.actions.bounces import Answer, Verdict
from ssi.notifications.mailboxes import mails_in


class Command(BaseCommand):
    """Prints one JSON line for each mail on standard output, and a summary on standard error."""

    help = (
        "Reads delivery status notifications (RFC 3464) and shows the e-mails they are about as bounced at the "
        "service desk: files of one mail or many (mbox), Maildir or other folders. Changes none of them, and may "
        "be run again. Prints one line of JSON for each mail, and a summary on standard error. Exit status 0 when "
        "every mail was read, whatever it was; 1 when a file or folder could not be."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take paths."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or folder; - for standard input")

    def handle(self, *args: Any, paths: list[str], **options: Any) -> None:
        """Answer each mail as soon as it is read."""
        tally: Counter[Verdict] = Counter()
        for answer in actions.record_bounces(mails=mails_in(paths), by=Actor.system()):
            self.stdout.write(json.dumps(_line(answer)))
            tally[answer.verdict] += 1
        self.stderr.write(_summary(tally), self.style.NOTICE)
        if tally[Verdict.UNREADABLE]:
            raise CommandError("Not everything could be read; the lines above say what and why.")


def _line(answer: Answer) -> dict[str, str]:
    """Return what is known, and nothing of what the mail says."""
    facts = {
        "mail": answer.name,
        "result": str(answer.verdict),
        "message_id": answer.message_id,
        "status": answer.status,
        "detail": answer.detail,
    }
    return {name: value for name, value in facts.items() if value}


def _summary(tally: Counter[Verdict]) -> str:
    total = tally.total()
    counts = ", ".join(f"{tally[verdict]} {verdict}" for verdict in Verdict if tally[verdict])
    return f"{total} mail{'' if total == 1 else 's'}{': ' if counts else ''}{counts}."
