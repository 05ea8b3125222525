"""A portal that signed files are sent to, and what must hold of it after any file."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import LazySettings
from django.db import connection, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.models import Person, UserId
from ssi.eui64 import Eui64
from ssi.uploads import storage
from ssi.uploads.actions import pipeline, receiving
from ssi.uploads.findings import CATALOGUE
from ssi.uploads.issuing import Issued
from ssi.uploads.models import (
    DecisionLine,
    PreparedFile,
    QuarantinedCommunication,
    QuarantineEvent,
    Threshold,
    Upload,
)
from ssi.uploads.models.choices import Fate, Kind, State, Step
from tests.factories.quarantine import decisions_of, event_of
from tests.factories.uploads import TestAuthority, adt_file, eqf_file, trusted_authority
from tests.personas import actor_of
from tests.properties.changed_files import Good, Sent
from tests.ssi.uploads.thresholds.setting import threshold as threshold_row
from tests.ssi.uploads.thresholds.setting import version

ROLE: Final = "IS"
OTHER_USER: Final = "90-B3-D5-1F-30-05-00-00"
STEPS: Final = {Step.RECEIVE, Step.SCAN, Step.VERIFY, Step.PARSE, Step.CHECK}
COLUMNS: Final = (
    *("srv", "message_type", "period", "warning", "quarantine"),
    *("exception_from_date", "exception_to_date", "note"),
)
Row = tuple[Any, ...]
Standing = dict[str, Any]


# --- What there is before a file comes -------------------------------------------------------------------------


@dataclass
class Portal:
    """Northlight's ARO in a portal with thresholds in force, an event, and files that it prepared."""

    by: Actor
    in_force: Upload
    event: QuarantineEvent
    good: Good
    before: Standing
    """All that a file may not change before it is accepted."""

    @property
    def kind(self) -> Kind:
        return Kind(self.good.kind)

    def process(self, what: Sent) -> Upload:
        """Receive a file and take it through the pipeline."""
        upload = receiving.receive(
            kind=self.kind,
            file=io.BytesIO(what.content),
            name=what.name,
            size=len(what.content),
            signature=what.signature,
            signature_name=what.signature_name,
            submit_when_checked=what.submits,
            by=self.by,
        )
        pipeline.process(upload.pk)
        return Upload.objects.get(pk=upload.pk)


def portal_for(kind: Kind, person: Person, other: Person, folder: Path, settings: LazySettings) -> Portal:
    """Return the portal that a person, one User's ARO, sends files of a kind to; `other` is another User's."""
    settings.MEDIA_ROOT = folder / "uploads"
    authority = trusted_authority(folder / "file-trust", settings)
    own: UserId = person.grants.get().acting_for
    in_force, quarantine = thresholds_in_force(person), event_of(own, 4)
    prepared = [prepared_file(person, own, each) for each in Kind]
    file = adt(own) if kind == Kind.ADT else eqf(own, quarantine)
    values = meaning_something(own, quarantine, [each.reference for each in prepared])
    signer = authority.certificate_for(person, own)
    good = Good(kind.value, *file, signer, unfit(authority, person, other, own), values)
    return Portal(actor_of(person), in_force, quarantine, good, standing())


def thresholds_in_force(person: Person) -> Upload:
    upload = version(person, state=State.APPLIED, user_role=ROLE, applied_at=timezone.now())
    january = {"exception_from_date": date(2999, 1, 1), "exception_to_date": date(2999, 1, 31)}
    rows: tuple[tuple[str, dict[str, date]], ...] = (
        ("4.1.1 SR DAY", {}),
        ("7.4 SR HOUR", {}),
        ("7.4 SR HOUR", january),
        ("6.23 SR DAY", {}),
    )
    for line, (what, facts) in enumerate(rows, 2):
        threshold_row(upload, line, what, 1_000, **facts)
    return upload


def prepared_file(person: Person, user_id: UserId, kind: Kind) -> PreparedFile:
    prepared: PreparedFile = PreparedFile.objects.create(
        kind=kind,
        party=user_id.party,
        user_id=user_id,
        user_role=ROLE if kind == Kind.ADT else "",
        prepared_by=person,
        file_name="x.csv",
        lines=1,
        size=1,
        sha256="0" * 64,
        stored_as="nowhere",
    )
    return prepared


def adt(own: UserId) -> tuple[str, bytes]:
    rows = (
        ("4.1.1", "SR", "DAY", 900, 1_000, "", "", ""),
        ("7.4", "SR", "HOUR", "", 50, "", "", 'A "quoted", note'),
        ("7.4", "SR", "HOUR", "", 60, "2999-02-01", "2999-02-03", ""),
        ("7.2", "SPC", "HOUR", 10, 20, "", "", "Critical alone"),
    )
    soon = timezone.localdate() + timedelta(days=7)
    return adt_file(own, ROLE, rows, effective_date=soon, replaces="DELTA")


def eqf(own: UserId, quarantine: QuarantineEvent) -> tuple[str, bytes]:
    decisions = [(request_id, action, "As it is") for request_id, action, _ in decisions_of(quarantine)]
    decisions[0] = (decisions[0][0], "DELETE", "")
    return eqf_file(own, int(quarantine.event_ref), decisions)


def meaning_something(own: UserId, quarantine: QuarantineEvent, references: list[str]) -> tuple[str, ...]:
    known = [request_id for request_id, _, _ in decisions_of(quarantine)]
    last = known[-1]
    near = (
        last.lower(),
        last[:-1],
        f"{last}9",
        f"{own.pk}:FF-FF-FF-FF-FF-FF-FF-FF:{'9' * 20}",
        f"{own.pk}:{own.pk}:0",
    )
    foreign = last.replace(str(own.pk), OTHER_USER)
    users = (str(own.pk), str(own.pk).lower(), own.pk.plain, OTHER_USER)
    events = (str(quarantine.event_ref), f"0{quarantine.event_ref}", "4712", "9" * 20)
    dates = ("2999-01-01", "2999-01-31", "2999-02-02", "2999-02-28", "2029-02-28")
    return (*references, *dates, *known, *near, foreign, *users, *events)


def unfit(authority: TestAuthority, person: Person, other: Person, own: UserId) -> tuple[Issued, ...]:
    """Return certificates under which nobody may sign for the User."""
    of: list[dict[str, Any]] = [
        *({each: True} for each in ("is_expired", "is_not_yet_valid", "is_revoked", "is_self_signed")),
        *({each: True} for each in ("cannot_sign", "is_authority")),
        {"email": ""},
        {"email": "nobody@example.com"},
        {"email": f"{person.email}\x00"},
        {"email": "a" * 5_000},
        {"email": "", "name": "No\x00body"},
    ]
    issued = [authority.certificate_for(person, own, **each) for each in of]
    return (*issued, authority.certificate_for(other, own), authority.certificate_for(person, OTHER_USER))


def standing(but: int | None = None) -> Standing:
    """Return all that must stay as it is but for one upload: what is in force, held, counted and prepared."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"but": but})
        return dict(zip(_STANDS, cursor.fetchone(), strict=True))


_STANDS: Final = {
    "uploads": (Upload, "id"),
    "thresholds": (Threshold, "upload_id"),
    "decisions": (DecisionLine, "upload_id"),
    "communications": (QuarantinedCommunication, "NULL::int"),
    "events": (QuarantineEvent, "NULL::int"),
    "prepared": (PreparedFile, "NULL::int"),
}
_STANDING: Final = "SELECT " + ", ".join(
    f"(SELECT coalesce(json_agg(to_json(each) ORDER BY id), '[]') FROM {model._meta.db_table} each"
    f" WHERE {upload} IS NULL OR {upload} IS DISTINCT FROM %(but)s)"
    for model, upload in _STANDS.values()
)


# --- What must hold after any file -------------------------------------------------------------------------------


def assert_settled(portal: Portal, upload: Upload) -> None:
    """Assert that a processed upload was refused, and left nothing, or taken, with all that it says."""
    steps = dict(upload.steps.values_list("step", "ended_at"))
    assert steps.keys() == STEPS
    assert None not in steps.values(), "a step has not ended"
    founds = list(upload.found.all())
    assert all(each.code in CATALOGUE and each.message and each.suggestion for each in founds)
    rejecting = sum(not each.code.startswith("W") for each in founds)
    assert (upload.findings, upload.findings + upload.warnings) == (rejecting, len(founds))
    after = standing(but=upload.pk)
    if upload.state == State.REJECTED:
        assert rejecting
        assert after == portal.before, "something changed with a file that was refused"
        assert not Threshold.objects.filter(upload=upload).exists()
        assert not DecisionLine.objects.filter(upload=upload).exists()
        return
    assert not rejecting
    assert upload.state == (State.ACCEPTED if upload.submit_when_checked else State.CHECKED)
    assert upload.signed_well
    assert_all_is_there(portal, upload)
    if upload.state == State.CHECKED:
        assert after == portal.before, "something changed with a file that was only checked"
    else:
        assert_only_its_own_changed(portal, upload, after)


def assert_all_is_there(portal: Portal, upload: Upload) -> None:
    """Assert that what is kept of a file is what stands in its bytes, no more and no less."""
    with storage.opened(upload.stored_as, upload.sha256) as content:
        text = content.read().decode()
    records = list(csv.reader(io.StringIO(text, newline="")))
    assert [records[0][0], records[-1][0]] == ["H", "T"]
    details: list[Row] = [(line, *record[2:]) for line, record in enumerate(records, 1) if record[0] == "D"]
    assert len(details) == len(records) - 2 == int(records[-1][1])
    if portal.kind == Kind.ADT:
        kept = Threshold.objects.filter(upload=upload)
        of_file = [threshold(*each) for each in details]
        assert list(kept.filter(is_in_file=True).order_by("line").values_list("line", *COLUMNS)) == of_file
        assert upload.replaces == records[0][8]
        old = portal.in_force.thresholds.values_list(*COLUMNS)
        expected = [each for each in old if upload.replaces == "DELTA" and not is_replaced(each, of_file)]
        taken_over = kept.filter(is_in_file=False).values_list(*COLUMNS)
        assert sorted(taken_over, key=str) == sorted(expected, key=str)
    else:
        lines = DecisionLine.objects.filter(upload=upload).order_by("line")
        assert list(lines.values_list("line", "originator", "target", "counter", "action", "reason")) == [
            decision(*each) for each in details
        ]
        event = portal.event
        of_event = {(each.target, each.counter) for each in QuarantinedCommunication.objects.filter(event=event)}
        named = list(lines.values_list("target", "counter"))
        assert (set(named), len(named)) == (of_event, len(of_event)), "not each of the event once"


def threshold(
    line: int, srv: str, what: str, period: str, warning: str, most: str, begins: str, ends: str, note: str
) -> Row:
    dates = (date.fromisoformat(each) if each else None for each in (begins, ends))
    return (line, srv, what, period, int(warning) if warning else None, int(most), *dates, note)


def is_replaced(old: Row, of_file: list[Row]) -> bool:
    """Tell whether a file names a threshold in force, or an exception of it on any of the same days."""

    def touches(new: Row) -> bool:
        if old[5] is None or new[5] is None:
            return bool(old[5] is new[5])
        return bool(old[5] <= new[6] and new[5] <= old[6])

    return any(new[1:4] == old[:3] and touches(new[1:]) for new in of_file)


def decision(line: int, _event: str, request_id: str, action: str, reason: str) -> Row:
    originator, target, counter = request_id.split(":")
    return (line, Eui64.parse(originator), Eui64.parse(target), int(counter), action, reason)


def assert_only_its_own_changed(portal: Portal, upload: Upload, after: Standing) -> None:
    """Assert of an accepted file that nothing is in force of it yet, and that it decided about all or nothing."""
    unchanged = {"uploads", "thresholds", "decisions"}
    if portal.kind == Kind.ADT:
        unchanged |= {"communications", "events"}
    assert {name: after[name] for name in unchanged} == {name: portal.before[name] for name in unchanged}
    if portal.kind == Kind.EXIT_QUARANTINE:
        lines = dict(DecisionLine.objects.filter(upload=upload).values_list("counter", "action"))
        held = QuarantinedCommunication.objects.filter(fate=Fate.DECIDED, decided_in=upload)
        assert dict(held.values_list("counter", "decision")) == lines
        portal.event.refresh_from_db()
        assert (portal.event.held, portal.event.decided) == (0, len(lines))


@contextmanager
def undone() -> Iterator[None]:
    """Undo in the database what one example does; its transaction is the test's otherwise."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
