"""Finding the request that an address names."""

from django.http import Http404

from incidents.actions import obligations
from incidents.actions.batches import BatchUnknown
from incidents.actions.install_code_requests.locking import RequestUnknown
from incidents.models import BulkJob, InstallCodeRequest, WorkPack
from incidents.search import batches, work_packs
from incidents.search import install_code_requests as search
from ssi.web.requests import SsiRequest


def found_or_404(request: SsiRequest, reference: str) -> InstallCodeRequest:
    """Return the request, or answer 404 alike for what does not exist and for what the actor may not see."""
    try:
        return search.one(reference, by=request.actor)
    except RequestUnknown as unknown:
        raise Http404 from unknown


def shown_or_404(request: SsiRequest, reference: str) -> InstallCodeRequest:
    """Return the request to be shown in full, or answer 404; an installing supplier has then been told of it."""
    try:
        return obligations.show_one(reference, by=request.actor)
    except RequestUnknown as unknown:
        raise Http404 from unknown


def together_or_404(request: SsiRequest, reference: str) -> BulkJob | WorkPack:
    """Return the job or the work pack of that reference, to which e-mails lead alike, or answer 404."""
    try:
        return batches.one(reference, by=request.actor)
    except BatchUnknown:
        pass
    try:
        return work_packs.one(reference, by=request.actor)
    except work_packs.WorkPackUnknown as unknown:
        raise Http404 from unknown
