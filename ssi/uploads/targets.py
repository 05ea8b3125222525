"""Which targets of RequestIDs are devices that have a page: the floor that keeps devices tells.

Without it none has.
"""

from collections.abc import Callable, Collection, Mapping

from ssi.eui64 import Eui64

Source = Callable[[Collection[Eui64]], Mapping[Eui64, str]]
"""Returns the address of the page of each target that is a device; one query, however many are asked about."""

_sources: list[Source] = []


def add(source: Source) -> None:
    """Let `source` be asked; called once when the portal starts."""
    _sources.append(source)


def pages_of(targets: Collection[Eui64]) -> dict[Eui64, str]:
    """Return the address of the page of each target that is a device."""
    found: dict[Eui64, str] = {}
    for source in _sources:
        found |= source(targets)
    return found
