"""Requests for Install Code in the REST API: what the screens can do, no more and no less.

Each operation makes one call into actions or search. An answer is kept with its Idempotency-Key, so none holds a
code; `reveal` keeps its permit, which is committed before the code is opened.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view
from pydantic import BeforeValidator, WithJsonSchema

from incidents import moves
from incidents.actions import install_code_requests as actions
from incidents.actions import obligations
from incidents.actions.install_code_requests import RevealPermit
from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import DeclineReason, Event, Outcome, Side, State
from incidents.moves import Verb
from incidents.search import install_code_requests as search
from inventory.api.devices import DeviceTypeName, SmiStatusName
from inventory.install_code import LegacyLength
from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.eui64 import Eui64
from ssi.web.api_access import ApiRequest, Eui, ShortText, answered_once, requires
from ssi.web.idempotency import Answer
from ssi.web.pages import LONGEST_PAGE, PAGE_SIZE
from ssi.web.references import ReferenceConverter

router = Router(tags=["Requests for Install Code"])

RAISE, RESPOND = Component.INSTALL_CODE_REQUEST_RAISE, Component.INSTALL_CODE_REQUEST_RESPOND
DESK = Component.SERVICE_DESK
READERS = (Component.INCIDENTS, RAISE, RESPOND)

ONE = "/install-code-requests/{reference:reference}"
Reference = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "pattern": f"^{ReferenceConverter.regex}$", "examples": ["INC004711000815"]}
    ),
]
LongText = Annotated[str, Field(max_length=2_000)]


def _or_none(value: object) -> object:
    return None if value == "" else value


Empty = BeforeValidator(_or_none)
"""A filter left empty does not narrow."""

Absent = BeforeValidator(lambda value: "" if value is None else value)
"""Text that may be left out, or be null."""


# --- What comes in and goes out ----------------------------------------------------------------------------------


class UserOut(Schema):
    """A SEC User: the User ID and its party."""

    user_id: Eui
    party: str


class RequestDeviceOut(Schema):
    """The device whose code is asked for; `smi_status` is null once it has left the inventory."""

    device_id: Eui
    device_type: DeviceTypeName
    smi_status: SmiStatusName | None


class RequestOut(Schema):
    """A Request for Install Code. `assigned_to` is null while nobody is asked; `assigned_because` says why."""

    reference: str
    state: State
    raised_by: UserOut
    assigned_to: UserOut | None
    assigned_because: str
    notified_at: datetime | None
    due_date: date | None
    device: RequestDeviceOut


class StepOut(Schema):
    """What happened, when, and which party did it; null is the portal itself."""

    at: datetime
    event: Event
    party: str | None


class RequestDetailOut(RequestOut):
    """A request with its history, the oldest step first, and the verbs the caller may use now."""

    history: list[StepOut]
    allowed: list[Verb]


class RequestsOut(Schema):
    """A page of requests, the newest first; send `next_cursor` as `cursor` for the next one."""

    items: list[RequestDetailOut]
    next_cursor: str | None


class RaiseIn(Schema):
    """Raising states that your company is, or will be, the device's responsible supplier; that is recorded."""

    device_id: Eui
    mpxn: Annotated[ShortText, Absent] = ""
    needed_by_date: date | None = None
    note: Annotated[LongText, Absent] = ""


class AnswerIn(Schema):
    """36 hex digits with check digits, or 32 without, which must be given twice.

    Shorter codes, of 6, 8 or 12 bytes, are read only where `legacy_length` names their length in bytes.
    """

    install_code: str = Field(max_length=200)
    install_code_again: Annotated[str, Field(max_length=200), Absent] = ""
    legacy_length: Annotated[LegacyLength | None, Empty] = None


class DeclineIn(Schema):
    """Why there will be no answer; `detail` is needed with `other`."""

    reason: DeclineReason
    detail: Annotated[LongText, Absent] = ""


class ReasonIn(Schema):
    """Why."""

    reason: LongText


class NoteIn(Schema):
    """A note that both sides and the desk read."""

    text: LongText


class CloseIn(Schema):
    """What became of the code; `wrong_code` returns the request to the installing supplier instead."""

    outcome: Outcome


class RevealOut(Schema):
    """The code, as DUIS SR 8.11 takes it and as it is printed; `reveals` counts how often it was read."""

    install_code: str
    install_code_with_crc: str
    reveals: int


# --- Operations --------------------------------------------------------------------------------------------------


def _not_stored(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep what a call says out of every cache, refusals included."""

    @wraps(run)
    def uncached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = run(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return uncached


@router.post("/install-code-requests", response={201: RequestOut}, summary="Raise a Request for Install Code")
@requires(RAISE)
def raise_request(request: ApiRequest, body: RaiseIn) -> Status[Answer]:
    """Ask the User ID that pre-notified the device for its install code."""

    def act() -> Answer:
        raised = actions.raise_for_device(**body.dict(), by=request.auth)
        return _plain(RequestOut, _out(raised.request, raised.device, raised_by=request.auth.party_name))

    return Status(HTTPStatus.CREATED, answered_once(request, act))


@router.get("/install-code-requests", response=RequestsOut, summary="Your requests, on either side")
@requires(*READERS)
def requests(
    request: ApiRequest,
    side: Annotated[Side | None, Empty] = None,
    state: Annotated[State | None, Empty] = None,
    cursor: ShortText = "",
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = PAGE_SIZE,
) -> dict[str, Any]:
    """Return the requests that your User ID raised or was asked, the newest first."""
    found = search.requests_of(request.auth, side=side, state=state)
    page = obligations.show_page(found, by=request.auth, cursor=cursor, size=limit)
    devices, histories = search.devices_of(page.rows), search.histories_of(page.rows, by=request.auth)
    return {
        "items": [
            _with_story(each, devices.get(each.device_id), histories[each.pk], request.auth) for each in page.rows
        ],
        "next_cursor": page.next_cursor,
    }


@router.get(ONE, response=RequestDetailOut, summary="One request")
@requires(*READERS)
def request_(request: ApiRequest, reference: Reference) -> dict[str, Any]:
    """Return a request with its history and what you may do with it now."""
    return _detail(obligations.show_one(reference, by=request.auth), request)


@router.post(f"{ONE}/answer", response=RequestDetailOut, summary="Answer with the install code")
@decorate_view(_not_stored)
@requires(RESPOND)
def answer(request: ApiRequest, reference: Reference, body: AnswerIn) -> Answer:
    """Seal the code into the request. Neither the code nor anything made from it comes back."""
    return _moved(request, lambda: actions.answer(reference=reference, **body.dict(), by=request.auth))


@router.post(f"{ONE}/decline", response=RequestDetailOut, summary="Decline")
@requires(RESPOND)
def decline(request: ApiRequest, reference: Reference, body: DeclineIn) -> Answer:
    """Say that no answer will come, and why; the DCC service desk then looks for who holds the code."""
    return _moved(request, lambda: actions.decline(reference=reference, **body.dict(), by=request.auth))


@router.post(f"{ONE}/reveal", response=RevealOut, summary="Read the install code")
@decorate_view(_not_stored)
@requires(RAISE)
def reveal(request: ApiRequest, reference: Reference, body: ReasonIn) -> dict[str, Any]:
    """Return the code; needs a token made with `--reveal`. Each reading is counted, and its reason is kept."""
    kept = answered_once(
        request,
        lambda: asdict(actions.permit_reveal(reference=reference, reason=body.reason, by=request.auth)),
    )
    permit = RevealPermit(**kept)
    code = actions.open_code(permit=permit, by=request.auth)
    return {"install_code": code.hex, "install_code_with_crc": code.with_crc, "reveals": permit.reveals}


@router.post(f"{ONE}/notes", response=RequestDetailOut, summary="Write a note")
@requires(RAISE, RESPOND, DESK)
def add_note(request: ApiRequest, reference: Reference, body: NoteIn) -> Answer:
    """Write a note that both sides and the desk read. It may hold no install code."""
    return _moved(request, lambda: actions.add_note(reference=reference, text=body.text, by=request.auth))


@router.post(f"{ONE}/close", response=RequestDetailOut, summary="Close, or return a wrong code")
@requires(Component.INCIDENT_CLOSE)
def close(request: ApiRequest, reference: Reference, body: CloseIn) -> Answer:
    """Close the request with what became of the code. Only its raiser can."""
    return _moved(request, lambda: actions.close(reference=reference, outcome=body.outcome, by=request.auth))


@router.post(f"{ONE}/withdraw", response=RequestDetailOut, summary="Withdraw")
@requires(RAISE)
def withdraw(request: ApiRequest, reference: Reference, body: ReasonIn) -> Answer:
    """Take the request back before it is answered."""
    return _moved(request, lambda: actions.withdraw(reference=reference, reason=body.reason, by=request.auth))


# --- How a request reads in JSON ---------------------------------------------------------------------------------


def _moved(request: ApiRequest, act: Callable[[], InstallCodeRequest]) -> Answer:
    """Make a move once and answer with the request as it then was."""
    return answered_once(request, lambda: _plain(RequestDetailOut, _detail(act(), request)))


def _plain(schema: type[Schema], facts: Mapping[str, Any]) -> Answer:
    """Return facts as plain JSON, to be kept with an Idempotency-Key."""
    return schema.model_validate(facts).model_dump(mode="json")


def _out(request: InstallCodeRequest, device: Device | None, *, raised_by: str = "") -> dict[str, Any]:
    """Return what is shown of a request; `raised_by` is its raiser's name, where the caller knows it."""
    asked = request.assigned_to
    status = device.smi_status if device else None
    return {
        "reference": request.reference,
        "state": State(request.state),
        "raised_by": _user(request.raised_by_id, raised_by or request.raised_by_party.name),
        "assigned_to": _user(asked.eui, asked.party.name) if asked else None,
        "assigned_because": request.with_desk_because or request.assigned_because,
        "notified_at": request.notified_at,
        "due_date": request.due_date,
        "device": {
            "device_id": request.device_id,
            "device_type": DeviceType(request.device_type),
            "smi_status": SmiStatus(status) if status else None,
        },
    }


def _detail(code_request: InstallCodeRequest, request: ApiRequest) -> dict[str, Any]:
    history = search.history_of(code_request, by=request.auth)
    return _with_story(code_request, search.device_of(code_request), history, request.auth)


def _with_story(
    code_request: InstallCodeRequest,
    device: Device | None,
    history: Sequence[InstallCodeRequestEvent],
    caller: Actor,
) -> dict[str, Any]:
    return {
        **_out(code_request, device),
        "history": [{"at": each.at, "event": each.event, "party": each.party_name or None} for each in history],
        "allowed": moves.allowed(code_request, caller),
    }


def _user(user_id: Eui64, party: str) -> dict[str, Any]:
    return {"user_id": user_id, "party": party}
