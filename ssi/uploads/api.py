"""Signed files in the REST API: what the screens can do, no more and no less.

Who may send a file is checked with the token, before a byte of it is read; the file goes to disk as it comes. An
Idempotency-Key holds for a file by its SHA-256.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any, Final, cast

from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

from ssi.access.components import Component
from ssi.refusals import NotAllowed
from ssi.uploads import moves
from ssi.uploads.actions import approving, receiving, submitting, withdrawing
from ssi.uploads.actions.approving import LONGEST_REASON
from ssi.uploads.entrances import SENDERS
from ssi.uploads.models import Upload, UploadFinding
from ssi.uploads.models.choices import Kind, Replaces, Scan, State, Step, StepResult
from ssi.uploads.models.uploads import LONGEST_SIGNATURE
from ssi.uploads.moves import Verb
from ssi.uploads.receipts import receipt_of
from ssi.uploads.search import uploads as search
from ssi.web.api_access import ApiRequest, Eui, ShortText, answered_once, requires
from ssi.web.idempotency import Answer
from ssi.web.pages import LONGEST_PAGE, PAGE_SIZE
from ssi.web.problems import PROBLEM
from ssi.web.references import ReferenceConverter
from ssi.web.uploading import StreamedFile

router = Router(tags=["Signed files"])

VIEW, APPROVE = Component.ADT_AND_QUARANTINE_VIEW, Component.ADT_APPROVAL
ONE: Final = "/uploads/{reference:reference}"
MOST_FINDINGS: Final = 1_000
"""Findings that come with an upload; the rest are paged."""

Reference = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "pattern": f"^{ReferenceConverter.regex}$", "examples": ["INC004711000815"]}
    ),
]
Empty = BeforeValidator(lambda value: None if value == "" else value)
"""A filter left empty does not narrow."""

_PROBLEM: Final = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_NOT_READ: Final = {
    411: {"description": "The body comes in chunks", "content": _PROBLEM},
    413: {"description": "The file is too large; it was not read", "content": _PROBLEM},
}


# --- What comes in and goes out ----------------------------------------------------------------------------------


class FindingOut(Schema):
    """One thing that is wrong with a file, or to be checked: `line` counts from 1, 0 is the file as a whole."""

    code: str = Field(examples=["F35"])
    line: int
    field: str
    message: str
    suggestion: str


class StepOut(Schema):
    """A step of the file's way; `ended_at` is null while it runs or waits."""

    step: Step
    started_at: datetime
    ended_at: datetime | None
    result: StepResult | None
    detail: str


class ReceivedOut(Schema):
    """A file that was received. Its checks follow within seconds or minutes: ask for it by its reference."""

    reference: str
    state: State
    findings: list[FindingOut]


class UploadOut(Schema):
    """A signed file. What stands in it is null until it was read."""

    reference: str
    kind: Kind
    state: State
    user_id: Eui
    user_role: str | None
    received_at: datetime
    file_name: str
    bytes: int
    sha256: str
    scan: Scan
    signed_well: bool
    lines: int | None
    lines_read: int
    effective_date: date | None
    replaces: Replaces | None
    event_ref: str | None
    findings_total: int = Field(description="What rejects it.")
    warnings_total: int = Field(description="W50 and W51: a person must say that they were checked.")
    second_because: list[str] = Field(description="Why a second officer must approve; empty: none must.")
    submitted_at: datetime | None
    accepted_at: datetime | None
    confirm_due_date: date | None
    confirmed_at: datetime | None
    applied_at: datetime | None
    ended_at: datetime | None = Field(description="When it was superseded, rejected or withdrawn.")
    ended_because: str
    allowed: list[Verb] = Field(description="What the caller may do with it now.")


class UploadDetailOut(UploadOut):
    """A signed file with its steps, what was found (the first 1,000 of it), and its receipt."""

    compared_with: str | None = Field(
        description="The upload whose thresholds were in force when it was checked; null: none were."
    )
    steps: list[StepOut]
    findings: list[FindingOut]
    receipt: dict[str, Any]


class UploadsQuery(Schema):
    """What narrows the list, and which page of it."""

    state: Annotated[State | None, Empty] = None
    kind: Annotated[Kind | None, Empty] = None
    cursor: ShortText = Field("", description="The next_cursor of the page before; empty for the first.")
    limit: int = Field(PAGE_SIZE, ge=1, le=LONGEST_PAGE, description=f"Uploads a page, 1 to {LONGEST_PAGE}.")


class UploadsOut(Schema):
    """A page of uploads, the newest first; send `next_cursor` as `cursor` for the next one."""

    items: list[UploadOut]
    next_cursor: str | None


class FindingsOut(Schema):
    """A page of findings in the order of the file; send `next_cursor` as `cursor` for the next one."""

    items: list[FindingOut]
    next_cursor: str | None


class SubmitIn(Schema):
    """`checked` says that you have checked each warning (W50, W51) and mean the numbers."""

    checked: bool = False
    compared_with: ShortText | None = Field(
        None,
        description="The `compared_with` of the answer that you looked at, empty for null: 409 if the file was"
        " checked against another set since. Left out, that is not asked.",
    )


class DeclineIn(Schema):
    """Why it is not approved; whoever submitted it reads that."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_REASON, strip_whitespace=True)]


# --- Operations --------------------------------------------------------------------------------------------------


@router.post(
    "/uploads",
    response={202: ReceivedOut},
    summary="Send a signed file",
    openapi_extra={"responses": _NOT_READ},
)
@requires(*SENDERS)
def send(
    request: ApiRequest,
    kind: Form[Kind],
    file: File[UploadedFile],
    signature: File[UploadedFile | None] = None,
    check_only: Form[bool] = False,
) -> Status[Answer]:
    """Take a file with its detached signature, as an ARO may. It is checked at once, and every finding is listed.

    One without findings, without warnings and that needs no second officer is then submitted to DCC by itself;
    with `check_only` it waits for `submit`.
    """
    signed = _signature_of(signature)

    def act() -> Answer:
        upload = receiving.receive(
            kind=kind,
            file=cast("Any", file),
            name=file.name or "",
            size=file.size or 0,
            signature=signed,
            signature_name=(signature.name or "") if signature else "",
            submit_when_checked=not check_only,
            by=request.auth,
        )
        return {"reference": upload.reference, "state": State(upload.state).value, "findings": []}

    sent = [kind.value, file.name, _sha256_of(file), hashlib.sha256(signed or b"").hexdigest(), str(check_only)]
    return Status(HTTPStatus.ACCEPTED, answered_once(request, act, body="\n".join(map(str, sent)).encode()))


@router.get("/uploads", response=UploadsOut, summary="The signed files of your User ID")
@requires(VIEW)
def uploads(request: ApiRequest, asked: Query[UploadsQuery]) -> dict[str, Any]:
    """Return the uploads of the User ID acted for, the newest first."""
    filters = {"state": asked.state, "kind": asked.kind}
    page = search.uploads_page(filters, by=request.auth, cursor=asked.cursor, size=asked.limit)
    return {"items": [_out(each, request) for each in page.rows], "next_cursor": page.next_cursor}


@router.get(ONE, response=UploadDetailOut, summary="One signed file")
@requires(VIEW)
def upload(request: ApiRequest, reference: Reference) -> dict[str, Any]:
    """Return where a file stands, what was found in it, and its receipt."""
    found = search.one(reference, by=request.auth)
    return {
        **_out(found, request),
        "compared_with": submitting.compared_reference(found) or None,
        "steps": [_step(each) for each in found.steps.order_by("started_at", "id")],
        "findings": [_finding(each) for each in islice(search.every_finding(found), MOST_FINDINGS)],
        "receipt": receipt_of(found),
    }


@router.get(f"{ONE}/findings", response=FindingsOut, summary="Everything that was found in a file")
@requires(VIEW)
def findings(
    request: ApiRequest,
    reference: Reference,
    cursor: ShortText = "",
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = PAGE_SIZE,
) -> dict[str, Any]:
    """Return a page of what was found, in the order of the file."""
    page = search.findings_page(search.one(reference, by=request.auth), cursor=cursor, size=limit)
    return {"items": [_finding(each) for each in page.rows], "next_cursor": page.next_cursor}


@router.get(f"{ONE}/receipt", response=dict[str, Any], summary="The receipt of a file")
@requires(VIEW)
def receipt(request: ApiRequest, reference: Reference) -> dict[str, Any]:
    """Return the receipt, signed by the portal; `manage.py verify_receipt` proves it without the portal."""
    return receipt_of(search.one(reference, by=request.auth))


@router.post(f"{ONE}/submit", response=UploadOut, summary="Submit a checked file")
@requires(*SENDERS)
def submit(request: ApiRequest, reference: Reference, body: SubmitIn) -> Answer:
    """Submit it to DCC, or to a second officer of your party where `second_because` says why."""
    return _moved(
        request,
        Verb.SUBMIT,
        lambda: submitting.submit(
            reference=reference,
            warnings_checked=body.checked,
            by=request.auth,
            compared_with=body.compared_with,
        ),
        reference=reference,
    )


@router.post(f"{ONE}/withdraw", response=UploadOut, summary="Take a file back")
@requires(APPROVE)
def withdraw(request: ApiRequest, reference: Reference) -> Answer:
    """Take a file back before it is applied; what is in force stays."""
    return _moved(
        request,
        Verb.WITHDRAW,
        lambda: withdrawing.withdraw(reference=reference, by=request.auth),
        reference=reference,
    )


@router.post(f"{ONE}/approve", response=UploadOut, summary="Approve as the second officer")
@requires(APPROVE)
def approve(request: ApiRequest, reference: Reference) -> Answer:
    """Approve what another officer submitted; DCC sees it from then on."""
    return _moved(
        request,
        Verb.APPROVE,
        lambda: approving.approve(reference=reference, by=request.auth),
        reference=reference,
    )


@router.post(f"{ONE}/decline", response=UploadOut, summary="Decline as the second officer")
@requires(APPROVE)
def decline(request: ApiRequest, reference: Reference, body: DeclineIn) -> Answer:
    """Decline what another officer submitted; it goes no further, and what is in force stays."""
    return _moved(
        request,
        Verb.DECLINE,
        lambda: approving.decline(reference=reference, because=body.reason, by=request.auth),
        reference=reference,
    )


# --- How a file reads in JSON ------------------------------------------------------------------------------------


def _moved(request: ApiRequest, verb: Verb, act: Callable[[], Upload], *, reference: str) -> Answer:
    """Make a move once and answer with the upload as it then was; who may not make it learns why, as on screen."""
    try:
        return answered_once(request, lambda: _plain(UploadOut, _out(act(), request)))
    except NotAllowed as refusal:
        why = moves.why_not(search.one(reference, by=request.auth), verb, request.auth)
        raise why or refusal from refusal


def _plain(schema: type[Schema], facts: Mapping[str, Any]) -> Answer:
    """Return facts as plain JSON, to be kept with an Idempotency-Key."""
    return schema.model_validate(facts).model_dump(mode="json")


def _signature_of(signature: UploadedFile | None) -> bytes | None:
    """Return the signature's bytes, one more than it may have at most: a longer one is none."""
    return signature.read(LONGEST_SIGNATURE + 1) if signature is not None else None


def _sha256_of(file: UploadedFile) -> str:
    return cast("StreamedFile", file).sha256


def _out(upload: Upload, request: ApiRequest) -> dict[str, Any]:
    return {
        "reference": upload.reference,
        "kind": Kind(upload.kind),
        "state": State(upload.state),
        "user_id": upload.user_id_id,
        "user_role": upload.user_role or None,
        "bytes": upload.size,
        "scan": Scan(upload.scan),
        "replaces": upload.replaces or None,
        "event_ref": str(upload.event_ref) if upload.event_ref is not None else None,
        "findings_total": upload.findings,
        "warnings_total": upload.warnings,
        "allowed": moves.allowed(upload, request.auth),
    } | {name: getattr(upload, name) for name in _AS_THEY_ARE}


_AS_THEY_ARE: Final = (
    "received_at",
    "file_name",
    "sha256",
    "signed_well",
    "lines",
    "lines_read",
    "effective_date",
    "second_because",
    "submitted_at",
    "accepted_at",
    "confirm_due_date",
    "confirmed_at",
    "applied_at",
    "ended_at",
    "ended_because",
)


def _finding(found: UploadFinding) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("code", "line", "field", "message", "suggestion")}


def _step(step: Any) -> dict[str, Any]:
    return {
        "step": Step(step.step),
        "started_at": step.started_at,
        "ended_at": step.ended_at,
        "result": StepResult(step.result) if step.result else None,
        "detail": step.detail,
    }
