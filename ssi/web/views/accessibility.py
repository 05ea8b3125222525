"""The accessibility statement."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ssi.access.decorators import public


@public("Who cannot use the sign-in page must be able to read whom to tell.")
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say how far the portal meets WCAG 2.2 AA, and whom to tell where it does not."""
    return render(request, "web/accessibility.html")
