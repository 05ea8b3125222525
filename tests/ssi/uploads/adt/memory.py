"""A process of its own that reads a file of thresholds, and says how much memory that took.

    python -m tests.ssi.uploads.adt.memory <path>

It prints how many items there were, and the most memory in kB before reading and at the end.
"""

import os
import sys
from pathlib import Path

import django


def main(path: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ssi.settings")
    django.setup()
    from ssi.uploads.formats.frames import Sender, read
    from ssi.uploads.formats.registry import formats_of
    from ssi.uploads.models.choices import Kind
    from tests.ssi.uploads.adt.reading import USER_ID

    before = _most_memory()
    with path.open("rb") as content:
        items = sum(1 for _ in read(content, formats_of(Kind.ADT), Sender(path.name, USER_ID)))
    sys.stdout.write(f"{items} {before} {_most_memory()}\n")


def _most_memory() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
