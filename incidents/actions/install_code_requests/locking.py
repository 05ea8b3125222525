"""Taking a request's row so that two at once cannot both move it."""

from http import HTTPStatus

from incidents.models import InstallCodeRequest
from ssi.access.actor import Actor
from ssi.refusals import Refusal


class RequestUnknown(Refusal):
    """There is no request {reference} that you may see."""

    suggestion = "Check the reference, and that you act for the User ID that raised it or was asked."
    status = HTTPStatus.NOT_FOUND


def locked(reference: str, *, by: Actor) -> InstallCodeRequest:
    """Return the request with its row locked until the transaction ends. Raises RequestUnknown.

    What `by` may not see does not exist for them. The lock comes before the look at the state, so whoever loses
    the race sees the winner's state.
    """
    found = (
        InstallCodeRequest.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .by_reference(reference.upper())
        .first()
    )
    if found is None:
        raise RequestUnknown(reference=reference)
    return found
