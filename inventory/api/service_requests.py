"""Service Requests in the REST API: a User's own audit trail, and the feed that brings DUIS messages."""

import io
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal, get_args

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from inventory.actions import service_requests as actions
from inventory.duis.answers import Answer, Verdict
from inventory.duis.writing import duis_response
from inventory.forms.moments import FIRST_YEAR, LAST_YEAR
from inventory.models import TrailMessage
from inventory.models.choices import TrailKind
from inventory.presenters.duis_words import meaning_of
from inventory.search import service_requests as search
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.refusals import Refusal
from ssi.web.api_access import ApiRequest, Eui, ShortText, answered_once, requires
from ssi.web.pages import LONGEST_PAGE, PAGE_SIZE
from ssi.web.problems import PROBLEM, problem

router = Router(tags=["Service Requests"])

KindName = Literal["service_request", "service_response", "device_alert", "dcc_alert", "signed_pre_command"]
KINDS: Final = dict(zip(get_args(KindName), TrailKind, strict=True))
_NAMES: Final = {kind: name for name, kind in KINDS.items()}


def _in_reach(moment: datetime) -> datetime:
    """Return the moment, London's where no zone was given; refuse years of which there can be no message."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        facts = {
            "message": "There are no messages of that year.",
            "suggestion": "Send it as 2026-08-26T17:30:00Z.",
        }
        raise PydanticCustomError("beyond_messages", "{message}", facts)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


Moment = Annotated[datetime, AfterValidator(_in_reach)]


class TrailQuery(Schema):
    """What narrows the audit trail, and which page of it."""

    device_id: Eui | None = None
    srv: Annotated[str, StringConstraints(max_length=8, strip_whitespace=True)] = Field("", examples=["8.11"])
    code: Annotated[str, StringConstraints(max_length=24, strip_whitespace=True, to_upper=True)] = Field(
        "", description="A response or alert code.", examples=["E5"]
    )
    kind: KindName | None = None
    from_at: Moment | None = Field(None, description="Messages from this moment on; London's without a zone.")
    before_at: Moment | None = Field(None, description="Messages before this moment; London's without a zone.")
    cursor: ShortText = Field("", description="The next_cursor of the page before; empty for the first.")
    limit: int = Field(PAGE_SIZE, ge=1, le=LONGEST_PAGE, description=f"Messages a page, 1 to {LONGEST_PAGE}.")


class MessageOut(Schema):
    """A message that the User ID sent or received."""

    at: datetime
    kind: KindName
    srv: str | None = Field(description="Null for alerts that belong to no Service Request.")
    device_id: Eui | None
    request_id: str | None
    code: str = Field(description="Response code of a request or response, alert code of an alert.")
    meaning: str
    detail: str
    suggestion: str


class MessagesOut(Schema):
    """A page of messages, newest first; send `next_cursor` as `cursor` for the next one. There are no totals."""

    items: list[MessageOut]
    next_cursor: str | None


@router.get("/service-requests", response=MessagesOut, summary="Your own Service Requests, responses and alerts")
@requires(Component.AUDIT_TRAIL)
def service_requests(request: ApiRequest, asked: Query[TrailQuery]) -> dict[str, Any]:
    """Return the audit trail of the User ID acted for, newest first; nobody else sees it."""
    filters = search.TrailFilters(
        device_id=asked.device_id,
        srv=asked.srv,
        code=asked.code,
        kind=KINDS[asked.kind] if asked.kind else None,
        from_at=asked.from_at,
        before_at=asked.before_at,
    )
    page = search.trail_page(filters, by=request.auth, cursor=asked.cursor, size=asked.limit)
    return {"items": [_out(entry) for entry in page.rows], "next_cursor": page.next_cursor}


def _out(entry: TrailMessage) -> dict[str, Any]:
    kind = TrailKind(entry.kind)
    return {
        "at": entry.at,
        "kind": _NAMES[kind],
        "srv": entry.srv or None,
        "device_id": str(entry.device_id) if entry.device_id else None,
        "request_id": entry.request_id or None,
        "code": entry.code,
        "meaning": meaning_of(entry.code, kind),
        "detail": entry.detail,
        "suggestion": entry.suggestion,
    }


# --- What DCC's feed brings --------------------------------------------------------------------------------------

XML: Final = "application/xml"
_XML_TYPES: Final = frozenset({XML, "text/xml"})
_TITLES: Final = {
    Verdict.UNREADABLE: "Not a DUIS message",
    Verdict.NOT_HANDLED: "Not handled yet",
    Verdict.REFUSED: "Message refused",
}
_PROBLEM: Final = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_IN_WORDS: Final = {
    "requestBody": {
        "required": True,
        "description": "One DUIS message: a Request, a Response or an alert.",
        "content": {XML: {"schema": {"type": "string", "contentMediaType": XML}}},
    },
    "responses": {
        200: {
            "description": "The DUIS Response, with a response code of DUIS: success, or why DCC refuses it",
            "content": {XML: {"schema": {"type": "string", "contentMediaType": XML}}},
        },
        411: {"description": "The body comes in chunks", "content": _PROBLEM},
        413: {"description": "The message is too large", "content": _PROBLEM},
        415: {"description": "The body is not XML", "content": _PROBLEM},
    },
}


class WrongContentType(Refusal):
    """The body is announced as something other than XML."""

    suggestion = "Send one DUIS message as it is, with `Content-Type: application/xml`."
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    field = "Content-Type"


class LengthNotSaid(Refusal):
    """The call does not say how long its body is: it comes in chunks."""

    suggestion = "Send the message whole, with its length in `Content-Length`."
    status = HTTPStatus.LENGTH_REQUIRED
    field = "Content-Length"


class MessageTooLarge(Refusal):
    """The message has more than {most:,} bytes; it was not read."""

    suggestion = "Send one DUIS message a call. SSI_DUIS_LARGEST_MESSAGE sets how many bytes a message may have."
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@router.post("/service-requests", summary="Bring a DUIS message, as DCC's feed alone may", openapi_extra=_IN_WORDS)
@requires(Component.SERVICE_REQUEST_FEED)
def bring(request: ApiRequest) -> HttpResponse:
    """Apply one DUIS message to the inventory and answer it as DUIS does.

    A response code of DUIS comes as a DUIS Response in XML with status 200, refusals such as E5 too. What DUIS has
    no code for is a problem document with status 422 and a `code` of ours, which begins with "SSI-". An alert, to
    which DUIS has no answer, comes back with status 204.
    """
    if (request.content_type or "").lower() not in _XML_TYPES:
        raise WrongContentType
    body = _body_of(request)
    answer = answered_once(request, lambda: _answered(body, by=request.auth), body=body)
    if "problem" in answer:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, **answer["problem"])
    if not answer["xml"]:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return HttpResponse(answer["xml"].encode(), content_type=XML)


def _body_of(request: ApiRequest) -> bytes:
    """Return the body, which is refused by its announced length before any of it is read."""
    most = settings.SSI_DUIS_LARGEST_MESSAGE
    announced = request.headers.get("Content-Length", "")
    if not announced and "Transfer-Encoding" in request.headers:
        raise LengthNotSaid  # Django would take it for empty
    if announced.isdecimal() and int(announced) > most:
        raise MessageTooLarge(most=most)
    body = request.read(most + 1)
    if len(body) > most:
        raise MessageTooLarge(most=most)
    return bytes(body)


def _answered(body: bytes, *, by: Actor) -> dict[str, Any]:
    answer = actions.answer(io.BytesIO(body), by=by)
    if answer.is_duis_code:
        return {"xml": (duis_response(answer, at=timezone.now()) or b"").decode()}
    return {"problem": _problem_of(answer)}


def _problem_of(answer: Answer) -> dict[str, str]:
    return {
        "title": _TITLES.get(answer.verdict, "Message refused"),
        "detail": answer.detail,
        "suggestion": answer.suggestion,
        "code": answer.response_code,
    }
