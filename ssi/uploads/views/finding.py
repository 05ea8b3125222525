"""Finding the upload that an address names."""

from django.http import Http404

from ssi.uploads.models import Upload
from ssi.uploads.search import uploads as search
from ssi.web.requests import SsiRequest


def found_or_404(request: SsiRequest, reference: str) -> Upload:
    """Return the upload, or answer 404 alike for what does not exist and for what the actor may not see."""
    try:
        return search.one(reference, by=request.actor)
    except search.UploadUnknown as unknown:
        raise Http404 from unknown
