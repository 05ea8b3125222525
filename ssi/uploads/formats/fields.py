"""Fields of signed files: numbers, dates, moments, User IDs and texts, exactly as they are to be written."""

import re
from datetime import UTC, date, datetime
from typing import Final

from ssi.eui64 import Eui64

NEW: Final = "NEW"
"""The reference of a file that the portal did not prepare."""

MOST_DIGITS: Final = 15
"""A threshold of more digits is none: a million devices with a message a second send 14 digits of them a year."""

_LONGEST_SHOWN: Final = 40
_USER_ID: Final = re.compile(r"[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){7}", re.ASCII)
_REFERENCE: Final = re.compile(r"[A-Za-z0-9]{1,15}", re.ASCII)
_DATE: Final = re.compile(r"2\d{3}-\d\d-\d\d", re.ASCII)
_MOMENT: Final = re.compile(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_FORMULA: Final = re.compile(r"\s*[=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\uFF0D\uFF20]|\t")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def shown(value: str) -> str:
    """Return a value of the file as a sentence quotes it, a long one cut short."""
    return f'"{value}"' if len(value) <= _LONGEST_SHOWN else f'"{value[:_LONGEST_SHOWN]}…"'


def number_of(value: str) -> int | None:
    """Return a number that is written in digits alone, None for anything else."""
    return int(value) if value.isdecimal() and value.isascii() and len(value) <= MOST_DIGITS else None


def date_of(value: str) -> date | None:
    """Return a date that is written as 2026-08-26, from the year 2000 on; None for anything else."""
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        return None


def moment_of(value: str) -> datetime | None:
    """Return a moment that is written as 2026-08-26T12:00:00Z; None for anything else."""
    try:
        given = datetime.fromisoformat(value) if _MOMENT.fullmatch(value) else None
    except ValueError:
        return None
    return given.astimezone(UTC) if given else None


def user_id_of(value: str) -> Eui64 | None:
    """Return a User ID that is written with its dashes; None for anything else."""
    return Eui64.parse(value) if _USER_ID.fullmatch(value) else None


def is_reference(value: str) -> bool:
    """Tell whether it can be NEW or a reference: 1 to 15 letters and digits."""
    return _REFERENCE.fullmatch(value) is not None


def problem_with_text(value: str, longest: int) -> str:
    """Return what is wrong with a text that people may open in a spreadsheet, "" where nothing is."""
    if len(value) > longest:
        return f"has {len(value)} characters, and may have {longest}"
    if _FORMULA.match(value):
        return "begins like a formula"
    if _CONTROLS.search(value):
        return "holds a control character"
    return ""
