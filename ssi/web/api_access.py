"""What every API operation shares: its component, its caller, one effect per Idempotency-Key, safe text.

@router.get("/devices/{device_id}", response=DeviceOut)
@requires(Component.INVENTORY_SEARCH)
def device(request: ApiRequest, device_id: DeviceId) -> ...:
"""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja.decorators import decorate_view
from ninja.parser import Parser
from pydantic import BeforeValidator, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from ssi.access import decorators
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.eui64 import Eui64, NotAnEui64
from ssi.refusals import Refusal
from ssi.web import security
from ssi.web.idempotency import Answer, once
from ssi.web.uploading import require_length

Operation = TypeVar("Operation", bound=Callable[..., Any])
Run = Callable[..., HttpResponse]


class ApiRequest(HttpRequest):
    """A call as an operation sees it: the token's owner acts, as `auth`. Only for type checkers."""

    auth: Actor


class UnreadableText(Refusal):
    """The call holds a character that is no text: NUL or half of a surrogate pair."""

    suggestion = "Check how your program encodes text; send UTF-8."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


def requires(*components: Component) -> Callable[[Operation], Operation]:
    """Declare that an API operation belongs to `components`; reaching any one of them opens it.

    It is checked with the token, before the body is read. An operation that declares none is not served.
    """

    def decorate(operation: Operation) -> Operation:
        declared = decorators.requires(*components)(operation)
        return decorate_view(_naming(components))(declared)

    return decorate


def check_component(request: HttpRequest, caller: Actor) -> None:
    """Raise NotAllowed unless `caller` reaches the operation that `request` is about to run.

    The API's addresses are published, so it says why even of what is hidden on screen; the try is recorded too.
    """
    components: tuple[Component, ...] = request.api_components  # type: ignore[attr-defined]
    if security.is_hidden_from(caller, components):
        security.record(security.Try(caller, components, request.path, str(request.method)))
    caller.require(*components)


def _naming(components: tuple[Component, ...]) -> Callable[[Run], Run]:
    def decorate(run: Run) -> Run:
        @wraps(run)
        def named(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            request.api_components = components  # type: ignore[attr-defined]
            return run(request, *args, **kwargs)

        return named

    return decorate


def answered_once(request: ApiRequest, act: Callable[[], Answer], *, body: bytes | None = None) -> Answer:
    """Run `act` once per Idempotency-Key of this caller; without a key, just run it.

    The same key with another method, path, body or User ID and User Role acted for is refused. `body` is the
    request's, from an operation that has read it from the stream.

    `act` returns plain JSON without any secret, since the answer is kept. Raises IdempotencyKeyReused.
    """
    acting = f"{request.auth.user_id}/{request.auth.user_role}"
    body = request.body if body is None else body
    sent = b"\n".join([str(request.method).encode(), request.path.encode(), acting.encode(), body])
    return once(by=request.auth, key=request.headers.get("Idempotency-Key", ""), sent=sent, act=act)


class SafeTextParser(Parser):
    """Reads JSON and queries, and refuses text that PostgreSQL cannot keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's JSON; raises ValueError, which Ninja answers with 400."""
        data = super().parse_body(request)
        if b"\\u" in request.body and b"\\u0000" in json.dumps(data, ensure_ascii=False).encode():
            raise ValueError("NUL")
        return data

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> Any:
        """Return a query's or form's values, empty ones left out. Raises UnreadableText and LengthNotSaid."""
        require_length(request)
        texts = (value for _, values in data.lists() for value in values if isinstance(value, str))
        if any("\x00" in value for value in texts):  # a file's bytes are its own affair
            raise UnreadableText
        found = super().parse_querydict(data, list_fields, request)
        return {name: value for name, value in found.items() if value not in ("", [""])}


def _parse_eui(value: object) -> Eui64:
    if isinstance(value, Eui64):
        return value
    try:
        return Eui64.parse(str(value))
    except NotAnEui64 as refusal:
        raise PydanticCustomError(
            "not_an_eui64", "{message}", {"message": refusal.message, "suggestion": refusal.way_out}
        ) from None


Eui = Annotated[
    Eui64,
    BeforeValidator(_parse_eui),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "description": "EUI-64: 16 hex digits, dashes may be left out. Answers have capitals and dashes.",
            "examples": ["00-DB-12-34-56-78-90-A0"],
        }
    ),
]
"""A Device ID or User ID in the API."""

ShortText = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
"""Text that narrows a list."""
