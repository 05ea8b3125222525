"""How people write: capitals, plain digits, plain dashes, and nothing invisible."""

import re
import unicodedata
from typing import Final

_INVISIBLE: Final = frozenset({"Cf", "Mn", "Me"})
_TWINS: Final = str.maketrans("\u0391\u0392\u0395\u0410\u0412\u0415\u0421", "ABEABEC")
"""Greek and Cyrillic capitals that look like hex digits."""

_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
JOINS: Final = re.compile(r"[\W_]+")
"""What may stand between the digits of a code."""


def plain(text: str) -> str:
    """Return the text in capitals, with plain digits and dashes and nothing invisible in it."""
    spelt = _DASHES.sub("-", unicodedata.normalize("NFKD", text)).replace("_", " ")
    visible = (each for each in spelt if unicodedata.category(each) not in _INVISIBLE)
    return "".join(str(unicodedata.decimal(each, each)) for each in visible).upper().translate(_TWINS)
