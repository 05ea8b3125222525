"""An ARO's uploads of a simple kind, kept in a folder of the test's own."""

import io
from collections.abc import Callable

import pytest

from ssi.accounts.models import Person
from ssi.uploads.actions import receiving
from ssi.uploads.issuing import Issued
from ssi.uploads.kinds import registry
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind
from tests.factories.uploads import sign
from tests.personas import actor_of
from tests.ssi.uploads.engine.lines import Lines

Send = Callable[..., Upload]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Have files of thresholds read as simple lines."""
    kind = Lines()
    monkeypatch.setitem(registry.KINDS, Kind.ADT, kind)
    return kind


@pytest.fixture
def send(lines: Lines, aroha: Person, arohas: Issued) -> Send:
    """Return what receives a well-signed file from Northlight's ARO."""

    def sent(
        content: bytes, *, signature: bytes | None = b"good", name: str = "x.csv", auto: bool = False
    ) -> Upload:
        return receiving.receive(
            kind=Kind.ADT,
            file=io.BytesIO(content),
            name=name,
            size=len(content),
            signature=sign(content, *arohas) if signature == b"good" else signature,
            signature_name=f"{name}.sig",
            submit_when_checked=auto,
            by=actor_of(aroha),
        )

    return sent
