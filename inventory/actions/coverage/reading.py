"""Reading a file of SM WAN coverage: rows out, and findings for everything that is wrong with it."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from inventory.actions.coverage import findings
from inventory.actions.registrations.findings import (
    Finding,
    NotADate,
    NotReadable,
    WrongColumns,
    WrongNumberOfValues,
)
from inventory.actions.registrations.reading import NotText, decoded
from inventory.models.choices import CspRegion, Likelihood
from inventory.post_codes import compact, uprn
from ssi.refusals import Refusal

COLUMNS: Final = {
    "csp_region": "The region whose provider answers, as in DUIS: `North`, `Central`, `South`, `4G North`, …",
    "post_code": "The postcode, with or without its space.",
    "address_identifier": "The premises within the postcode, at most 30 characters; empty for all of it.",
    "uprn": "The Unique Property Reference Number, 1 to 12 digits; a postcode, a UPRN or both.",
    "coverage_availability": "`true` or `false`; empty where the provider gave no answer.",
    "anticipated_coverage_date": "When coverage is expected, such as `2027-03-31`; may be empty.",
    "wan_technology": (
        "The WAN technology and variant, at most 30 characters, kept as it is: a blank, or a single space, is "
        "what the provider sends when it does not know the variant."
    ),
    "connectivity_likelihood": "`High`, `Medium` or `Low`; empty where the provider gave no answer.",
    "auxiliary_equipment_required": "Auxiliary equipment, at most 50 characters; may be empty.",
    "additional_information": "Anything else, at most 250 characters; may be empty.",
}
"""The columns of a file, in any order, by the names of the first line; all must be there."""

REGIONS: Final = {each.duis: each for each in CspRegion}
LIKELIHOODS: Final = {each.duis: each for each in Likelihood}
YES_OR_NO: Final = {"true": True, "false": False, "1": True, "0": False}
LONGEST: Final = {
    "address_identifier": 30,
    "wan_technology": 30,
    "auxiliary_equipment_required": 50,
    "additional_information": 250,
}
_DAYS_REMEMBERED: Final = 5_000


class Row(NamedTuple):
    """One answer of a region's provider for a place, in the order of the table's columns named by `INTO`."""

    line: int
    csp_region: int
    post_code: str
    address_identifier: str
    uprn: int | None
    is_available: bool | None
    anticipated_date: date | None
    technology: str
    likelihood: int | None
    auxiliary_equipment: str
    additional_information: str


def read(file: Iterable[bytes]) -> Iterator[Row | Finding]:
    """Yield the rows of a CSV file in UTF-8, and a finding for everything that is wrong with it."""
    lines = csv.reader(decoded(file), strict=True)
    try:
        names = [name.strip().lower() for name in next(lines, [])]
        if problem := _problem_with(names):
            yield Finding.of(1, WrongColumns(problem=problem, columns=", ".join(COLUMNS)))
            return
        for values in lines:
            if values:
                yield from _parsed(lines.line_num, names, values)
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
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        return f"{missing[0]} is missing"
    return "a column is named twice" if len(set(names)) < len(names) else ""


def _parsed(line: int, names: Sequence[str], values: Sequence[str]) -> Iterator[Row | Finding]:
    if len(values) != len(names):
        yield Finding.of(line, WrongNumberOfValues(found=len(values), expected=len(names)))
        return
    raw = dict(zip(names, values, strict=True))
    given = {name: value.strip() for name, value in raw.items()} | {"wan_technology": raw["wan_technology"]}
    problems = [*_problems_of_place(given), *_problems_of_answer(given)]
    if problems:
        yield from (Finding.of(line, problem) for problem in problems)
        return
    likelihood = LIKELIHOODS.get(given["connectivity_likelihood"])
    yield Row(
        line,
        int(REGIONS[given["csp_region"]]),
        compact(given["post_code"]),
        given["address_identifier"],
        uprn(given["uprn"]),
        YES_OR_NO.get(given["coverage_availability"].lower()),
        _day(given["anticipated_coverage_date"]),
        given["wan_technology"],
        None if likelihood is None else int(likelihood),
        given["auxiliary_equipment_required"],
        given["additional_information"],
    )


def _problems_of_place(given: Mapping[str, str]) -> Iterator[Refusal]:
    if given["csp_region"] not in REGIONS:
        yield findings.RegionUnknown()
    if given["post_code"] and not compact(given["post_code"]):
        yield findings.NotAPostCode()
    if given["uprn"] and uprn(given["uprn"]) is None:
        yield findings.NotAUprn()
    if not given["post_code"] and given["address_identifier"]:
        yield findings.AddressWithoutPostCode()
    elif not given["post_code"] and not given["uprn"]:
        yield findings.NoPlace()


def _problems_of_answer(given: Mapping[str, str]) -> Iterator[Refusal]:
    available, likelihood = given["coverage_availability"], given["connectivity_likelihood"]
    if available and available.lower() not in YES_OR_NO:
        yield findings.NeitherTrueNorFalse()
    if likelihood and likelihood not in LIKELIHOODS:
        yield findings.LikelihoodUnknown()
    if bool(available) != bool(likelihood):
        yield findings.HalfAnAnswer()
    if given["anticipated_coverage_date"] and _day(given["anticipated_coverage_date"]) is None:
        yield NotADate.at("anticipated_coverage_date")
    for name, longest in LONGEST.items():
        if len(given[name]) > longest:
            yield findings.TooLong.at(name, longest=longest)


@lru_cache(maxsize=_DAYS_REMEMBERED)
def _day(text: str) -> date | None:
    """Return the date of a text, None if it is none; Python alone would take other spellings as well."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
