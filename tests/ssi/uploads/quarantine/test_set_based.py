"""An event of thousands takes as many statements as one of three, from the decision to the end."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.uploads import storage
from ssi.uploads.actions.quarantine import deciding, preparing
from ssi.uploads.kinds.exit_quarantine import ExitQuarantineFile
from ssi.uploads.models import PreparedFile, QuarantineEvent
from ssi.uploads.models.choices import Decision
from tests.factories.quarantine import event_of, kept

pytestmark = pytest.mark.django_db


def statements(act: Callable[[], object]) -> int:
    """Return how many statements `act` takes, but for those that fetch more rows of a query."""
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        act()
    return len(asked)


def way_of(event: QuarantineEvent, aroha: Person, by: Actor) -> list[int]:
    """Take an event its whole way; return how many statements each step took."""
    kind, taken = ExitQuarantineFile(), []
    reference = event.reference
    taken.append(statements(lambda: deciding.decide(reference=reference, decision=Decision.DELETE, by=by)))
    taken.append(statements(lambda: preparing.prepare(reference=reference, by=by)))
    prepared = PreparedFile.objects.get(event=event)
    with storage.opened(prepared.stored_as, prepared.sha256) as content:
        upload = kept(aroha, event.user_id, prepared.file_name, content.read())
    taken.append(statements(lambda: list(kind.check(upload))))
    taken.append(statements(lambda: kind.accepted(upload)))
    taken.append(statements(lambda: kind.given_up(upload)))
    taken.append(statements(lambda: kind.accepted(upload)))
    taken.append(statements(lambda: kind.apply(upload, by=Actor.system(), at=timezone.now())))
    event.refresh_from_db()
    assert (event.held, event.decided, event.released) == (0, 0, 0)
    assert event.deleted == prepared.lines
    return taken


def test_a_large_event_takes_as_many_statements_as_a_small_one(aroha: Person, by: Actor) -> None:
    user_id = aroha.grants.get().acting_for
    small = way_of(event_of(user_id, 3), aroha, by)
    large = way_of(event_of(user_id, 6_000, event_ref=4712), aroha, by)
    assert small == large
