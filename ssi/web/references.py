"""What a public reference such as INC004711000815 leads to: each app answers for its own things.

E-mails link to /incidents/<reference>/ alone. Whoever has something with a reference besides an incident adds a
finder; it gives the address of the thing's page, or "" where there is none that the actor may see.
"""

from collections.abc import Callable

from django.urls import register_converter

from ssi.access.actor import Actor


class ReferenceConverter:
    """A reference in any case as part of an address, `<reference:…>`; links are made as it stands, in capitals."""

    regex = "[Ii][Nn][Cc][0-9]{12}"

    def to_python(self, value: str) -> str:
        """Return the reference in capitals."""
        return value.upper()

    def to_url(self, value: str) -> str:
        """Return the reference for an address."""
        return value


register_converter(ReferenceConverter, "reference")

Finder = Callable[[str, Actor], str]

_finders: list[Finder] = []


def add(finder: Finder) -> None:
    """Let `finder` be asked; called once per app when the portal starts."""
    _finders.append(finder)


def address_of(reference: str, actor: Actor) -> str:
    """Return the address of the page that the actor may see under `reference`, "" if there is none."""
    return next((address for finder in _finders if (address := finder(reference, actor))), "")
