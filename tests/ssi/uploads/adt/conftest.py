"""An ARO who sends signed files of thresholds, kept in a folder of the test's own."""

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from ssi.accounts.models import Person
from ssi.uploads.actions import receiving
from ssi.uploads.issuing import Issued
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind
from tests.factories.uploads import GOOD_ROWS, Row, adt_file, sign
from tests.personas import actor_of

Send = Callable[..., Upload]


@pytest.fixture
def send(folder: Path, aroha: Person, arohas: Issued) -> Send:
    """Return what receives a well-signed file of thresholds from Northlight's ARO."""

    def sent(rows: Iterable[Row] = GOOD_ROWS, *, auto: bool = False, **wrong: Any) -> Upload:
        name, content = adt_file(aroha.grants.get().acting_for, "IS", rows, **wrong)
        return receiving.receive(
            kind=Kind.ADT,
            file=io.BytesIO(content),
            name=name,
            size=len(content),
            signature=sign(content, *arohas),
            signature_name=f"{name}.sig",
            submit_when_checked=auto,
            by=actor_of(aroha),
        )

    return sent
