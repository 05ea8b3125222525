"""How many queries each page makes: tests/query_counts.json holds the numbers, and a change shows in review.

    with counted("device page"):
        client.get(device.get_absolute_url())

When a change of number is meant, `WRITE_QUERY_COUNTS=1 pytest tests/architecture/test_query_counts.py` writes it.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from zeal import zeal_context
from zeal.constants import initialize_app_registry
from zeal.patch import patch

HELD = Path(__file__).with_name("query_counts.json")
_OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE SAVEPOINT")

initialize_app_registry()  # what zeal does as an installed app, here for the tests alone
patch()


@contextmanager
def counted(page: str) -> Iterator[None]:
    """Fail if what happens within makes another number of queries than is held for `page`, or N+1 of them."""
    with zeal_context(), CaptureQueriesContext(connection) as captured:
        yield
    asked = [query["sql"] for query in captured if not query["sql"].startswith(_OF_TRANSACTIONS)]
    held: dict[str, int] = json.loads(HELD.read_text())
    if os.environ.get("WRITE_QUERY_COUNTS"):
        HELD.write_text(json.dumps(dict(sorted((held | {page: len(asked)}).items())), indent=2) + "\n")
    elif held.get(page) != len(asked):
        listed = "\n".join(f"{number:3}  {sql[:300]}" for number, sql in enumerate(asked, 1))
        pytest.fail(f"{page}: {len(asked)} queries, {HELD.name} holds {held.get(page)}.\n{listed}", pytrace=False)
