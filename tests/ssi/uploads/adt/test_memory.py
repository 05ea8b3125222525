"""How much memory reading takes: the same for a million lines as for three, and for one line without end."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from ssi.uploads.formats import writing
from tests.factories.uploads import GOOD_ROWS
from tests.processes import environment_of_this_test
from tests.ssi.uploads.adt.reading import CREATED_AT, EFFECTIVE, NAME, USER_ID, good

MOST_KB = 200_000
MOST_MORE_KB = 20_000


def measured(path: Path) -> tuple[int, int, int]:
    """Return how many items there were, and the most memory in kB before and after."""
    command = [sys.executable, "-m", "tests.ssi.uploads.adt.memory", str(path)]
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment_of_this_test(),
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    items, before, after = map(int, done.stdout.split())
    return items, before, after


@pytest.mark.django_db
def test_a_million_lines(tmp_path: Path) -> None:
    pieces = writing.adt_file(
        user_id=USER_ID,
        user_role="IS",
        reference="NEW",
        created_at=CREATED_AT,
        effective_date=EFFECTIVE,
        replaces="ALL",
        rows=(GOOD_ROWS[number % 3] for number in range(1_000_000)),
    )
    path = tmp_path / NAME
    with path.open("wb") as file:
        file.writelines(pieces)
    items, before, after = measured(path)
    assert items == 1_000_001, "the header, and a million thresholds without a finding"
    assert after < MOST_KB
    assert after - before < MOST_MORE_KB


@pytest.mark.django_db
def test_one_line_of_a_hundred_million_bytes(tmp_path: Path) -> None:
    path = tmp_path / NAME
    _, content = good()
    path.write_bytes(content + b'",\0\r' * 25_000_000)
    items, before, after = measured(path)
    assert items == 1 + 3 + 1 + 1, "the header, three thresholds, the long line, and that it follows the trailer"
    assert after - before < MOST_MORE_KB
