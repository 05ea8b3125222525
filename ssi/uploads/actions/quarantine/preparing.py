"""Building the Exit Quarantine file of what was decided on screen, for an ARO to sign it off line."""

import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.refusals import Refusal
from ssi.uploads import storage
from ssi.uploads.actions.quarantine.deciding import locked, withdraw_prepared
from ssi.uploads.actions.rights import require_now
from ssi.uploads.formats import writing
from ssi.uploads.models import PreparedFile, QuarantinedCommunication, QuarantineEvent
from ssi.uploads.models.choices import Fate, Kind

PREPARED = "quarantine_event.file_prepared"
CHUNK = 5_000


class NotAllDecided(Refusal):
    """{left} of the {held} communications that are quarantined in {reference} are not decided yet."""

    suggestion = "Decide about each of them; a file decides about every communication of its event."
    status = HTTPStatus.CONFLICT
    source = "SEC App AA 4.7: the User says what to do with each quarantined communication"


class NothingToDecide(Refusal):
    """Nothing is quarantined in {reference} any more, so there is nothing to sign."""

    suggestion = "Its page says what became of each communication."
    status = HTTPStatus.CONFLICT


@transaction.atomic
def prepare(*, reference: str, by: Actor) -> PreparedFile:
    """Build and keep the file of an event's decisions; a file that was built before and not used is withdrawn.

    Raises NotAllowed, RoleEnded, EventUnknown, NothingToDecide, NotAllDecided, FileTooLarge.
    """
    by.require(Component.EXIT_QUARANTINE_SUBMISSION)
    require_now(by, Component.EXIT_QUARANTINE_SUBMISSION)
    event = locked(reference, by=by)
    _refuse_unless_decided(event)
    prepared = PreparedFile(
        kind=Kind.EXIT_QUARANTINE,
        party_id=by.user.party_id,
        user_id_id=event.user_id_id,
        event=event,
        prepared_by=Person.objects.get(pk=by.person_id or 0),
        prepared_at=timezone.now().replace(microsecond=0),
        lines=event.held,
    )
    prepared.file_name = writing.name_of(
        Kind.EXIT_QUARANTINE, event.user_id_id, prepared.reference, prepared.prepared_at
    )
    kept = _kept(prepared, event)
    prepared.stored_as, prepared.size, prepared.sha256 = kept.stored_as, kept.size, kept.sha256
    withdraw_prepared(event)
    prepared.save()
    log.record(PREPARED, by=by, about=event, file=prepared.reference, lines=prepared.lines, sha256=kept.sha256)
    return prepared


def _refuse_unless_decided(event: QuarantineEvent) -> None:
    if not event.held:
        raise NothingToDecide(reference=event.reference)
    left = QuarantinedCommunication.objects.filter(event=event, fate=Fate.HELD, wish="").count()
    if left:
        raise NotAllDecided(reference=event.reference, left=f"{left:,}", held=f"{event.held:,}")


def _kept(prepared: PreparedFile, event: QuarantineEvent) -> storage.Kept:
    """Write the file and keep it; where it cannot be, nothing of it stays."""
    with tempfile.TemporaryFile() as content:
        pieces = writing.exit_quarantine_file(
            user_id=event.user_id_id,
            reference=prepared.reference,
            created_at=prepared.prepared_at,
            event_ref=int(event.event_ref),
            decisions=_decisions(event),
        )
        content.writelines(pieces)
        return storage.keep(content)


_HELD: Final = """
SELECT target, counter, wish, wish_because FROM uploads_quarantinedcommunication
 WHERE event_id = %s AND fate = %s ORDER BY id
"""


def _decisions(event: QuarantineEvent) -> Iterator[tuple[str, str, str]]:
    """Yield what was decided about each, as the file has it, in the order in which they were held."""
    user_id = f"{event.user_id_id}:"
    with connection.chunked_cursor() as cursor:
        cursor.execute(_HELD, [event.pk, Fate.HELD.value])
        while rows := cursor.fetchmany(CHUNK):
            for target, counter, wish, because in rows:  # a million at once: as little as possible for each
                yield (
                    f"{user_id}{target.to_bytes(8, 'big', signed=True).hex('-').upper()}:{counter}",
                    wish,
                    because,
                )
