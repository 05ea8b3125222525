"""A public reference such as INC004711000815 as part of an address."""

from django.urls import register_converter

PATTERN = "[Ii][Nn][Cc][0-9]{12}"


class ReferenceConverter:
    """A reference in any case; links are made as it stands, in capitals."""

    regex = PATTERN

    def to_python(self, value: str) -> str:
        """Return the reference in capitals."""
        return value.upper()

    def to_url(self, value: str) -> str:
        """Return the reference for an address."""
        return value


register_converter(ReferenceConverter, "reference")
