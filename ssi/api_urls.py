"""The API's addresses: its operations, its OpenAPI document, and the reference page drawn from that."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from ssi.access.decorators import public
from ssi.api import api
from ssi.web.api_reference import Reference
from ssi.web.problems import method_not_allowed, problem

View = Callable[..., HttpResponse]


@public("It says how to call the API, and nothing of what it holds.")
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Return the API's reference page."""
    return render(request, "api/reference.html", {"reference": Reference(api.get_openapi_schema())})


@public("It only leads to the reference page.")
@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """Lead to the reference page."""
    return redirect("api_reference")


def _with_problems(view: View) -> View:
    """Answer the few errors that Ninja answers without its exception handlers as problem documents too."""

    @wraps(view)
    def served(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "\x00" in request.path:
            return problem(
                HTTPStatus.BAD_REQUEST, "Unreadable address", "The address holds a NUL.", "Take it out."
            )
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return method_not_allowed(response["Allow"])
        return response

    return served


def _operations() -> list[URLPattern]:
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    declared = public("The API asks each call for its token, and each operation for its component.")
    for pattern in patterns:
        pattern.callback = declared(_with_problems(cast("View", pattern.callback)))
    return patterns


urlpatterns = [
    path("", root),
    path("docs", reference, name="api_reference"),
    path("", (_operations(), "ninja", "api")),
]
