"""Service Requests in the REST API: a User's own audit trail."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args

from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from inventory.forms.moments import FIRST_YEAR, LAST_YEAR
from inventory.models import AuditTrailEntry
from inventory.models.choices import TrailKind
from inventory.presenters.duis_words import meaning_of
from inventory.search import service_requests as search
from ssi.access.components import Component
from ssi.web.api_access import ApiRequest, Eui, ShortText, requires
from ssi.web.pages import LONGEST_PAGE, PAGE_SIZE

router = Router(tags=["Service Requests"])

KindName = Literal["service_request", "service_response", "device_alert", "dcc_alert"]
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


def _out(entry: AuditTrailEntry) -> dict[str, Any]:
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
