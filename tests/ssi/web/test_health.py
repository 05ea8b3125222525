"""Whether the portal is well, as whatever watches it asks."""

import pytest
from django.test import Client

from ssi.web import health


def test_alive_needs_no_database() -> None:
    answer = Client().get("/livez")
    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_everything_answers() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "broker": "ok"}


@pytest.mark.django_db
def test_ready_without_a_broker_says_so(settings: pytest.FixtureRequest) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["broker"].startswith("not reached")


def test_not_ready_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_database", lambda: "not reached")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "not reached"


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_only_to_be_looked_at(path: str) -> None:
    assert Client().post(path).status_code == 405
