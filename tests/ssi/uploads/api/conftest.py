"""A program of an ARO, and well-signed files for it to send."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ssi.accounts.models import Person
from ssi.uploads.issuing import Issued
from tests.factories.uploads import GOOD_ROWS, adt_file, sign
from tests.tokens import bearer

NORTHLIGHT = "90-B3-D5-1F-30-03-00-00"
Post = Callable[..., Any]


@pytest.fixture
def program(aroha: Person) -> Client:
    """Return a program of Northlight's ARO."""
    return Client(headers=bearer(aroha))


@pytest.fixture
def post(program: Client, arohas: Issued) -> Post:
    """Return what sends a file as a program does; unless told otherwise a good one."""

    def posted(
        named: tuple[str, bytes] | None = None,
        *,
        by: Client = program,
        kind: str = "adt",
        key: str = "",
        signature: bytes | None = b"good",
        **fields: object,
    ) -> Any:
        name, content = named or adt_file(NORTHLIGHT, "IS", GOOD_ROWS)
        signed = sign(content, *arohas) if signature == b"good" else signature
        body = {"kind": kind, "file": SimpleUploadedFile(name, content), **fields}
        if signed is not None:
            body["signature"] = SimpleUploadedFile(f"{name}.sig", signed)
        return by.post("/api/v1/uploads", body, headers={"Idempotency-Key": key} if key else {})

    return posted
