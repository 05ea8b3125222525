"""Closed by default: a view that does not say who may call it is not served."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware
from django.urls import Resolver404, resolve

from ssi.access.actor import Actor
from ssi.access.decorators import Public, Requires, access_of
from ssi.refusals import NotAllowed, Refusal
from ssi.web import security
from ssi.web.errors import refused


class SlashMiddleware(CommonMiddleware):
    """Leads from an address without its slash to the one with it, unless that does not exist for the caller."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        """Tell whether there is a page with the slash; a redirect to a hidden one would tell that it is there."""
        if not super().should_redirect_with_slash(request):
            return False
        try:
            security.hide(request, resolve(f"{request.path_info}/").func)
        except (Http404, Resolver404):
            return False
        return True


class ClosedByDefaultMiddleware:
    """Checks what the view declares (`@requires`, `@signed_in`, `@public`) before it runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a refusal that no form caught into a page."""
        return refused(request, exception) if isinstance(exception, Refusal) else None

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Let the request through, send the person to sign in, or refuse with the reason.

        What is hidden from the actor is answered as the resolver answers an address that does not exist: Http404.
        """
        access = access_of(view)
        if access is None:
            name = getattr(view, "__qualname__", repr(view))
            raise ImproperlyConfigured(
                f"{name} names no component, so it cannot be served. Decorate it with @requires."
            )
        if isinstance(access, Public):
            return None
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        if isinstance(access, Requires):
            security.hide(request, view)
            try:
                actor.require(*access.components)
            except NotAllowed as refusal:
                return refused(request, refusal)
        return None
