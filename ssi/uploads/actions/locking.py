"""Taking rows so that two at once cannot both move an upload, and what is in force stands still meanwhile.

Rows are locked in this order everywhere, so that nobody waits in a circle: the upload; its User ID; the grant or
person whose right is asked for (`rights.py`); the quarantine event; its communications; the prepared file; the set
in force that gives way. The audit log comes last of all.
"""

from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind
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


def hold_in_force(upload: Upload) -> None:
    """Keep what is in force for the User ID of thresholds as it is until the transaction ends, by its row.

    Whoever compares with what is in force, or changes it, calls this before looking: submitting, approving and
    applying. An Exit Quarantine file has its event's row for that.
    """
    if upload.kind == Kind.ADT:
        UserId.objects.select_for_update(no_key=True).get(pk=upload.user_id_id)
