"""Reading a file of the Central Products List: entries out, findings for everything that is wrong."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final

from inventory.actions.products import findings
from inventory.actions.registrations.findings import (
    Finding,
    NotADate,
    NotReadable,
    WrongColumns,
    WrongNumberOfValues,
)
from inventory.actions.registrations.reading import NotText, decoded
from inventory.models.choices import TYPE_2, DeviceType, EsmeVariant, ProductStatus
from ssi.refusals import Refusal

COLUMNS: Final = {
    "device_type": "`ESME`, `GSME`, `CHF`, `PPMID` or `HCALCS`; never an IHD or CAD. A GPF is there with its CHF.",
    "manufacturer_id": "The manufacturer ID, hexadecimal, as DUIS has it (`DeviceManufacturer`).",
    "manufacturer_name": "The manufacturer's name.",
    "model_identifier": "The model identifier, hexadecimal: the first part of DUIS's `DeviceModel`.",
    "hardware_version": "The hardware version, hexadecimal: the second part of DUIS's `DeviceModel`.",
    "firmware_version": "The firmware version, hexadecimal or BCD, 1 to 8 digits with its leading zeros.",
    "firmware_coding": "`BCD` or `hex`: the coding of the firmware version, one for all of a product's.",
    "smets_version": "The SMETS or CHTS version, such as `SMETS V5.0` or `CHTS V1.4`; part of the key (MP202).",
    "gbcs_version": "The GBCS version, such as `4.1`.",
    "esme_variant": "The ESME Variant, if all meters of this model have the same; for an ESME only.",
    "image_hash": "The SHA-256 hash of the Manufacturer Image: 64 hexadecimal digits.",
    "cpa_reference": "The reference of the CPA certificate.",
    "cpa_until_date": "When the CPA certificate expires or is to be renewed (MP209), such as `2028-06-30`.",
    "status": "`Active`, `Cancelled`, `Expired` or `Withdrawn`; empty means Active. It suspends nothing.",
    "added_date": "When the entry was added to the list, such as `2024-03-01`.",
}
"""The columns of a file, in any order, by the names of the first line."""
NEEDED: Final = frozenset(
    {
        "device_type",
        "manufacturer_id",
        "model_identifier",
        "hardware_version",
        "firmware_version",
        "smets_version",
        "added_date",
    }
)
"""Columns that no file may do without; the value of `hardware_version` may be empty all the same."""
MOST_ROWS: Final = 100_000
LISTED_TYPES: Final = frozenset(DeviceType) - TYPE_2 - {DeviceType.GPF}

_TYPES: Final = {each.duis: each for each in DeviceType}
_VARIANTS: Final = {each.duis: each for each in EsmeVariant}
_STATUSES: Final = {each.duis.upper(): each for each in ProductStatus}
_CODINGS: Final = {"": "", "BCD": "BCD", "HEX": "hex"}
_DIGITS: Final = re.compile(r"[0-9A-Fa-f]+")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HASH_DIGITS: Final = 64

# Column, the longest it may be, what it is in words, whether it may be empty.
_HEXADECIMAL: Final = (
    ("manufacturer_id", 30, "a manufacturer ID in hexadecimal", False),
    ("model_identifier", 15, "a model identifier in hexadecimal", False),
    ("hardware_version", 15, "a hardware version in hexadecimal", True),
    ("firmware_version", 8, "a firmware version of 1 to 8 hexadecimal digits", False),
)
_TEXTS: Final = (("manufacturer_name", 100), ("smets_version", 20), ("gbcs_version", 20), ("cpa_reference", 60))

Key = tuple[DeviceType, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as a file states it, in capitals where it is hexadecimal; `coding` is of its firmware version."""

    line: int
    device_type: DeviceType
    manufacturer: str
    manufacturer_name: str
    model_identifier: str
    hardware_version: str
    firmware_version: str
    smets_version: str
    gbcs_version: str
    esme_variant: EsmeVariant | None
    image_hash: str
    cpa_reference: str
    cpa_until_date: date | None
    status: ProductStatus
    added_date: date
    coding: str

    @property
    def product(self) -> tuple[DeviceType, str, str, str]:
        """Return what has firmware versions: type, manufacturer, model and hardware."""
        return self.device_type, self.manufacturer, self.model_identifier, self.hardware_version

    @property
    def key(self) -> Key:
        """Return the entry's key, the SMETS version included."""
        return (*self.product, self.firmware_version, self.smets_version)


def read(file: BinaryIO, *, today: date, with_smets_version: bool) -> Iterator[Row | Finding]:
    """Yield the entries of a CSV file in UTF-8, and a finding for everything wrong, also with rows together.

    `with_smets_version` says whether the SMETS version is part of an entry's key (MP202).
    """
    together = _Together(with_smets_version=with_smets_version)
    found = False
    for each in _lines(file, today):
        found = True
        yield each
        if isinstance(each, Row):
            yield from (Finding.of(each.line, problem) for problem in together.problems_of(each))
    if not found:
        yield Finding.of(0, findings.NoEntries())


def _lines(file: BinaryIO, today: date) -> Iterator[Row | Finding]:
    lines = csv.reader(decoded(file), strict=True)
    try:
        names = [name.strip().lower() for name in next(lines, [])]
        if problem := _problem_with(names):
            yield Finding.of(1, WrongColumns(problem=problem, columns=", ".join(COLUMNS)))
            return
        count = 0
        for values in lines:
            count += bool(values)
            if count > MOST_ROWS:
                yield Finding.of(lines.line_num, findings.TooManyRows(most=f"{MOST_ROWS:,}"))
                return
            if values:
                yield from _parsed(lines.line_num, names, values, today)
    except csv.Error as trouble:
        yield Finding.of(lines.line_num, NotReadable(problem=str(trouble)))
    except NotText as trouble:
        yield Finding.of(trouble.line, NotReadable(problem=str(trouble)))


def _problem_with(names: Sequence[str]) -> str:
    if not names:
        return "there is none"
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        return f"there is no column “{unknown[0][:40]}”"
    missing = [name for name in COLUMNS if name in NEEDED and name not in names]
    if missing:
        return f"{missing[0]} is missing"
    return "a column is named twice" if len(set(names)) < len(names) else ""


def _parsed(line: int, names: Sequence[str], values: Sequence[str], today: date) -> Iterator[Row | Finding]:
    """Yield the row, or a finding for each value that is wrong."""
    if len(values) != len(names):
        yield Finding.of(line, WrongNumberOfValues(found=len(values), expected=len(names)))
        return
    given = dict.fromkeys(COLUMNS, "") | {
        name: " ".join(value.split()) for name, value in zip(names, values, strict=True)
    }
    problems = [
        *_problems_of_type(given),
        *_problems_of_texts(given),
        *_problems_of_choices(given),
        *_problems_of_dates(given, today),
    ]
    if problems:
        yield from (Finding.of(line, problem) for problem in problems)
    else:
        yield _row(line, given)


def _row(line: int, given: Mapping[str, str]) -> Row:
    """Return the row of values that are all right."""
    added_date = _day(given["added_date"])
    if added_date is None:
        raise AssertionError("checked before")
    return Row(
        line=line,
        device_type=_TYPES[given["device_type"].upper()],
        manufacturer=given["manufacturer_id"].upper(),
        manufacturer_name=given["manufacturer_name"],
        model_identifier=given["model_identifier"].upper(),
        hardware_version=given["hardware_version"].upper(),
        firmware_version=given["firmware_version"].upper(),
        smets_version=given["smets_version"].upper(),
        gbcs_version=given["gbcs_version"],
        esme_variant=_VARIANTS.get(given["esme_variant"].upper()),
        image_hash=given["image_hash"].upper(),
        cpa_reference=given["cpa_reference"],
        cpa_until_date=_day(given["cpa_until_date"]),
        status=_STATUSES.get(given["status"].upper(), ProductStatus.ACTIVE),
        added_date=added_date,
        coding=_CODINGS[given["firmware_coding"].upper()],
    )


def _problems_of_type(given: Mapping[str, str]) -> Iterator[Refusal]:
    device_type = _TYPES.get(given["device_type"].upper())
    if device_type is None:
        yield findings.DeviceTypeUnknown()
    elif device_type not in LISTED_TYPES:
        yield findings.NotOnTheList(device_type=device_type.duis)


def _problems_of_texts(given: Mapping[str, str]) -> Iterator[Refusal]:
    for name, longest, what, may_be_empty in _HEXADECIMAL:
        value = given[name]
        if not (_DIGITS.fullmatch(value) or (may_be_empty and not value)):
            yield findings.NotHexadecimal.at(name, what=what)
        elif len(value) > longest:
            yield findings.TooLong.at(name, longest=longest)
    for name, longest in _TEXTS:
        if len(given[name]) > longest:
            yield findings.TooLong.at(name, longest=longest)
    image_hash = given["image_hash"]
    if image_hash and not (_DIGITS.fullmatch(image_hash) and len(image_hash) == _HASH_DIGITS):
        yield findings.NotHexadecimal.at("image_hash", what="a SHA-256 hash of 64 hexadecimal digits")
    if not given["smets_version"]:
        yield findings.SmetsVersionMissing()


def _problems_of_choices(given: Mapping[str, str]) -> Iterator[Refusal]:
    variant, coding = given["esme_variant"].upper(), given["firmware_coding"].upper()
    device_type = _TYPES.get(given["device_type"].upper())
    if variant and variant not in _VARIANTS:
        yield findings.VariantUnknown()
    elif variant and device_type is not None and device_type is not DeviceType.ESME:
        yield findings.VariantOfAnother(device_type=device_type.duis)
    if given["status"] and given["status"].upper() not in _STATUSES:
        yield findings.StatusUnknown()
    if coding not in _CODINGS:
        yield findings.CodingUnknown()
    elif (
        coding == "BCD"
        and _DIGITS.fullmatch(given["firmware_version"])
        and not given["firmware_version"].isdigit()
    ):
        yield findings.NotBcd()


def _problems_of_dates(given: Mapping[str, str], today: date) -> Iterator[Refusal]:
    added_date = _day(given["added_date"])
    if added_date is None:
        yield NotADate.at("added_date")
    elif added_date > today:
        yield findings.AddedInTheFuture(added_date=added_date)
    if given["cpa_until_date"] and _day(given["cpa_until_date"]) is None:
        yield NotADate.at("cpa_until_date")


def _day(text: str) -> date | None:
    """Return the date of a text, None if it is none; Python alone would take other spellings as well."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class _Together:
    """What only shows when lines are read together: entries twice, and firmware versions in two codings."""

    def __init__(self, *, with_smets_version: bool) -> None:
        self._with_smets_version = with_smets_version
        self._keys: dict[tuple[object, ...], int] = {}
        self._first: dict[tuple[object, ...], Row] = {}
        self._codings: dict[tuple[object, ...], Row] = {}

    def problems_of(self, row: Row) -> Iterator[Refusal]:
        """Yield what is wrong with a row beside those before it."""
        key: tuple[object, ...] = row.key if self._with_smets_version else row.key[:-1]
        first_line = self._keys.setdefault(key, row.line)
        if first_line != row.line:
            twice = findings.SameEntryTwice if self._with_smets_version else findings.SameFirmwareTwice
            yield twice(first=first_line)
        first = self._first.setdefault(row.product, row)
        if len(first.firmware_version) != len(row.firmware_version):
            yield findings.NotInOneCoding(
                digits=len(row.firmware_version), other_digits=len(first.firmware_version), first=first.line
            )
        if row.coding:
            coded = self._codings.setdefault(row.product, row)
            if coded.coding != row.coding:
                yield findings.CodingsMixed(coding=row.coding, other_coding=coded.coding, first=coded.line)
