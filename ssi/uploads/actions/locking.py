"""Taking an upload's row so that two at once cannot both move it."""

from ssi.access.actor import Actor
from ssi.uploads.models import Upload
from ssi.uploads.search.uploads import UploadUnknown


def locked(reference: str, *, by: Actor) -> Upload:
    """Return the upload with its row locked until the transaction ends. Raises UploadUnknown.

    What `by` may not see does not exist for them. The lock comes before the look at the state, so whoever loses
    the race sees the winner's state.
    """
    found = (
        Upload.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .filter(reference=reference.upper())
        .first()
    )
    if found is None:
        raise UploadUnknown(reference=reference.upper())
    return found
