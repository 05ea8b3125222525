"""The Exit Quarantine file, version 1.0: what is to become of each communication of one quarantine event.

`H,EQF,1.0,<User ID>,<reference|NEW>,<creation time>,<Quarantine Event Ref>`
`D,<line number>,<Quarantine Event Ref>,<RequestID>,<RELEASE|DELETE>,<reason>`
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from ssi.uploads.findings import Found
from ssi.uploads.formats.fields import problem_with_text, shown
from ssi.uploads.formats.frames import Basics
from ssi.uploads.formats.records import Record
from ssi.uploads.models.choices import Decision, Kind

LONGEST_REASON: Final = 200
EVENT_REF: Final = "Quarantine Event Ref"
REQUEST_ID: Final = "RequestID"

_EUI: Final = "[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){7}"
_EVENT_REF: Final = re.compile(r"[0-9]{1,20}", re.ASCII)
_REQUEST_ID: Final = re.compile(rf"({_EUI}):({_EUI}):(0|[1-9][0-9]{{0,19}})", re.ASCII)
_ACTIONS: Final = frozenset(Decision.values)
_SIGN: Final = 1 << 63
_SPAN: Final = 1 << 64


class Header(NamedTuple):
    """An H record; `event_ref` is None where it cannot be read."""

    basics: Basics
    event_ref: int | None


class Detail(NamedTuple):
    """A D record whose RequestID can be read; `action` is "" where that is none.

    EUI-64s are numbers as the database keeps them.
    """

    line: int
    originator: int
    target: int
    counter: str
    action: str
    reason: str


class ExitQuarantine10:
    """Reads the records of version 1.0."""

    kind: Kind = Kind.EXIT_QUARANTINE
    version: str = "1.0"
    header_fields: tuple[str, ...] = (
        "record",
        "file type",
        "format version",
        "User ID",
        "reference",
        "creation time",
        EVENT_REF,
    )
    detail_fields: tuple[str, ...] = ("record", "line number", EVENT_REF, REQUEST_ID, "action", "reason")

    def header(self, basics: Basics, values: Mapping[str, str]) -> tuple[Header, list[Found]]:
        """Return the header's item, and F24 where its event cannot be read."""
        given = values[EVENT_REF]
        if not _EVENT_REF.fullmatch(given):
            message = f"The {EVENT_REF} is {shown(given)}; it has 1 to 20 digits."
            return Header(basics, None), [Found("F24", message, 1, EVENT_REF)]
        return Header(basics, int(given)), []

    def details(self, header: Header | None) -> Callable[[Record], Sequence[Found | Detail]]:
        """Return what reads a D record of the event that the header names."""
        event_ref = header.event_ref if header else None
        spelling = "" if event_ref is None else str(event_ref)

        def read(record: Record) -> Sequence[Found | Detail]:
            line, (_, _, event, request_id, action, reason) = record
            match = _REQUEST_ID.fullmatch(request_id)
            if match and action in _ACTIONS and event == spelling and not reason:
                return (_detail(line, match, action, ""),)
            founds = list(_problems(record, event_ref))
            if match:
                kept = "" if problem_with_text(reason, LONGEST_REASON) else reason
                return (*founds, _detail(line, match, action if action in _ACTIONS else "", kept))
            return founds

        return read


def _detail(line: int, match: re.Match[str], action: str, reason: str) -> Detail:
    originator, target, counter = match.groups()
    return Detail(line, _bigint(originator), _bigint(target), counter, action, reason)


def _bigint(eui: str) -> int:
    """Return an EUI-64 with dashes as the database keeps it; a million of them a file."""
    number = int(eui.replace("-", ""), 16)
    return number - _SPAN if number >= _SIGN else number


def _problems(record: Record, event_ref: int | None) -> Sequence[Found]:
    """Return what is wrong with the fields of a D record."""
    line, (_, _, event, request_id, action, reason) = record
    founds = []
    if not _EVENT_REF.fullmatch(event):
        message = f"The {EVENT_REF} is {shown(event)}; it has 1 to 20 digits."
        founds.append(Found("F30", message, line, EVENT_REF, "Write the event of the header."))
    elif event_ref is not None and int(event) != event_ref:
        message = f"The record names event {event}, and the header {event_ref}."
        founds.append(Found("F60", message, line, EVENT_REF, "Decide about one event in one file."))
    if not _REQUEST_ID.fullmatch(request_id):
        message = f"The RequestID is {shown(request_id)}, which is none."
        way_out = "Write User ID, target and counter with colons, such as 90-B3-…:00-DB-…:123."
        founds.append(Found("F30", message, line, REQUEST_ID, way_out))
    if action not in _ACTIONS:
        message = f"The action is {shown(action)}; it is RELEASE or DELETE."
        founds.append(Found("F34", message, line, "action"))
    if problem := problem_with_text(reason, LONGEST_REASON):
        way_out = f"Write it in one line of up to {LONGEST_REASON} characters, beginning with a letter or number."
        founds.append(Found("F30", f"The reason {problem}.", line, "reason", way_out))
    return founds
