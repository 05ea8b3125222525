"""Writing an e-mail: a template for each part, text that plain readers show well, links to one kind of page."""

import re
import textwrap
from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string

from ssi.notifications.notices import Notice, Pace
from ssi.notifications.outbox import Email

LONGEST_LINE = 78
"""RFC 5322 2.1.1: lines should be no longer, so that plain readers show them unbroken."""

_BLANK_LINES = re.compile(r"\n{3,}")


def written(notice: Notice, *, subject: str, template: str, **facts: object) -> Email:
    """Return the e-mail that `template`.txt and .html make of `facts`; templates/emails/base.html names them."""
    may_choose = notice.least != Pace.AT_ONCE
    context = {"subject": subject, "demo": settings.SSI_DEMO, "may_choose": may_choose, **facts}
    return Email(
        notice=notice,
        subject=subject,
        text=_folded(render_to_string(f"{template}.txt", context)),
        html=render_to_string(f"{template}.html", context),
    )


def link_to(reference: str) -> str:
    """Return the address of the page about a reference: the only one that e-mails about work link to."""
    return f"{settings.SSI_BASE_URL}/incidents/{reference}/"


def _folded(text: str) -> str:
    """Return `text` with long lines broken between words; a link stays whole."""
    lines = [part for line in text.splitlines() for part in _parts(line.rstrip())]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"


def _parts(line: str) -> Sequence[str]:
    return [line] if len(line) <= LONGEST_LINE or "://" in line else _wrapped(line)


@lru_cache(maxsize=256)
def _wrapped(line: str) -> Sequence[str]:
    """Return a long line in parts; most are the same in every e-mail of a kind."""
    return textwrap.wrap(line, LONGEST_LINE, break_long_words=False, break_on_hyphens=False)
