"""The pages for what goes wrong, each with a way out; under /api/ as problem documents (RFC 9457)."""

from http import HTTPStatus

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from ssi.refusals import Refusal
from ssi.web import security
from ssi.web.problems import problem, too_large
from ssi.web.uploading import UploadTooLarge


def _answer(request: HttpRequest, status: HTTPStatus, title: str, detail: str, suggestion: str) -> HttpResponse:
    """Return the error as a page, or as a problem document where a program asked."""
    if request.path.startswith("/api/"):
        return problem(status, title, detail, suggestion)
    facts = {"title": title, "detail": detail, "suggestion": suggestion}
    return render(request, f"errors/{status.value}.html", facts, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the browser sent something no page of ours sends; or 413: a form with more text than we take.

    A page that does not exist for the caller takes nothing of any size: 404.
    """
    try:
        _hide(request)
    except Http404 as hidden:
        return page_not_found(request, hidden)
    if isinstance(exception, UploadTooLarge) and request.path.startswith("/api/"):
        return too_large(request, exception)
    if isinstance(exception, UploadTooLarge):
        status, suggestion = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, exception.suggestion
        return _answer(request, status, exception.title, exception.detail, suggestion)
    if isinstance(exception, RequestDataTooBig):
        return _answer(
            request,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "That is too much at once",
            "A form takes 2 MB of text, and what you sent is more. Nothing of it was kept.",
            "Go back and send it as a file where the page takes one, or paste only the column that is needed.",
        )
    if request.path.startswith("/api/"):
        return problem(
            HTTPStatus.BAD_REQUEST,
            "That request could not be read",
            "Its body or its headers are not as HTTP has them, or a part of a form says too much of itself.",
            "Send a whole body of the Content-Type that you name; a file name has fewer than 1,000 characters.",
        )
    return _answer(
        request,
        HTTPStatus.BAD_REQUEST,
        "That request could not be read",
        "What your browser sent is not something a page of this portal sends.",
        "Go back, reload the page and try again.",
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 with the reason, when the exception carries one, and with what would change it."""
    refusal = exception.args[0] if exception.args and isinstance(exception.args[0], Refusal) else exception
    if isinstance(refusal, Refusal):
        detail, suggestion = refusal.message, refusal.way_out
    else:
        detail = str(exception) or "Your account does not reach this page."
        suggestion = "See “What may I do” for what your roles reach and who can grant more."
    return _answer(request, HTTPStatus.FORBIDDEN, "You may not do this", detail, suggestion)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 in one way for what does not exist and for what the caller may not see."""
    return _answer(
        request,
        HTTPStatus.NOT_FOUND,
        "Nothing found at this address",
        "There is nothing here, or nothing that you may see.",
        "Check the address, or search for the Device ID or reference.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without database, session or context processor, any of which may be what broke."""
    reference = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    if request.path.startswith("/api/"):
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "Something broke on our side",
            "The call failed through no fault of yours, and nothing of it was kept.",
            f"Try again; if it fails again, quote reference {reference} to the DCC service desk.",
        )
    page = render_to_string("errors/500.html", {"reference": reference})
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or old, nearly always because the session ended meanwhile.

    Raises Http404 where the page does not exist for the caller: there is no form either.
    """
    _hide(request)
    facts = {
        "title": "This form has expired",
        "detail": "You signed out, or signed in again, after the form was opened. Nothing was changed.",
        "suggestion": "Go back, reload the page, and send the form again. Copy long texts first.",
    }
    return render(request, "errors/csrf.html", facts, status=HTTPStatus.FORBIDDEN)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer a button press that was refused and has no form to show it in."""
    facts = {"title": refusal.title, "detail": refusal.message, "suggestion": refusal.way_out}
    return render(request, "errors/refused.html", facts, status=refusal.status)


def _hide(request: HttpRequest) -> None:
    """Raise Http404, and record the try, where the page that was asked for does not exist for the caller."""
    if request.resolver_match is not None:
        security.hide(request, request.resolver_match.func)
