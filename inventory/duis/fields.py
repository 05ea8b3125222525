"""Reads the fields of one element, each by the rules that the DUIS schema sets for it."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from inventory.duis.refusals import AgainstSchema
from inventory.duis.safe_xml import Node
from inventory.models.choices import DuisChoices
from ssi.eui64 import Eui64

SR: Final = "http://www.dccinterface.co.uk/ServiceUserGateway"
DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"

_EUI: Final = re.compile(r"[A-Fa-f0-9]{2}(?:-[A-Fa-f0-9]{2}){7}", re.ASCII)
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)
_LONGEST_NUMBER: Final = 40
_LONGEST_DATE: Final = 40
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}

Choice = TypeVar("Choice", bound=DuisChoices)


def against(problem: str, way_out: str) -> AgainstSchema:
    """Return the refusal of a message that breaks the schema; neither text may hold a value of the message."""
    return AgainstSchema(problem=problem, way_out=way_out)


class Fields:
    """The elements inside one element, by name.

    `known` is in the order of the schema. Refuses an element that DUIS does not have there, one that comes twice
    and one that comes too late. In a message of a later DUIS version (`is_newer`) elements unknown here are passed
    over, for they may be that version's own.
    """

    def __init__(self, node: Node, known: Sequence[str], *, is_newer: bool = False) -> None:
        self.name = node.name
        self._nodes: dict[str, Node] = {}
        last = ""
        if node.text.strip():
            raise against(f"{node.name} has text between its elements", "Remove that text.")
        for child in node.children:
            if child.namespace != SR or child.name not in known:
                if is_newer:
                    continue
                raise against(f"{node.name} has an element that DUIS 5.4 does not have there", "Remove it.")
            if child.name in self._nodes:
                raise against(f"{child.name} comes twice in {node.name}", "Give it once.")
            if last and known.index(child.name) < known.index(last):
                raise against(f"{child.name} comes after {last} in {node.name}", f"Put it before {last}.")
            self._nodes[child.name] = child
            last = child.name

    def node(self, name: str) -> Node:
        """Return the element; raises AgainstSchema if it is missing."""
        if name not in self._nodes:
            raise against(f"{name} is missing from {self.name}", f"Add {name}.")
        return self._nodes[name]

    def has(self, name: str) -> bool:
        """Tell whether the element is there."""
        return name in self._nodes

    def one_of(self, names: Sequence[str]) -> str:
        """Return the name of the one element that is there, of several to choose from."""
        there = [name for name in names if name in self._nodes]
        if len(there) != 1:
            raise against(
                f"{self.name} has {len(there) or 'none'} of the elements that it has one of",
                f"Give one of: {', '.join(names)}.",
            )
        return there[0]

    def text(self, name: str, *, longest: int, shortest: int = 1) -> str:
        """Return an element's text without surrounding space; raises AgainstSchema for its length."""
        node = self.node(name)
        if node.children:
            raise against(f"{name} has elements inside it", "Give its value alone.")
        text = node.text.strip()
        if node.is_clipped or not shortest <= len(text) <= longest:
            allowed = f"{shortest} to {longest}" if shortest != longest else str(longest)
            raise against(f"{name} is too long or too short", f"Give {allowed} characters.")
        return text

    def text_if_any(self, name: str, *, longest: int, shortest: int = 1) -> str:
        """Return an optional element's text, "" if it is missing."""
        return self.text(name, longest=longest, shortest=shortest) if self.has(name) else ""

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        """Return the member that the element names."""
        text = self.text(name, longest=_LONGEST_NUMBER)
        try:
            return choices.of(text)
        except ValueError:
            allowed = ", ".join(str(label) for label in choices.labels)
            raise against(f"{name} has a value that DUIS 5.4 does not know", f"Give one of: {allowed}.") from None

    def choice_if_any(self, name: str, choices: type[Choice]) -> Choice | None:
        """Return the member that an optional element names."""
        return self.choice(name, choices) if self.has(name) else None

    def word(self, name: str, words: Sequence[str]) -> str:
        """Return an element's text, which is one of `words`."""
        text = self.text(name, longest=max(map(len, words)) + 1, shortest=0)
        if text not in words:
            raise against(f"{name} has a value that DUIS 5.4 does not know", f"Give one of: {', '.join(words)}.")
        return text

    def flag(self, name: str) -> bool:
        """Return an xs:boolean."""
        return _FLAGS[self.word(name, tuple(_FLAGS))]

    def hex(self, name: str, *, octets: int) -> str:
        """Return an xs:hexBinary of so many octets, in capitals."""
        text = self.text(name, longest=2 * octets, shortest=2 * octets)
        if not _HEX.fullmatch(text):
            raise against(f"{name} is not hexadecimal", "Give pairs of the digits 0-9 and A-F alone.")
        return text.upper()

    def eui(self, name: str) -> Eui64:
        """Return an EUI-64: eight octets in hex with dashes, in any case."""
        text = self.text(name, longest=_LONGEST_NUMBER)
        if not _EUI.fullmatch(text):
            raise against(
                f"{name} is not an EUI-64",
                "Give eight octets in hex with dashes, such as 00-DB-12-34-56-78-90-A0.",
            )
        return Eui64.parse(text)

    def eui_if_any(self, name: str) -> Eui64 | None:
        """Return an optional EUI-64."""
        return self.eui(name) if self.has(name) else None

    def number(self, name: str, *, lowest: int, highest: int) -> int:
        """Return a whole number within bounds."""
        text = self.text(name, longest=_LONGEST_NUMBER)
        if not re.fullmatch(r"\+?[0-9]+", text) or not lowest <= int(text) <= highest:
            raise against(
                f"{name} is not a whole number within its bounds", f"Give a number from {lowest} to {highest}."
            )
        return int(text)

    def date_if_any(self, name: str) -> date | None:
        """Return an optional xs:date. Its zone, as in 2025-12-28Z, says nothing a date could use."""
        if not self.has(name):
            return None
        match = _DATE.fullmatch(self.text(name, longest=_LONGEST_DATE))
        try:
            return date.fromisoformat(match.group(1)) if match else _no_date(name)
        except ValueError:
            return _no_date(name)

    def moment(self, name: str) -> datetime:
        """Return an xs:dateTime in UTC; DUIS's times are UTC where they say nothing."""
        text = self.text(name, longest=_LONGEST_DATE)
        try:
            moment = datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else _no_moment(name)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return _no_moment(name)

    def moment_if_any(self, name: str) -> datetime | None:
        """Return an optional xs:dateTime in UTC."""
        return self.moment(name) if self.has(name) else None


def _no_moment(name: str) -> datetime:
    raise against(f"{name} is not a date and time", "Give it as 2026-01-31T09:30:00Z.")


def _no_date(name: str) -> date:
    raise against(f"{name} is not a date", "Give it as 2026-01-31, with or without Z.")
