"""Whether the portal is well, for whatever starts and watches it."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ssi.access.decorators import public
from ssi.web import health


@public("A supervisor asks whether the process answers.")
@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """Answer, and look at nothing else: a dead database is no reason to restart the web server."""
    return HttpResponse("alive\n", content_type="text/plain")


@public("A load balancer asks whether to send people here.")
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database is reached and migrated; the broker is told of, but pages do without it."""
    state = health.look()
    status = HTTPStatus.OK if state.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"database": state.database, "broker": state.broker}, status=status)
