"""Anomaly Detection Thresholds, format version 1.0: what the header and the D records hold. Source: domain 6.2."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ssi.access.roles import UserRole
from ssi.uploads.findings import Found
from ssi.uploads.formats import fields
from ssi.uploads.formats.fields import MOST_DIGITS
from ssi.uploads.formats.frames import Basics
from ssi.uploads.formats.records import Record
from ssi.uploads.models.choices import Kind, MessageType, Period, Replaces
from ssi.uploads.models.thresholds import LONGEST_NOTE
from ssi.uploads.service_reference_variants import SERVICE_REFERENCE_VARIANTS

ANOTHER_NOTE: Final = f"Write at most {LONGEST_NOTE} characters that do not begin with =, +, -, @ or a tab."

_NO_DATES: Final = (None, None)
_CANNOT_BE_KEPT: Final = frozenset({"F31", "F34", "F35", "F37"})

_date_of: Final = lru_cache(maxsize=1_024)(fields.date_of)
"""An exception's dates come again and again."""


@dataclass(frozen=True, slots=True)
class AdtHeader:
    """The H record; None or "" for what cannot be read."""

    basics: Basics
    user_role: str
    effective_date: date | None
    replaces: str


class AdtDetail(NamedTuple):
    """A D record that can be kept. `line` is the file's; the other fields are those of a Threshold."""

    line: int
    srv: str
    message_type: str
    period: str
    warning: int | None
    quarantine: int
    exception_from_date: date | None
    exception_to_date: date | None
    note: str


class Adt10:
    """Format version 1.0."""

    kind: Kind = Kind.ADT
    version: str = "1.0"
    header_fields: tuple[str, ...] = (
        "H",
        "file type",
        "format version",
        "User ID",
        "User Role",
        "reference",
        "creation time",
        "effective date",
        "replaces",
    )
    detail_fields: tuple[str, ...] = (
        "D",
        "line number",
        "Service Reference Variant",
        "message type",
        "period",
        "warning threshold",
        "quarantine threshold",
        "exception from",
        "exception to",
        "note",
    )

    def header(self, basics: Basics, values: Mapping[str, str]) -> tuple[AdtHeader, list[Found]]:
        """Return the header, and what is wrong with its own fields."""
        founds = []
        role, effective, replaces = values["User Role"], values["effective date"], values["replaces"]
        if role not in UserRole.values:
            message = f"The User Role is {fields.shown(role)}; there are {', '.join(UserRole.values)}."
            founds.append(Found("F23", message, 1, "User Role"))
            role = ""
        effective_date = fields.date_of(effective)
        if effective_date is None:
            message = f"The effective date is {fields.shown(effective)}, not a date such as 2026-08-26."
            founds.append(Found("F24", message, 1, "effective date"))
        if replaces not in Replaces.values:
            message = f"What it replaces is {fields.shown(replaces)}; write {' or '.join(Replaces.values)}."
            founds.append(Found("F24", message, 1, "replaces"))
            replaces = ""
        return AdtHeader(basics, role, effective_date, replaces), founds

    def details(self, header: AdtHeader | None) -> Callable[[Record], Sequence[Any]]:
        """Return what reads D records for the header's User Role; where that is not known, for any."""
        return _Details(header.user_role if header else "").read


class _Details:
    """Reads D records of one User Role."""

    def __init__(self, user_role: str) -> None:
        self._user_role = user_role
        self._usual = frozenset(
            (srv, message_type.value, period.value)
            for srv, known in SERVICE_REFERENCE_VARIANTS.items()
            for message_type in MessageType
            for period in Period
            if (not user_role or user_role in known.user_roles)
            and (message_type == MessageType.SR or known.is_critical)
        )

    def read(self, record: Record) -> Sequence[Any]:
        """Return what is wrong with a D record, and its item where it can be kept.

        It can be wherever it is plain which threshold is set, and to what: it may clash with others besides.
        """
        line, (_, _, srv, message_type, period, warning, quarantine, begins, ends, note) = record
        founds: list[Found] = []
        if (srv, message_type, period) not in self._usual:
            founds += self._about_what(line, srv, message_type, period)
        warns_at = fields.number_of(warning) if warning else None
        holds_at = fields.number_of(quarantine)
        if not holds_at or (warning and (warns_at is None or warns_at >= holds_at)):
            founds += _about_numbers(line, warning, quarantine)
        dates: tuple[date | None, date | None] = _NO_DATES
        if begins or ends:
            dates = (_date_of(begins), _date_of(ends))
            founds += _about_dates(line, begins, ends)
        if note and (problem := fields.problem_with_text(note, LONGEST_NOTE)):
            founds.append(Found("F30", f"The note {problem}.", line, "note", ANOTHER_NOTE))
            note = ""
        if holds_at is None or (founds and any(found.code in _CANNOT_BE_KEPT for found in founds)):
            return founds
        founds_and_detail: list[Any] = founds
        founds_and_detail.append(
            AdtDetail(line, srv, message_type, period, warns_at, holds_at, *dates, note),
        )
        return founds_and_detail

    def _about_what(self, line: int, srv: str, message_type: str, period: str) -> list[Found]:
        """Return what is wrong with what is counted."""
        founds = []
        known = SERVICE_REFERENCE_VARIANTS.get(srv)
        if known is None:
            message = f"{fields.shown(srv)} is no Service Reference Variant of DUIS 5.4."
            founds.append(Found("F31", message, line, "Service Reference Variant"))
        elif self._user_role and self._user_role not in known.user_roles:
            message = f"{self._user_role} may not send {srv} ({known.name})."
            founds.append(Found("F32", message, line, "Service Reference Variant"))
        if message_type not in MessageType.values:
            message = f"The message type is {fields.shown(message_type)}, neither SR nor SPC."
            founds.append(Found("F34", message, line, "message type"))
        elif known and message_type == MessageType.SPC and not known.is_critical:
            message = f"{srv} ({known.name}) is not Critical, so it has no Signed Pre-Commands."
            founds.append(Found("F32", message, line, "message type", "Set its threshold for SR."))
        if period not in Period.values:
            message = f"The period is {fields.shown(period)}, neither DAY nor HOUR."
            founds.append(Found("F34", message, line, "period"))
        return founds


def _about_numbers(line: int, warning: str, quarantine: str) -> list[Found]:
    """Return what is wrong with the two thresholds."""
    founds = []
    warns_at, holds_at = fields.number_of(warning), fields.number_of(quarantine)
    if warning and warns_at is None:
        message = f"The warning threshold is {fields.shown(warning)}, no number of at most {MOST_DIGITS} digits."
        founds.append(Found("F35", message, line, "warning threshold"))
    if not holds_at:
        message = (
            f"The quarantine threshold is {fields.shown(quarantine)}, no number from 1 to {MOST_DIGITS} digits."
        )
        founds.append(Found("F35", message, line, "quarantine threshold"))
    elif warns_at is not None and warns_at >= holds_at:
        message = f"The warning threshold {warns_at:,} is not below the quarantine threshold {holds_at:,}."
        founds.append(Found("F36", message, line, "warning threshold"))
    return founds


def _about_dates(line: int, begins: str, ends: str) -> list[Found]:
    """Return what is wrong with an exception's dates."""
    founds = []
    for name, value in (("exception from", begins), ("exception to", ends)):
        if _date_of(value) is None:
            said = f"is {fields.shown(value)}, not a date such as 2026-08-26" if value else "is missing"
            founds.append(Found("F37", f"The date of {name} {said}.", line, name))
    from_date, to_date = _date_of(begins), _date_of(ends)
    if from_date and to_date and to_date < from_date:
        message = f"The exception ends on {to_date}, before it begins on {from_date}."
        founds.append(Found("F37", message, line, "exception to"))
    return founds
