"""What a test's program does with the API of requests."""

import json
from typing import Any

from django.test import Client

ROOT = "/api/v1/install-code-requests"
FIELDS = {
    "reference",
    "state",
    "raised_by",
    "assigned_to",
    "assigned_because",
    "notified_at",
    "due_date",
    "device",
}
DETAIL = FIELDS | {"history", "allowed"}


def send(program: Client, path: str, body: object, **headers: str) -> Any:
    """POST `body` as JSON."""
    return program.post(f"{ROOT}{path}", json.dumps(body), content_type="application/json", headers=headers)


def problem(response: Any, status: int) -> dict[str, Any]:
    """Return the problem document that `response` is."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["title"]
    assert document["detail"]
    assert document["suggestion"]
    return document
