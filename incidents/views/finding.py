"""Finding the request that an address names, to be shown."""

from django.http import Http404

from incidents.actions import obligations
from incidents.actions.install_code_requests.locking import RequestUnknown
from incidents.models import InstallCodeRequest
from ssi.web.requests import SsiRequest


def found_or_404(request: SsiRequest, reference: str) -> InstallCodeRequest:
    """Return the request, or answer 404 alike for what does not exist and for what the actor may not see."""
    try:
        return obligations.show_one(reference, by=request.actor)
    except RequestUnknown as unknown:
        raise Http404 from unknown
