"""What a test does with a browser on the pages of requests."""

import re
import uuid
from typing import Any

from django.test import Client

RAISE = "/install-code-requests/raise/"


def send(browser: Client, path: str, **fields: Any) -> Any:
    """POST a form as its page would, with a fresh key unless one is given."""
    return browser.post(path, {"idempotency_key": str(uuid.uuid4()), **fields})


def text_of(response: Any) -> str:
    """Return what a page says, without markup."""
    body = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def hidden_fields(response: Any) -> dict[str, str]:
    """Return the hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', response.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}
