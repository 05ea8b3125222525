"""A version of thresholds as a file of its own, in the format that is uploaded: whole, and to be signed anew."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.utils import timezone

from ssi.uploads.formats import writing
from ssi.uploads.formats.fields import NEW
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind, Replaces
from ssi.uploads.search.versions import every_threshold

TAKES_EFFECT: Final = timedelta(days=1)


def file_of(upload: Upload) -> tuple[str, Iterator[bytes]]:
    """Return the name and the bytes of a file that would set the version's thresholds again, from tomorrow.

    It replaces all, also where the version was a DELTA: what that left alone stands in the file. Its exceptions
    are those of the version, over or not.
    """
    created_at = timezone.now().replace(microsecond=0)
    rows = (
        (
            each.srv,
            each.message_type,
            each.period,
            each.warning,
            each.quarantine,
            each.exception_from_date,
            each.exception_to_date,
            each.note,
        )
        for each in every_threshold(upload)
    )
    pieces = writing.adt_file(
        user_id=upload.user_id_id,
        user_role=upload.user_role,
        reference=NEW,
        created_at=created_at,
        effective_date=timezone.localdate() + TAKES_EFFECT,
        replaces=Replaces.ALL,
        rows=rows,
    )
    return writing.name_of(Kind.ADT, upload.user_id_id, NEW, created_at), pieces
