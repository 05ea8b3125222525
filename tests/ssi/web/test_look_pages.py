"""Pages that must stand whatever broke, and templates that keep the strict policy."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory

from ssi.refusals import NotAllowed, NotInThisState
from ssi.web import errors

Answer = Callable[[HttpRequest], HttpResponse]


def bare(path: str = "/somewhere/") -> HttpRequest:
    """Return a request as it is before any middleware of ours has touched it."""
    return RequestFactory().get(path)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda request: errors.bad_request(request, ValueError()), 400),
        (lambda request: errors.permission_denied(request, PermissionDenied()), 403),
        (lambda request: errors.page_not_found(request, ValueError()), 404),
        (errors.csrf_failure, 403),
        (lambda request: errors.refused(request, NotInThisState(what="it", state="closed")), 409),
    ],
)
def test_every_error_page_says_what_to_do(answer: Answer, status: int) -> None:
    response = answer(bare())
    assert response.status_code == status
    html = response.content.decode()
    assert "<h1>" in html
    assert 'href="/"' in html


def test_the_last_page_needs_no_database() -> None:
    response = errors.server_error(bare())  # this test has no access to one
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


def test_403_tells_the_reason_of_a_refusal() -> None:
    refusal = NotAllowed(why="This needs the Job Type Role ARO.", way_out="Ask the DCC service desk.")
    html = errors.permission_denied(bare(), PermissionDenied(refusal)).content.decode()
    assert "This needs the Job Type Role ARO." in html
    assert "Ask the DCC service desk." in html


@pytest.mark.parametrize("answer", [lambda r: errors.page_not_found(r, ValueError()), errors.server_error])
def test_programs_get_problem_documents(answer: Answer) -> None:
    response = answer(bare("/api/v1/nowhere"))
    assert response["Content-Type"].startswith("application/problem+json")
    assert json.loads(response.content)["title"]


def test_404_never_echoes_the_address() -> None:
    response = errors.page_not_found(bare("/devices/<script>/"), ValueError())
    assert "<script>/" not in response.content.decode()


def pages() -> list[Path]:
    folder = settings.BASE_DIR / "templates"
    return [path for path in folder.rglob("*.html") if "emails" not in path.parts]


def test_no_page_has_inline_style_or_script() -> None:
    for path in pages():
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|hx-on", text), path
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script, path


def test_every_component_says_how_it_is_used() -> None:
    for path in (settings.BASE_DIR / "templates/components").glob("*.html"):
        assert path.read_text().lstrip().startswith("{% comment %}"), path


def test_the_frame_stands_without_a_request() -> None:
    assert "<main" in render_to_string("base.html", {})


@pytest.mark.parametrize("kind", ["html", "txt"])
def test_an_email_holds_the_reference_and_the_link(kind: str) -> None:
    facts = [("Reference", "INC000000000001"), ("Due", "Mon 30 Nov 2026")]
    link = "http://127.0.0.1:8000/incidents/INC000000000001/"
    mail = render_to_string(f"emails/base.{kind}", {"subject": "Ask & tell", "facts": facts, "link": link})
    assert "INC000000000001" in mail
    assert link in mail
    assert ("Ask &amp; tell" if kind == "html" else "Ask & tell") in mail


def test_an_html_email_fetches_nothing() -> None:
    text = (settings.BASE_DIR / "templates/emails/base.html").read_text()
    assert not re.search(r"<img|<link|src=|url\(", text)
