"""Uploads in any state, made straight in the tables; the pipeline has tests of its own."""

import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone

from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person, UserId
from ssi.uploads.models import Upload, UploadFinding, UploadStep
from ssi.uploads.models.choices import Kind, Scan, State, Step, StepResult
from tests.factories.accounts import PersonFactory, RoleGrantFactory

CHECKED_STEPS = (Step.RECEIVE, Step.SCAN, Step.VERIFY, Step.PARSE, Step.CHECK)
MUCH_HIGHER = "4.1.1 SR a day: the quarantine threshold rises by 50 %."


def user_id_of(person: Person) -> UserId:
    """Return the User ID that a person of the demo estate acts for."""
    grant = person.grants.select_related("acting_for__party").order_by("pk")[0]
    return grant.acting_for


def upload_in(state: State, by: Person, **facts: Any) -> Upload:
    """Return an upload of the person's User ID in that state, as the pipeline and people would have left it."""
    user_id = user_id_of(by)
    now = timezone.now()
    is_adt = facts.get("kind", Kind.ADT) == Kind.ADT
    given: dict[str, Any] = {
        "kind": Kind.ADT,
        "user_id": user_id,
        "party": user_id.party,
        "uploaded_by": by,
        "signer": by,
        "signer_name": by.name,
        "signed_well": state != State.RECEIVED,
        "via": "screen",
        "file_name": "ADT_90B3D51F30030000_NEW_20261122T100000Z.csv",
        "size": 512,
        "sha256": secrets.token_hex(32),
        "stored_as": f"kept/{secrets.token_hex(8)}",
        "signature": b"{}",
        "signature_name": "file.sig",
        "scan": Scan.CLEAN,
        "lines": 5,
        "lines_read": 5,
    }
    if is_adt:
        given |= {"user_role": "IS", "replaces": "ALL", "effective_date": timezone.localdate()}
    given |= _since(state, by, now) | facts
    return Upload.objects.create(state=state, **given)


def _since(state: State, by: Person, now: Any) -> dict[str, Any]:
    """Return what an upload in a state has seen."""
    submitted = {"submitted_by": by, "submitted_at": now}
    accepted = submitted | {"accepted_at": now, "confirm_due_date": timezone.localdate() + timedelta(days=3)}
    return {
        State.AWAITING_APPROVAL: submitted | {"second_because": [MUCH_HIGHER]},
        State.ACCEPTED: accepted,
        State.APPLIED: accepted | {"confirmed_at": now, "applied_at": now},
        State.SUPERSEDED: accepted | {"confirmed_at": now, "applied_at": now, "ended_at": now},
        State.REJECTED: {"ended_at": now, "findings": 1},
        State.WITHDRAWN: {"ended_at": now, "ended_by": by},
    }.get(state, {})


def with_steps(upload: Upload, *steps: Step, result: StepResult = StepResult.DONE) -> Upload:
    """Add ended steps, all those up to the check unless told otherwise."""
    UploadStep.objects.bulk_create(
        UploadStep(upload=upload, step=step, ended_at=timezone.now(), result=result, detail="As it should be.")
        for step in steps or CHECKED_STEPS
    )
    return upload


def with_findings(upload: Upload, code: str = "F35", lines: int = 3) -> Upload:
    """Add findings, one a line."""
    UploadFinding.objects.bulk_create(
        UploadFinding(
            upload=upload,
            step=Step.CHECK if code.startswith("W") else Step.PARSE,
            code=code,
            line=line,
            field="quarantine",
            message=f"What stands in line {line} is no number.",
            suggestion="Write digits alone.",
        )
        for line in range(2, lines + 2)
    )
    counter = "warnings" if code.startswith("W") else "findings"
    setattr(upload, counter, lines)
    upload.save(update_fields=[counter])
    return upload


def officer(of: Person, role: JobTypeRole = JobTypeRole.ARO, **facts: Any) -> Person:
    """Return another confirmed officer of the same User ID."""
    user_id = user_id_of(of)
    person = PersonFactory.create(party=user_id.party, **facts)
    RoleGrantFactory.create(
        person=person, acting_for=user_id, job_type_role=role, confirmed_at=timezone.now(), confirmed_by="desk"
    )
    return person
