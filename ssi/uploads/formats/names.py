"""Names of signed files, such as ADT_90B3D51F30030000_NEW_20260826T120000Z.csv."""

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from ssi.eui64 import Eui64
from ssi.uploads.models.choices import Kind

_TIME: Final = "%Y%m%dT%H%M%SZ"
_NAME: Final = re.compile(
    r"(?P<letters>ADT|EQF)_(?P<user_id>[0-9A-Fa-f]{16})_(?P<reference>[A-Za-z0-9]{1,15})_(?P<time>2\d{7}T\d{6}Z)\.csv",
    re.ASCII,
)


class FileName(NamedTuple):
    """What a file's name says: the creation time is that of its header, in UTC and to the second."""

    letters: str
    user_id: Eui64
    reference: str
    created_at: datetime

    def __str__(self) -> str:
        return (
            f"{self.letters}_{self.user_id.plain}_{self.reference}_{self.created_at.astimezone(UTC):{_TIME}}.csv"
        )


def name_of(kind: Kind, user_id: Eui64, reference: str, created_at: datetime) -> str:
    """Return how a file is to be named."""
    return str(FileName(kind.letters, user_id, reference, created_at))


def parse_name(name: str) -> FileName | None:
    """Return what a name says, None where it is not one of ours."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        created_at = datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return FileName(match["letters"], Eui64.parse(match["user_id"]), match["reference"], created_at)
