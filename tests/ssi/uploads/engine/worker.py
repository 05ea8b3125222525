"""A process of its own that takes an upload of simple lines through the pipeline: to be killed, or measured.

    python -m tests.ssi.uploads.engine.worker <upload id> <folder> [<batch at which to stop and wait> | measure]

It says "stopped" when it waits to be killed, and otherwise, at the end, how much memory it had at most, in kB.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django


def main(upload_id: int, folder: str, stop_at: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ssi.settings")
    django.setup()
    from django.conf import settings

    from ssi.uploads.actions import pipeline
    from ssi.uploads.kinds import registry
    from ssi.uploads.models.choices import Kind
    from tests.ssi.uploads.engine.lines import Lines

    settings.MEDIA_ROOT = folder
    settings.SSI_FILE_TRUST = os.environ["TEST_FILE_TRUST"]
    kind = Lines()
    if stop_at != "real":
        registry.KINDS[Kind.ADT] = kind
    if stop_at.isdecimal():
        kind.after_keep = _stopping(int(stop_at))
    pipeline.process(upload_id)
    sys.stdout.write(f"{_most_memory()}\n")


def _most_memory() -> str:
    """Return the most memory this program had, in kB; what getrusage says counts the test's own process too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("VmHWM"))


def _stopping(batch: int) -> Any:
    kept = 0

    def stop(upload: object, items: Sequence[object]) -> None:
        nonlocal kept
        kept += 1
        if kept == batch:
            sys.stdout.write("stopped\n")
            sys.stdout.flush()
            time.sleep(60)

    return stop


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
