"""Reading a file of registration data line by line: well-formed rows out, findings for the rest."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple

from inventory.actions.registrations.findings import (
    EndsBeforeItBegins,
    Finding,
    KindOfTheOtherFuel,
    KindUnknown,
    NeitherYesNorNo,
    NotADate,
    NotAnMpxn,
    NotAUserId,
    NotReadable,
    UserIdUnknown,
    WrongColumns,
    WrongNumberOfValues,
)
from inventory.meter_points import MpxnKind, kind_of
from inventory.models.choices import GAS_KINDS, RegistrationKind
from ssi.eui64 import Eui64, NotAnEui64
from ssi.refusals import Refusal

COLUMNS: Final = {
    "mpxn": "The meter point: an MPAN's 13 digits or an MPRN's up to 10. Check digits are not enforced.",
    "kind": "As what: `IS`, `ES` or `GS` for a supplier, `ED` or `GT` for the network operator.",
    "user_id": "The User ID, with or without dashes; it must be registered here.",
    "from_date": "The first day, such as `2026-08-26`; a day ahead is an agreed registration.",
    "to_date": "The last day, or empty while no end is known.",
    "cancelled": "`yes` takes the registration of that meter point, kind and first day back; else empty or `no`.",
}
"""The columns of a file, in any order, by the names of the first line; `cancelled` may be missing."""
OPTIONAL: Final = frozenset({"cancelled"})
KINDS: Final = {kind.duis: kind for kind in RegistrationKind}
YES_OR_NO: Final = {"": False, "no": False, "yes": True}
TEXTS_REMEMBERED: Final = 50_000


class Row(NamedTuple):
    """One registration as a file states it; `user_id` as the bigint of its column."""

    line: int
    mpxn: str
    kind: int
    user_id: int
    from_date: date
    to_date: date | None
    is_cancelled: bool


def read(file: BinaryIO, known: frozenset[Eui64]) -> Iterator[Row | Finding]:
    """Yield the rows of a CSV file in UTF-8, and a finding for everything wrong; `known` are the User IDs here."""
    lines = csv.reader(decoded(file), strict=True)
    try:
        header = next(lines, [])
        names = [name.strip().lower() for name in header]
        if problem := _problem_with(names):
            yield Finding.of(1, WrongColumns(problem=problem, columns=", ".join(COLUMNS)))
            return
        parse = _Parser(names, known)
        for values in lines:
            if values:
                yield from parse(lines.line_num, values)
    except csv.Error as trouble:
        yield Finding.of(lines.line_num, NotReadable(problem=str(trouble)))
    except NotText as trouble:
        yield Finding.of(trouble.line, NotReadable(problem=str(trouble)))


class NotText(Exception):  # noqa: N818 - told as a finding
    """A line of the file is no text in UTF-8."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


def decoded(file: Iterable[bytes]) -> Iterator[str]:
    """Yield the file's lines as text, without the mark that spreadsheets put in front of UTF-8."""
    for number, line in enumerate(file, start=1):
        if b"\0" in line:
            raise NotText(number, "it holds a zero byte")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as trouble:
            raise NotText(number, "it holds bytes that are not UTF-8") from trouble


def _problem_with(names: Sequence[str]) -> str:
    if not names:
        return "there is none"
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        return f"there is no column “{unknown[0][:40]}”"
    missing = [name for name in COLUMNS if name not in names and name not in OPTIONAL]
    if missing:
        return f"{missing[0]} is missing"
    return "a column is named twice" if len(set(names)) < len(names) else ""


class _Parser:
    """Turns a line's values into a row, or into what is wrong with each of them."""

    def __init__(self, names: Sequence[str], known: frozenset[Eui64]) -> None:
        self._names = names
        self._known = known
        self._user_ids: dict[str, int | Refusal] = {}

    def __call__(self, line: int, values: Sequence[str]) -> Iterator[Row | Finding]:
        """Yield the row, or a finding for each value that is wrong."""
        if len(values) != len(self._names):
            yield Finding.of(line, WrongNumberOfValues(found=len(values), expected=len(self._names)))
            return
        given = {name: value.strip() for name, value in zip(self._names, values, strict=True)}
        kind, user_id = KINDS.get(given["kind"]), self._user_id(given["user_id"])
        from_date, to_date = _day(given["from_date"]), _day(given["to_date"])
        problems = [
            *_problems_of_point(given["mpxn"], kind),
            *([user_id] if isinstance(user_id, Refusal) else []),
            *_problems_of_dates(given, from_date, to_date),
            *([] if given.get("cancelled", "").lower() in YES_OR_NO else [NeitherYesNorNo()]),
        ]
        if problems or kind is None or from_date is None or isinstance(user_id, Refusal):
            yield from (Finding.of(line, problem) for problem in problems)
            return
        is_cancelled = YES_OR_NO[given.get("cancelled", "").lower()]
        yield Row(line, given["mpxn"], int(kind), user_id, from_date, to_date, is_cancelled)

    def _user_id(self, text: str) -> int | Refusal:
        """Return the User ID's column value; a file repeats a few hundred of them."""
        found = self._user_ids.get(text)
        if found is None:
            found = self._parsed(text)
            if len(self._user_ids) < TEXTS_REMEMBERED:
                self._user_ids[text] = found
        return found

    def _parsed(self, text: str) -> int | Refusal:
        try:
            eui = Eui64.parse(text)
        except NotAnEui64:
            return NotAUserId()
        return eui.as_bigint if eui in self._known else UserIdUnknown(user_id=eui)


def _problems_of_point(mpxn: str, kind: RegistrationKind | None) -> Iterator[Refusal]:
    number = kind_of(mpxn)
    if number is None:
        yield NotAnMpxn()
    if kind is None:
        yield KindUnknown()
    elif number is not None and (kind in GAS_KINDS) != (number is MpxnKind.MPRN):
        yield KindOfTheOtherFuel(kind=kind.duis, number=number)


def _problems_of_dates(
    given: Mapping[str, str], from_date: date | None, to_date: date | None
) -> Iterator[Refusal]:
    if from_date is None:
        yield NotADate.at("from_date")
    if to_date is None and given["to_date"]:
        yield NotADate.at("to_date")
    if from_date is not None and to_date is not None and to_date < from_date:
        yield EndsBeforeItBegins(from_date=from_date, to_date=to_date)


@lru_cache(maxsize=TEXTS_REMEMBERED)
def _day(text: str) -> date | None:
    """Return the date of a text, None if it is none; Python alone would take other spellings as well."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
