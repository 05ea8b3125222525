"""The reference page of answers is what the code says."""

from django.conf import settings

from inventory.reference import pages

NAME = "duis-answers.md"


def test_the_page_is_current() -> None:
    page = settings.BASE_DIR / "docs" / "reference" / NAME
    assert page.read_text(encoding="utf-8") == pages()[NAME], "Run `make docs`."


def test_every_refusal_is_complete() -> None:
    rows = [row.split(" | ") for row in pages()[NAME].splitlines() if row.startswith(("| SSI-", "| E"))]
    assert len(rows) > 30
    for _code, _tick, detail, suggestion, source in rows:
        assert detail.endswith(".")
        assert suggestion
        assert source.strip(" |")
