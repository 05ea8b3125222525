"""How people write: capitals, plain digits, plain dashes, and nothing invisible."""

import re
import unicodedata
from typing import Final

_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
JOINS: Final = re.compile(r"[\W_]+")
"""What may stand between the digits of a code."""


def plain(text: str) -> str:
    """Return the text in capitals, with plain digits and dashes and nothing invisible in it."""
    spelt = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).replace("_", " ")
    return "".join(
        str(unicodedata.decimal(each, each)) for each in spelt if unicodedata.category(each) != "Cf"
    ).upper()
