"""Every e-mail there is a template for, written with facts that are hard to show."""

from pathlib import Path
from types import SimpleNamespace

from django.conf import settings

from ssi.notifications.notices import Notice
from ssi.notifications.outbox import Email
from ssi.notifications.writing import link_to, written

TEMPLATES: Path = settings.BASE_DIR / "templates"
NEWS = Notice(event="thing.happened", name="A thing happened", when="Now and then.", to="Whoever asks.")
FRAME = {"emails/base", "emails/links"}
NAME = "Siân O'Brien & Søns < a very long name that goes on, and on, until no line of a plain reader can hold it >"
SENTENCE = (
    "The supplier's requests, all 4,980 of them, were closed \N{EN DASH} at 100% \N{EN DASH} and this sentence "
    "goes on beyond what any line of a plain reader may hold, so it has to be broken between its words."
)


def references(first: int, count: int) -> list[tuple[str, str]]:
    """Return references with their links."""
    found = [f"INC{number:012d}" for number in range(first, first + count)]
    return [(reference, link_to(reference)) for reference in found]


def templates_of(kind: str) -> set[str]:
    """Return the names of the e-mails that have a template of this kind, the frames included."""
    paths = (path.relative_to(TEMPLATES) for path in TEMPLATES.glob(f"**/*.{kind}"))
    return {str(path.with_suffix("")) for path in paths if "emails" in path.parts}


def every_email() -> dict[str, Email]:
    """Return each e-mail by the name of its template."""
    return {name: rendered(name) for name in sorted(templates_of("txt") - FRAME)}


def rendered(name: str) -> Email:
    """Write one e-mail with everything that any of them asks for."""
    return written(
        NEWS,
        subject="Request for Install Code INC000000000001: news & more",
        template=name,
        person=SimpleNamespace(name=NAME),
        days=3,
        sentence=SENTENCE,
        what_to_do="open \N{LEFT DOUBLE QUOTATION MARK}Requests\N{RIGHT DOUBLE QUOTATION MARK} & look.",
        links=references(1, 20),
        groups=[("A note was added", references(100, 2)), ("Ours & theirs", references(200, 1))],
        more=4_960,
        facts=[("Reference", "INC000000000001"), ("Answer due by the end of", "Mon 30 Nov 2026")],
        link=link_to("INC000000000001"),
        link_text="Open the request",
        why="You get this because you may work with this request for your company.",
    )
