"""JSON that says one thing only: no name twice, no NaN, nothing nested beyond reason."""

import json
from typing import Any, NoReturn


class NotStrict(ValueError):  # noqa: N818 - it says what the text is
    """The text is no JSON that says one thing only; the message says why."""


def strict_object(data: bytes) -> dict[str, Any]:
    """Return the object that a text in UTF-8 holds; raises NotStrict."""
    try:
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise NotStrict("it is not in UTF-8") from None
    except RecursionError:
        raise NotStrict("it is nested too deeply") from None
    except NotStrict:
        raise
    except ValueError:
        raise NotStrict("it is no JSON") from None
    if not isinstance(found, dict):
        raise NotStrict("it is no JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("a name comes twice in it")
    return found


def _no_constant(name: str) -> NoReturn:
    raise NotStrict(f"{name} is no JSON")
