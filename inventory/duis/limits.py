"""How large, deep and dense a DUIS message may be before we stop reading it."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings

CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one message. Reading stops at the first that is passed, so memory stays flat whatever comes.

    `total_bytes` is a setting. Its default of 16 MiB holds the largest message DUIS knows, SR 11.1: 10,240,000
    bytes of firmware are 14.0 MB in base64 with line breaks, and 50,000 Device IDs another 1.2 MB. `depth` and
    `elements` are many times what any DUIS message needs. `markup_bytes` bounds one tag or comment, which a
    parser must hold whole. Of each element's text only the first `kept_text` characters are kept: no value read
    here is longer, but for the first DeviceIDList of a message, of which `kept_list` are. A FirmwareImage is
    measured and not kept at all.
    """

    total_bytes: int = 16 * 1024 * 1024
    depth: int = 64
    elements: int = 50_000
    markup_bytes: int = 256 * 1024
    kept_text: int = 1_024
    kept_list: int = 1_200_000

    @classmethod
    def from_settings(cls) -> Self:
        """Return the limits of this copy of the portal."""
        return cls(total_bytes=settings.SSI_DUIS_LARGEST_MESSAGE)
