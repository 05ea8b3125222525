"""A kind of file for tests of the pipeline alone: a threshold a line, with findings where a line asks for one."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.db import connection

from ssi.access.actor import Actor
from ssi.uploads.findings import Found
from ssi.uploads.models import Threshold, Upload

_COPY = (
    "COPY uploads_threshold (upload_id, line, is_in_file, srv, message_type, period, quarantine, note) FROM STDIN"
)


@dataclass(frozen=True)
class Line:
    """What a line says."""

    number: int
    text: str


class Lines:
    """Keeps every line; `bad` is found wrong as it is read, `odd` and `warn` when it is checked."""

    def __init__(self) -> None:
        self.before_keep: Callable[[Upload, Sequence[Line]], None] = lambda upload, items: None
        self.after_keep: Callable[[Upload, Sequence[Line]], None] = lambda upload, items: None
        self.before_check: Callable[[Upload], None] = lambda upload: None
        self.accepted_by: list[int] = []
        self.lock = threading.Lock()

    def read(self, upload: Upload, content: BinaryIO) -> Iterator[Any]:
        for number, raw in enumerate(content, 1):
            text = raw.decode("utf-8", "replace").strip()
            if "bad" in text:
                yield Found("F30", f"It says {text}.", line=number, field="text")
            else:
                yield Line(number, text)

    def keep(self, upload: Upload, items: Sequence[Line]) -> None:
        self.before_keep(upload, items)
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for item in items:
                note = item.text[:50].replace("\x00", "")
                copy.write_row((upload.pk, item.number, True, "8.11", "SR", "DAY", 1, note))
        self.after_keep(upload, items)

    def clear(self, upload: Upload) -> None:
        Threshold.objects.filter(upload=upload).delete()

    def check(self, upload: Upload) -> Iterator[Found]:
        self.before_check(upload)
        rows = Threshold.objects.filter(upload=upload).order_by("line")
        for row in rows.filter(note__contains="odd").iterator():
            yield Found("F33", "It is odd.", line=row.line)
        for row in rows.filter(note__contains="warn").iterator():
            yield Found("W50", "It is much.", line=row.line)

    def accepted(self, upload: Upload) -> None:
        with self.lock:
            self.accepted_by.append(upload.pk)

    def given_up(self, upload: Upload) -> None:
        pass

    def apply(self, upload: Upload, *, by: Actor, at: datetime) -> bool:
        return True
