"""Reads the fields of one element, each by the rules that the DUIS schema sets for it."""

import re
from collections.abc import Collection
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
_LONGEST_NUMBER: Final = 40
_LONGEST_DATE: Final = 40

Choice = TypeVar("Choice", bound=DuisChoices)


def against(problem: str, way_out: str) -> AgainstSchema:
    """Return the refusal of a message that breaks the schema; neither text may hold a value of the message."""
    return AgainstSchema(problem=problem, way_out=way_out)


class Fields:
    """The elements inside one element, by name.

    Refuses an element that DUIS does not have there and one that comes twice. In a message of a later DUIS version
    (`is_newer`) elements unknown here are passed over, for they may be that version's own.
    """

    def __init__(self, node: Node, known: Collection[str], *, is_newer: bool = False) -> None:
        self.name = node.name
        self._nodes: dict[str, Node] = {}
        if node.text.strip():
            raise against(f"{node.name} has text between its elements", "Remove that text.")
        for child in node.children:
            if child.namespace != SR or child.name not in known:
                if is_newer:
                    continue
                raise against(f"{node.name} has an element that DUIS 5.4 does not have there", "Remove it.")
            if child.name in self._nodes:
                raise against(f"{child.name} comes twice in {node.name}", "Give it once.")
            self._nodes[child.name] = child

    def node(self, name: str) -> Node:
        """Return the element; raises AgainstSchema if it is missing."""
        if name not in self._nodes:
            raise against(f"{name} is missing from {self.name}", f"Add {name}.")
        return self._nodes[name]

    def has(self, name: str) -> bool:
        """Tell whether the element is there."""
        return name in self._nodes

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

    def moment_if_any(self, name: str) -> datetime | None:
        """Return an optional xs:dateTime; DUIS's times are UTC where they say nothing."""
        if not self.has(name):
            return None
        text = self.text(name, longest=_LONGEST_DATE)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise against(f"{name} is not a date and time", "Give it as 2026-01-31T09:30:00Z.") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _no_date(name: str) -> date:
    raise against(f"{name} is not a date", "Give it as 2026-01-31, with or without Z.")
