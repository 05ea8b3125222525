"""What was sent, as it came: the file and its signature."""

from http import HTTPStatus
from io import BytesIO
from typing import BinaryIO

import structlog
from django.http import FileResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.uploads import storage
from ssi.uploads.views.finding import found_or_404
from ssi.web.requests import SsiRequest

log = structlog.get_logger(__name__)

VIEW = Component.ADT_AND_QUARANTINE_VIEW


class NoSignatureCame(Refusal):
    """No signature came with {reference}."""

    suggestion = "Its page says what was found."
    status = HTTPStatus.NOT_FOUND


class NotAsReceived(Refusal):
    """What is kept of {reference} is not what was received, so it is not sent."""

    suggestion = "Tell the DCC service desk. The receipt holds the SHA-256 of what was received."
    status = HTTPStatus.CONFLICT


@requires(VIEW)
@require_safe
def file(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send the file as it came, once its bytes have proved to be those; an infected one is refused."""
    found = found_or_404(request, reference)
    try:
        content = storage.opened(found.stored_as, found.sha256)
    except storage.BytesChanged as changed:
        log.exception("upload_not_as_received", upload=found.reference)
        raise NotAsReceived(reference=found.reference) from changed
    return _sent(content, found.file_name)


@requires(VIEW)
@require_safe
def signature(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send the signature as it came."""
    found = found_or_404(request, reference)
    if found.signature is None:
        raise NoSignatureCame(reference=found.reference)
    return _sent(BytesIO(found.signature), found.signature_name or f"{found.file_name}.sig")


def _sent(content: BinaryIO, name: str) -> FileResponse:
    """Return bytes for the browser to save, never to show."""
    response = FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["Cache-Control"] = "no-store"
    return response
