"""Problem documents (RFC 9457): how the API says what is wrong and what to do about it.

Every error of the API, whoever found it, leaves as `application/problem+json` with `status`, `title`, `detail`,
`suggestion` and `errors`, the last one with a `field`, `message` and `suggestion` for each field at fault.
"""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypedDict

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from ssi.refusals import Refusal
from ssi.web.uploading import UploadTooLarge

PROBLEM = "application/problem+json"


class FieldError(TypedDict):
    """What is wrong with one field; `field` reads as in the body, with positions, such as `device_ids.3`."""

    field: str
    message: str
    suggestion: str


class FieldErrorOut(Schema):
    """What is wrong with one field."""

    field: str
    message: str
    suggestion: str


class ProblemOut(Schema):
    """A problem document (RFC 9457): what is wrong, and what to do about it."""

    status: int
    title: str
    detail: str
    suggestion: str
    errors: list[FieldErrorOut] = []
    code: str = Field(
        "",
        description="Of a refused DUIS message its response code, of a file its finding code; else not there.",
    )


def problem(
    status: HTTPStatus,
    title: str,
    detail: str,
    suggestion: str,
    *,
    errors: Iterable[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    code: str = "",
) -> HttpResponse:
    """Return a problem document; with `code` if it is of a refused DUIS message."""
    document = {
        "status": status.value,
        "title": title,
        "detail": detail,
        "suggestion": suggestion,
        "errors": list(errors),
    } | ({"code": code} if code else {})
    return JsonResponse(document, status=status, content_type=PROBLEM, headers=headers)


def of_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer a refusal with its own status, naming the field at fault if it has one."""
    errors: list[FieldError] = []
    if refusal.field:
        errors = [{"field": refusal.field, "message": refusal.message, "suggestion": refusal.way_out}]
    return problem(refusal.status, refusal.title, refusal.message, refusal.way_out, errors=errors)


def not_signed_in(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
    """Answer 401. A session's cookie is no token: other sites' pages could send it."""
    return problem(
        HTTPStatus.UNAUTHORIZED,
        "No valid token",
        "The call carries no API token, or one that has expired or was ended.",
        "Send `Authorization: Bearer <token>`. Whoever runs the portal makes tokens with `manage.py api_token`.",
        headers={"WWW-Authenticate": 'Bearer realm="SSI"'},
    )


def not_found(request: HttpRequest, exc: Http404) -> HttpResponse:
    """Answer 404 in one way for what does not exist and for what the caller may not see."""
    return problem(
        HTTPStatus.NOT_FOUND,
        "Nothing found at this address",
        "There is nothing here, or nothing that you may see.",
        "Check the address and the reference in it.",
    )


def method_not_allowed(allowed: str) -> HttpResponse:
    """Answer 405: the address is right, the verb is not."""
    return problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "Not with this method",
        f"This address answers {allowed} only.",
        "See the API reference at /api/v1/docs.",
        headers={"Allow": allowed},
    )


def not_readable(request: HttpRequest, exc: HttpError) -> HttpResponse:
    """Answer a body that is no JSON, and whatever else Ninja refuses before our code runs."""
    status = HTTPStatus(exc.status_code)
    if status is HTTPStatus.BAD_REQUEST:
        return problem(
            status,
            "The body could not be read",
            "The body is not valid JSON in UTF-8.",
            "Check it with a JSON tool; strings stand in double quotes and nothing follows the last brace.",
        )
    return problem(status, status.phrase, str(exc), "See the API reference at /api/v1/docs.")


def too_large(request: HttpRequest, exc: RequestDataTooBig) -> HttpResponse:
    """Answer 413: the body is larger than any call needs, or a file than its call takes."""
    if isinstance(exc, UploadTooLarge):
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, exc.title, exc.detail, exc.suggestion, code=exc.code)
    return problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is too large",
        "The body is larger than 2 MiB, which is more than 50,000 identifiers need.",
        "Send it in several calls.",
    )


def too_many(request: HttpRequest, exc: Throttled) -> HttpResponse:
    """Answer 429; Ninja adds `Retry-After`."""
    return problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many calls",
        "Your programs call faster than the portal answers for one person.",
        "Wait as long as the Retry-After header says. Ask for many devices in one call with devices/lookup.",
    )


def not_well_formed(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    """Answer 422 with every field at fault."""
    errors = [_field_error(error) for error in exc.errors]
    first = errors[0] if errors else FieldError(field="", message="", suggestion="")
    detail = (
        f"{first['field'] or 'The body'}: {first['message']}"
        if len(errors) == 1
        else f"{len(errors)} fields are wrong."
    )
    suggestion = first["suggestion"] if len(errors) == 1 else "See `errors` for each of them."
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Not well-formed", detail, suggestion, errors=errors)


_ANSWERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Refusal: of_refusal,
    AuthenticationError: not_signed_in,
    Throttled: too_many,
    HttpError: not_readable,
    ValidationError: not_well_formed,
    Http404: not_found,
    RequestDataTooBig: too_large,
}


def register(api: NinjaAPI) -> None:
    """Let `api` answer its errors with problem documents; what is left goes to Django's handler500."""
    for error, answer in _ANSWERS.items():
        api.add_exception_handler(error, answer)


# --- Pydantic's findings in our words ------------------------------------------------------------

_NUMBER = ("This is not a whole number.", "Send digits without quotation marks.")
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("This is missing.", "Add it."),
    "extra_forbidden": ("There is no such field.", "Leave it out, or check its spelling in the API reference."),
    "string_type": ("This is not text.", "Send it in double quotes."),
    "string_too_long": ("This is longer than {max_length} characters.", "Shorten it."),
    "string_too_short": ("This is shorter than {min_length} characters.", "Write it out."),
    "string_pattern_mismatch": (
        "This does not have the right form.",
        "See the field's pattern in the API reference.",
    ),
    "too_long": ("There are more than {max_length} entries.", "Send them in several calls."),
    "too_short": ("There are fewer than {min_length} entries.", "Send at least {min_length}."),
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "bool_type": ("This is neither true nor false.", "Send true or false."),
    "bool_parsing": ("This is neither true nor false.", "Send true or false."),
    "list_type": ("This is not a list.", "Send it in square brackets."),
    "greater_than_equal": ("This is less than {ge}.", "Send {ge} or more."),
    "less_than_equal": ("This is more than {le}.", "Send {le} or less."),
    "enum": ("This is none of the values known here.", "Send {expected}."),
    "literal_error": ("This is none of the values known here.", "Send {expected}."),
    "date_type": ("This is not a date.", "Send it as 2026-08-26."),
    "date_parsing": ("This is not a date.", "Send it as 2026-08-26."),
    "date_from_datetime_parsing": ("This is not a date.", "Send it as 2026-08-26."),
}


def _field_error(error: Mapping[str, Any]) -> FieldError:
    facts = error.get("ctx", {})
    message, suggestion = _WORDS.get(error["type"], (f"{error['msg']}.", "See the API reference at /api/v1/docs."))
    if "suggestion" in facts:  # from a validator of ours, which speaks in sentences
        return FieldError(field=_field(error["loc"]), message=error["msg"], suggestion=facts["suggestion"])
    return FieldError(
        field=_field(error["loc"]), message=message.format(**facts), suggestion=suggestion.format(**facts)
    )


def _field(location: tuple[str | int, ...]) -> str:
    """Return the field as the caller knows it: without where it came from and our parameter's name."""
    source, *rest = location
    wrapped = len(rest) > 1 and not isinstance(rest[1], int)
    if source == "body" or wrapped:  # a form's fields stand for themselves
        rest = rest[1:]
    return ".".join(str(part) for part in rest)
