"""The addresses that take signed files: these go to disk while they come, from whoever may send them alone."""

from typing import Final

from django.conf import settings

from ssi.access.components import Component
from ssi.web.uploading import stream_files

TOO_LARGE: Final = "F06"
SENDERS: Final = (Component.ADT_SUBMISSION, Component.EXIT_QUARANTINE_SUBMISSION)


def declare() -> None:
    """Declare them; called once when the portal starts."""
    for pattern, components in (
        (r"/uploads/new/[a-z-]+/", SENDERS),
        (r"/uploads/by-email/new/", (Component.SERVICE_DESK,)),
        (r"/api/v1/uploads", SENDERS),
    ):
        stream_files(pattern, components=components, most_bytes=_most_bytes, code=TOO_LARGE)


def _most_bytes() -> int:
    return int(settings.SSI_UPLOAD_MOST_BYTES)
