"""The lines: each module has `run(options)`, which yields its results.

They share one database. First the estate is loaded, then the lines that read it, then those that write, which add
devices and requests of their own and take nothing from the estate that another line counts on; memory comes last.
A line that is asked for alone makes what it needs: `bench.estate.loaded(options)` loads the estate where no line
has.
"""

import pkgutil
from collections.abc import Sequence
from typing import Final

ORDER: Final = (
    "load_estate",
    "warm_up",
    "pages",
    "growth",
    "api_lookup",
    "export",
    "reports",
    "check_list",
    "queries",
    "raise_one",
    "emails",
    "raise_list",
    "correct_variants",
    "housekeeping",
    "memory",
)


def names_of(only: Sequence[str]) -> list[str]:
    """Return the lines to be measured, in their order. Raises SystemExit for one that there is not."""
    modules = {module.name for module in pkgutil.iter_modules(__path__)}
    known = [name for name in ORDER if name in modules]
    if unknown := set(only) - set(known):
        raise SystemExit(f"No such line: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    return [name for name in known if not only or name in only]
