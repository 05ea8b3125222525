"""EUI-64: the eight octets that name every device and every User ID, as a value, a column and a URL part.

On screen and in messages it reads 90-B3-D5-1F-30-01-00-00 (DUIS: eight octets in hex, separated by "-", any
case). In the database it is a bigint in two's complement: 8 bytes with no length header, which keeps an index
entry at 20 bytes for a hundred million devices. In psql, `lpad(to_hex(device_id), 16, '0')` reads it.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Lookup

from ssi.refusals import Refusal

# The names that django-stubs looks for: what may be assigned to the field, and what reading it gives.
_ST = TypeVar("_ST", contravariant=True)  # noqa: PLC0105
_GT = TypeVar("_GT", covariant=True)  # noqa: PLC0105

if TYPE_CHECKING:

    class _Field(models.Field[_ST, _GT]):
        """Django's Field, with the type parameters that it has for mypy only."""

else:

    class _Field(models.Field):
        """Django's Field, which takes no type parameters when the program runs."""

        def __class_getitem__(cls, _types):
            return cls


HEX_DIGITS: Final = 16
_CANONICAL: Final = re.compile(r"[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){7}", re.ASCII)
_PLAIN: Final = re.compile(rf"[0-9A-Fa-f]{{{HEX_DIGITS}}}", re.ASCII)
# Colons, every dash that word processors make of "-", and blanks; no line breaks: two lines are two values.
_SEPARATORS: Final = re.compile(r"[-\u2010-\u2015\u2212:\t\u0020\u00a0]+")
_SPAN: Final = 1 << 64
_HALF: Final = 1 << 63


class NotAnEui64(Refusal, ValueError):  # noqa: N818 - a refusal, as in ssi.refusals
    """Not a Device ID or User ID: {problem}."""

    suggestion = (
        "Give its 16 digits (0-9 and A-F) as printed, such as 00-DB-12-34-56-78-90-A0. Dashes may be left out."
    )
    source = "DUIS schema: EUI"

    @property
    def title(self) -> str:
        """Return the name in words; the industry writes EUI-64 in capitals."""
        return "Not an EUI-64"


@dataclass(frozen=True, order=True, slots=True, repr=False)
class Eui64:
    """Eight octets that name a device or a User ID. Immutable and hashable.

    Values compare as PostgreSQL compares the column (signed: 90-… comes before 00-…), so that a list sorted
    here and a page sorted there agree. Make one with `parse`, `from_bigint` or `from_bytes`.
    """

    as_bigint: int
    """The column's value: two's complement, from -2**63 to 2**63 - 1."""

    def __post_init__(self) -> None:
        if not -_HALF <= self.as_bigint < _HALF:
            raise NotAnEui64(problem="the number does not fit 8 octets")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the value of a text, with or without dashes, colons or spaces, in any case.

        Raises NotAnEui64, which never repeats the text: what was pasted may be a secret.
        """
        value = canonical_bigint(text)
        if value is None:
            digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).strip())
            if not _PLAIN.fullmatch(digits):
                raise NotAnEui64(problem=_problem_with(digits))
            value = _signed(int(digits, 16))
        return cls(value)

    @classmethod
    def from_bigint(cls, value: int) -> Self:
        """Return the value that the database column holds."""
        return cls(value)

    @classmethod
    def from_bytes(cls, octets: bytes) -> Self:
        """Return the value of eight octets, most significant first."""
        if len(octets) != 8:  # noqa: PLR2004 - the 8 of the name's 64 bits
            raise NotAnEui64(problem=f"it has {len(octets)} octets, not 8")
        return cls(int.from_bytes(octets, "big", signed=True))

    def __bytes__(self) -> bytes:
        return self.as_bigint.to_bytes(8, "big", signed=True)

    def __str__(self) -> str:
        return canonical_text(self.as_bigint)

    def __repr__(self) -> str:
        return f"Eui64({self})"

    @property
    def plain(self) -> str:
        """Return the 16 hex digits in capitals, without dashes."""
        return f"{self.as_bigint % _SPAN:016X}"

    @property
    def oui(self) -> str:
        """Return the manufacturer's part, the first three octets, such as "00-DB-12"."""
        return str(self)[:8]


def canonical_bigint(text: str) -> int | None:
    """Return the column's value of a text as DUIS writes it, with dashes; None for any other. For very many."""
    return _signed(int(text.replace("-", ""), 16)) if _CANONICAL.fullmatch(text) else None


def canonical_text(as_bigint: int) -> str:
    """Return a column's value as DUIS writes it, in capitals with dashes. For very many."""
    return as_bigint.to_bytes(8, "big", signed=True).hex("-").upper()


def _signed(value: int) -> int:
    return value - _SPAN if value >= _HALF else value


def _problem_with(digits: str) -> str:
    """Return what is wrong with a text, its separators already taken out, without repeating it."""
    if not digits:
        return "nothing was given"
    if "\n" in digits or "\r" in digits:
        return "it has more than one line"
    if re.fullmatch(r"[0-9A-Fa-f]+", digits):
        return f"it has {len(digits)} digit{'' if len(digits) == 1 else 's'}, not 16"
    return "it has a character other than 0-9 and A-F"


class Eui64FormField(forms.CharField):
    """A form field that gives an Eui64, or None when it is optional and left blank."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"empty_value": None} | options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return attributes that keep browsers from spelling, completing or capitalising it."""
        return super().widget_attrs(widget) | {
            "autocomplete": "off",
            "spellcheck": "false",
            "autocapitalize": "off",
        }

    def to_python(self, value: Any) -> Any:
        """Return the Eui64, None for blank, or raise ValidationError with our sentence and its way out."""
        if isinstance(value, Eui64):
            return value
        text = super().to_python(value)
        if text in self.empty_values:
            return self.empty_value
        try:
            return Eui64.parse(str(text))
        except NotAnEui64 as refusal:
            raise ValidationError(str(refusal), code="invalid") from None

    def clean(self, value: Any) -> Any:
        """Return the Eui64; CharField's own checks for text would trip over it."""
        cleaned = self.to_python(value)
        self.validate(cleaned)
        return cleaned


# Text search in a number would compare its decimal digits, which means nothing to anyone.
_TEXT_LOOKUPS: Final = frozenset(
    {
        "contains",
        "icontains",
        "startswith",
        "istartswith",
        "endswith",
        "iendswith",
        "regex",
        "iregex",
        "iexact",
    }
)


class Eui64Field(_Field[_ST, _GT]):
    """A column of Eui64 values, stored as bigint. Fit to be a primary key; takes an Eui64 or its text."""

    description = "EUI-64 (a Device ID or User ID)"

    _pyi_private_set_type: "Eui64 | str"
    _pyi_private_get_type: "Eui64"
    _pyi_lookup_exact_type: "Eui64 | str"

    def get_internal_type(self) -> str:
        """Return the Django field whose column type, casts and operators PostgreSQL is to use."""
        return "BigIntegerField"

    def from_db_value(self, value: int | None, _expression: Any, _connection: BaseDatabaseWrapper) -> Eui64 | None:
        """Return the column's value as an Eui64."""
        return None if value is None else Eui64(value)

    def to_python(self, value: Any) -> Eui64 | None:
        """Return the Eui64 of a text, or raise ValidationError with a sentence and its way out."""
        if value is None or isinstance(value, Eui64):
            return value
        try:
            return Eui64.parse(str(value))
        except NotAnEui64 as refusal:
            raise ValidationError(str(refusal), code="invalid") from None

    def get_prep_value(self, value: Any) -> int | None:
        """Return the bigint of an Eui64 or its text; raise NotAnEui64 for anything else.

        An int passes as the bigint it is: Django prepares the values of a foreign key's `in` twice.
        """
        prepared = super().get_prep_value(value)
        if prepared is None or isinstance(prepared, int):
            return prepared
        return (prepared if isinstance(prepared, Eui64) else Eui64.parse(str(prepared))).as_bigint

    def value_to_string(self, obj: models.Model) -> str:
        """Return the value as serialisers write it."""
        return str(self.value_from_object(obj))

    def get_lookup(self, lookup_name: str) -> "type[Lookup[Any]] | None":
        """Return the lookup, and none for those that read text."""
        return None if lookup_name in _TEXT_LOOKUPS else super().get_lookup(lookup_name)

    def formfield(self, **options: Any) -> Any:
        """Return the form field for it, with our message."""
        return super().formfield(**{"form_class": Eui64FormField} | options)


class Eui64Converter:
    """The Device ID in a URL: dashes or not, any case. Links are always made in capitals with dashes."""

    regex = r"[0-9A-Fa-f]{2}(?:-?[0-9A-Fa-f]{2}){7}"

    def to_python(self, value: str) -> Eui64:
        """Return the value in the address."""
        return Eui64.parse(value)

    def to_url(self, value: Eui64 | str) -> str:
        """Return the canonical text for an address."""
        return str(value if isinstance(value, Eui64) else Eui64.parse(value))
