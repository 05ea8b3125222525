"""The receipt of an upload: to be printed, to be kept, and the key with which it is verified."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.uploads import receipts
from ssi.uploads.presenters.receipts import ReceiptPage
from ssi.uploads.views.finding import found_or_404
from ssi.web.requests import SsiRequest

VIEW = Component.ADT_AND_QUARANTINE_VIEW


@requires(VIEW)
@require_safe
def receipt(request: SsiRequest, reference: str) -> HttpResponse:
    """Show the receipt, to be printed."""
    found = found_or_404(request, reference)
    facts = {"upload": found, "page": ReceiptPage(found, receipts.receipt_of(found))}
    return render(request, "uploads/uploads/receipt.html", facts)


@requires(VIEW)
@require_safe
def receipt_json(request: SsiRequest, reference: str) -> HttpResponse:
    """Send the receipt as a file that can be verified without the portal."""
    found = found_or_404(request, reference)
    response = JsonResponse(receipts.receipt_of(found), json_dumps_params={"indent": 2, "ensure_ascii": False})
    return _as_attachment(response, f"{found.reference}-receipt.json")


@requires(VIEW)
@require_safe
def receipt_key(request: SsiRequest) -> HttpResponse:
    """Send the public key that receipts are verified with, to those who get receipts; 404 where there is none."""
    key = receipts.public_key_pem()
    if not key:
        raise Http404
    response = HttpResponse(key, content_type="application/x-pem-file")
    return _as_attachment(response, "ssi-receipt-key.pem")


def _as_attachment(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
