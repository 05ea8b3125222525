"""The Exit Quarantine file: its lines are held against what is quarantined, and carried out, in set-based SQL.

The event's row is locked before its communications wherever they change, so its counts stay right and nobody waits
in a circle. The states a statement may start from are those that the model's own moves declare.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, BinaryIO, Final

from django.db import connection
from django.db.models import F

from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.uploads.findings import Found
from ssi.uploads.formats import registry as formats
from ssi.uploads.formats.exit_quarantine import EVENT_REF, Detail, Header
from ssi.uploads.kinds import exit_quarantine_checks as checks
from ssi.uploads.kinds import file_references
from ssi.uploads.models import DecisionLine, QuarantinedCommunication, QuarantineEvent, Upload
from ssi.uploads.models.choices import Decision
from ssi.workflow import declared_moves

_COPY: Final = (
    "COPY uploads_decisionline (upload_id, line, originator, target, counter, action, reason) FROM STDIN"
)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class DecidedMeanwhile(Refusal):
    """{others} of the communications in {reference} are not quarantined any more: somebody else was quicker."""

    suggestion = (
        "The page of the quarantine event says what became of each. Build a file about what is left there."
    )
    status = HTTPStatus.CONFLICT
    source = "Ours: of two files about the same communication the first that is submitted counts"


class NotAllThere(Refusal):
    """What {reference} decides about is not as it was when it was accepted: {found} of {expected} are there."""

    suggestion = "Nothing was carried out. Tell the DCC service desk the reference."
    status = HTTPStatus.CONFLICT


class ExitQuarantineFile:
    """Decisions about the communications of one quarantine event."""

    def read(self, upload: Upload, content: BinaryIO) -> Iterator[Any]:
        """Yield the header, the details and what is wrong."""
        return formats.read(upload, content)

    def keep(self, upload: Upload, items: Sequence[Any]) -> None:
        """Keep the header on the upload, and the lines by COPY."""
        for item in items:
            if isinstance(item, Header):
                _keep_header(upload, item)
        lines = [_line(upload.pk, item) for item in items if isinstance(item, Detail)]
        if lines:
            with connection.cursor() as cursor, cursor.copy(_COPY) as stream:
                stream.write("".join(lines))

    def clear(self, upload: Upload) -> None:
        """Remove the lines, and what the header said."""
        DecisionLine.objects.filter(upload=upload)._raw_delete(using=connection.alias)
        upload.format_version, upload.file_reference = "", ""
        upload.file_created_at = upload.event_ref = None
        upload.save(update_fields=["format_version", "file_reference", "file_created_at", "event_ref"])

    def check(self, upload: Upload) -> Iterator[Found]:
        """Yield F01 to F04 of the reference, F24 of the event, F60 to F63 of the lines."""
        yield from file_references.problems_with(upload)
        event = _event_of(upload)
        yield from checks.of_lines(upload, event)
        if event is None and upload.event_ref is not None:
            message = f"{upload.user_id_id} has no quarantine event {upload.event_ref}."
            yield Found("F24", message, 1, EVENT_REF, "Write the event as its page shows it.")

    def accepted(self, upload: Upload) -> None:
        """Decide about every line, none of which anybody decided about before. Raises DecidedMeanwhile."""
        event = _locked_event(upload)
        lines = DecisionLine.objects.filter(upload=upload).count()
        decided = _decide(upload, event)
        if decided != lines:
            raise DecidedMeanwhile(reference=upload.reference, others=f"{lines - decided:,}")
        _recount(event, held=-decided, decided=decided)
        file_references.use(upload)

    def given_up(self, upload: Upload) -> None:
        """Hold again what it decided about."""
        event = _locked_event(upload)
        sources, target = _states(QuarantinedCommunication.undecide)
        mine = QuarantinedCommunication.objects.filter(decided_in=upload, fate__in=sources)
        again = mine.update(fate=target, decided_in=None, decision="")
        _recount(event, held=again, decided=-again)

    def apply(self, upload: Upload, *, by: Actor, at: datetime) -> bool:
        """Release and delete what it decided about, all of it. Raises NotAllThere."""
        event = _locked_event(upload)
        ended = {}
        for decision, move in _ENDS.items():
            sources, target = _states(move)
            mine = QuarantinedCommunication.objects.filter(decided_in=upload, fate__in=sources, decision=decision)
            ended[target] = mine.update(fate=target, ended_at=at)
        total, expected = sum(ended.values()), DecisionLine.objects.filter(upload=upload).count()
        if total != expected:
            raise NotAllThere(reference=upload.reference, found=f"{total:,}", expected=f"{expected:,}")
        _recount(event, decided=-total, **ended)
        return True


_ENDS: Final = {
    Decision.RELEASE: QuarantinedCommunication.release,
    Decision.DELETE: QuarantinedCommunication.delete_it,
}

_DECIDE: Final = """
UPDATE uploads_quarantinedcommunication c SET fate = %(target)s, decided_in_id = %(upload)s, decision = d.action
  FROM uploads_decisionline d
 WHERE d.upload_id = %(upload)s AND d.originator = %(user_id)s
   AND c.event_id = %(event)s AND c.target = d.target AND c.counter = d.counter AND c.fate = ANY(%(sources)s)
"""


def _decide(upload: Upload, event: QuarantineEvent) -> int:
    """Mark what the lines name as decided, each as its line says; return how many."""
    sources, target = _states(QuarantinedCommunication.decide)
    facts: dict[str, Any] = {
        "upload": upload.pk,
        "event": event.pk,
        "user_id": event.user_id_id.as_bigint,
        "sources": sources,
        "target": target,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DECIDE, facts)
        return int(cursor.rowcount)


def _states(move: Any) -> tuple[list[str], str]:
    """Return from which states a move of the model leads, and to which."""
    declared = declared_moves(move)
    return sorted(str(each.source) for each in declared), str(declared[0].target)


def _recount(event: QuarantineEvent, **changes: int) -> None:
    """Add to the event's counts, which are named like the states."""
    QuarantineEvent.objects.filter(pk=event.pk).update(
        **{name: F(name) + number for name, number in changes.items() if number}
    )


def _event_of(upload: Upload) -> QuarantineEvent | None:
    if upload.event_ref is None:
        return None
    return QuarantineEvent.objects.filter(user_id=upload.user_id_id, event_ref=upload.event_ref).first()


def _locked_event(upload: Upload) -> QuarantineEvent:
    """Return the event with its row locked; it is there since the check found it, and events are never deleted."""
    events = QuarantineEvent.objects.select_for_update(no_key=True)
    return events.get(user_id=upload.user_id_id, event_ref=upload.event_ref or 0)


def _keep_header(upload: Upload, header: Header) -> None:
    basics = header.basics
    upload.format_version, upload.file_reference = basics.version, basics.reference
    upload.file_created_at = basics.created_at
    upload.event_ref = None if header.event_ref is None else Decimal(header.event_ref)
    upload.save(update_fields=["format_version", "file_reference", "file_created_at", "event_ref"])


def _line(upload_id: int, detail: Detail) -> str:
    """Return a line in the text form of COPY."""
    line, originator, target, counter, action, reason = detail
    return f"{upload_id}\t{line}\t{originator}\t{target}\t{counter}\t{action}\t{reason.translate(_ESCAPES)}\n"
