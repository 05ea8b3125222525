"""Reading e-mails as people's mail programs do: the HTML part as a page, the text part in eighty columns."""

import re
from html.parser import HTMLParser

from ssi.notifications.models import OutboxMessage

NOT_IN_AN_EMAIL = {"img", "script", "link", "iframe", "form", "video", "audio", "object", "embed", "base"}
LONGEST_LINE = 78


class Page(HTMLParser):
    """What an HTML e-mail shows and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.language = ""
        self._is_style = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element and every address in it."""
        self.tags.add(tag)
        self._is_style = tag == "style"
        values = dict(attrs)
        self.language = self.language or values.get("lang") or ""
        self.addresses |= {str(values[name]) for name in ("href", "src", "background", "action") if name in values}

    def handle_endtag(self, tag: str) -> None:
        """Leave a style sheet."""
        self._is_style = False

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        if not self._is_style:
            self.words.append(data.strip())

    @property
    def text(self) -> str:
        """Return what a person reads."""
        return " ".join(word for word in self.words if word)


def refuse_bad_email(email: OutboxMessage) -> None:
    """Fail if a part of an e-mail reads badly, or fetches or leads to anything it should not."""
    refuse_bad_text(email.text)
    refuse_bad_html(email.html)
    addresses = set(re.findall(r"https?://\S+", email.text))
    assert addresses == Page(email.html).addresses


def refuse_bad_text(text: str) -> None:
    """Fail if plain text has long lines, markup, ragged gaps, or a link that shares its line."""
    for line in text.splitlines():
        assert "://" in line or len(line) <= LONGEST_LINE, line
        assert "://" not in line or re.fullmatch(r"https?://\S+", line), line
        assert line == line.rstrip(), "trailing blanks"
    assert "\n\n\n" not in text
    assert not text.startswith("\n")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not re.search(r"&(#\d+|#x[0-9a-f]+|[a-z]+);|</?[a-z]|\{[{%#]", text), "markup"


def refuse_bad_html(html: str) -> None:
    """Fail if a page has remote content, no language, no dark colours, or tables that are read out."""
    page = Page(html)
    assert not page.tags & NOT_IN_AN_EMAIL
    assert "url(" not in html
    assert "@import" not in html
    assert page.language == "en-GB"
    assert {"h1", "title"} <= page.tags
    assert html.count("<table") == html.count('role="presentation"')
    assert "prefers-color-scheme: dark" in html
    assert 'content="light dark"' in html
    assert 'content="width=device-width' in html
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert "{{" not in html
    assert "{%" not in html
