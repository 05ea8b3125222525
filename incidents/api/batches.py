"""Batches in the REST API: a list of Device IDs, checked first, whose requests are raised once it is confirmed."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Field, Router, Schema

from incidents.actions import batches as actions
from incidents.actions.batches import MOST_DEVICES
from incidents.actions.bulk import findings
from incidents.api.install_code_requests import RAISE, Reference
from incidents.models import BulkJob
from incidents.models.choices import BulkKind, BulkState
from incidents.search import batches as search
from ssi.web.api_access import ApiRequest, answered_once, requires
from ssi.web.idempotency import Answer

router = Router(tags=["Requests for Install Code"])

BATCHES = "/install-code-requests/batches"


class BatchIn(Schema):
    """Device IDs in any spelling, and whether their requests are to be raised once the list is checked.

    `confirm` states that your company is, or will be, the responsible supplier of these devices; that is recorded.
    """

    device_ids: list[str] = Field(min_length=1, max_length=MOST_DEVICES)
    confirm: bool = False


class CountsOut(Schema):
    """Of the list's entries: how many there are, can be raised, cannot, and were raised so far."""

    given: int
    acceptable: int
    refused: int
    created: int


class RefusedOut(Schema):
    """An entry that is refused, as it was given, why, and what to do about it."""

    device_id: str
    message: str
    suggestion: str


class BatchOut(Schema):
    """A batch; while it is `checking` the counts are not complete. A list called off on screen is `cancelled`."""

    batch: Reference
    state: BulkState
    counts: CountsOut
    refused: list[RefusedOut]


@router.post(BATCHES, response={202: BatchOut}, summary="Raise requests for a list of devices")
@requires(RAISE)
def send_list(request: ApiRequest, body: BatchIn) -> HttpResponse:
    """Take up to 50,000 Device IDs to be checked; with `confirm`, requests are then raised for those acceptable.

    The same list gives the batch it made before, so sending it twice raises nothing twice; sent again with
    `confirm` it confirms what was only checked. A list that your daily quota did not let through stays `checked`:
    confirm it again to learn why.
    """

    def act() -> Answer:
        return _out(actions.draft(body.device_ids, request.auth, confirmed=body.confirm))

    return JsonResponse(answered_once(request, act), status=HTTPStatus.ACCEPTED)


@router.get(f"{BATCHES}/{{reference:batch}}", response=BatchOut, summary="One batch")
@requires(RAISE)
def batch(request: ApiRequest, batch: Reference) -> HttpResponse:
    """Return how far a batch of your User ID is, and every entry that is refused."""
    return JsonResponse(_out(search.one(batch, by=request.auth, kinds=[BulkKind.RAISE])))


def _out(job: BulkJob) -> dict[str, Any]:
    """Return a batch as plain JSON, ready-made: up to 50,000 refused entries are not held against a schema."""
    refused = []
    for row in search.every_bad_row(job):
        message, suggestion = findings.sentence(row)
        refused.append({"device_id": row.given, "message": message, "suggestion": suggestion})
    counts = {"given": job.given, "acceptable": job.acceptable, "refused": job.refused, "created": job.carried_out}
    return {"batch": job.reference, "state": job.state, "counts": counts, "refused": refused}
