"""Reading files of thresholds with and without an upload, and versions of them made straight in the tables."""

import hashlib
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Final

from django.utils import timezone

from ssi.accounts.models import Person, UserId
from ssi.eui64 import Eui64
from ssi.uploads.findings import Found
from ssi.uploads.formats.frames import Sender, read
from ssi.uploads.formats.registry import formats_of
from ssi.uploads.kinds.adt import AdtFile
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import Kind, State
from tests.factories.uploads import GOOD_ROWS, Row, adt_file

USER_ID: Final = Eui64.parse("90-B3-D5-1F-30-03-00-00")
CREATED_AT: Final = datetime(2026, 8, 26, 12, 0, tzinfo=UTC)
EFFECTIVE: Final = date(2026, 9, 1)
NAME: Final = "ADT_90B3D51F30030000_NEW_20260826T120000Z.csv"


def good(rows: Iterable[Row] = GOOD_ROWS, **wrong: Any) -> tuple[str, bytes]:
    """Return the name and the bytes of a file that is always the same, but for what is to be wrong."""
    given = {"created_at": CREATED_AT, "effective_date": EFFECTIVE} | wrong
    return adt_file(USER_ID, given.pop("user_role", "IS"), rows, **given)


def items(content: bytes, name: str = NAME) -> list[Any]:
    """Return everything that reading yields."""
    return list(read(io.BytesIO(content), formats_of(Kind.ADT), Sender(name, USER_ID)))


def found(content: bytes, name: str = NAME) -> list[Found]:
    """Return what reading finds wrong."""
    return [item for item in items(content, name) if isinstance(item, Found)]


def codes(content: bytes, name: str = NAME) -> list[tuple[str, int]]:
    """Return code and line of what reading finds wrong."""
    return [(each.code, each.line) for each in found(content, name)]


def wrong_row(*row: object) -> list[tuple[str, int, str]]:
    """Return code, line and field of what is wrong with a file of one D record, its line number left out."""
    return [(each.code, each.line, each.field) for each in found(good([row])[1])]


def upload_of(person: Person, user_id: UserId, name: str, content: bytes, **facts: Any) -> Upload:
    """Return an upload of these bytes that nobody has read yet."""
    told = {
        "kind": Kind.ADT,
        "party": user_id.party,
        "user_id": user_id,
        "uploaded_by": person,
        "via": "screen",
        "file_name": name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "stored_as": "nowhere",
    }
    return Upload.objects.create(**told | facts)


def read_in(person: Person, rows: Iterable[Row] = GOOD_ROWS, *, user_role: str = "IS", **wrong: Any) -> Upload:
    """Return an upload of a file of whom `person` acts for, kept as the pipeline keeps it."""
    user_id = person.grants.get().acting_for
    name, content = adt_file(user_id, user_role, rows, **wrong)
    upload = upload_of(person, user_id, name, content)
    kind = AdtFile()
    read_items = list(kind.read(upload, io.BytesIO(content)))
    upload.findings = sum(isinstance(item, Found) for item in read_items)
    upload.save(update_fields=["findings"])
    kind.keep(upload, [item for item in read_items if not isinstance(item, Found)])
    return upload


def checked(upload: Upload) -> list[Found]:
    """Return what the check finds, warnings among it."""
    return list(AdtFile().check(upload))


def in_state(upload: Upload, state: State) -> Upload:
    """Return the upload in another state, as the database would have it afterwards."""
    facts: dict[str, Any] = {"state": state}
    if state in {State.ACCEPTED, State.APPLIED, State.SUPERSEDED}:
        facts |= {"accepted_at": timezone.now(), "confirmed_at": timezone.now()}
    Upload.objects.filter(pk=upload.pk).update(**facts)
    return Upload.objects.get(pk=upload.pk)


def in_force(person: Person, rows: Iterable[Row] = GOOD_ROWS, **wrong: Any) -> Upload:
    """Return a version that is in force."""
    upload = read_in(person, rows, **wrong)
    assert not checked(upload)
    return in_state(upload, State.APPLIED)


def rows_of(upload: Upload) -> list[tuple[Any, ...]]:
    """Return the thresholds of a version: SRV, type, period, quarantine, exception from, is in file."""
    return list(
        Threshold.objects.filter(upload=upload)
        .order_by("srv", "message_type", "period", "exception_from_date")
        .values_list("srv", "message_type", "period", "quarantine", "exception_from_date", "is_in_file")
    )
