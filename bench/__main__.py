"""`python -m bench`: start a database for the run alone, measure every line, print a table, keep the numbers.

python -m bench --size 500000 --only raise_list
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

from bench import harness
from ssi import embedded

RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> int:
    """Measure, and return the exit status."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end as on Ctrl-C: tidy
    folder = Path(tempfile.mkdtemp(prefix="ssi-bench-"))
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ |= {"SSI_DATA_DIR": str(folder), "SSI_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "ssi.settings"}
    embedded.fill_secrets(embedded.data_dir())
    servers = embedded.Servers(folder)
    try:
        servers.start()
        django.setup()
        call_command("migrate", verbosity=0)
        return harness.run(options, RESULTS)
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> harness.Options:
    parser = argparse.ArgumentParser(prog="python -m bench", description=str(__doc__).partition("\n")[0])
    parser.add_argument(
        "--size", type=int, default=harness.SIZE, help="rows of the large lines (default %(default)s)"
    )
    parser.add_argument("--only", nargs="*", default=[], metavar="LINE", help="measure these lines alone")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a limit is broken")
    given = parser.parse_args()
    return harness.Options(size=given.size, only=tuple(given.only), strict=given.strict)


if __name__ == "__main__":
    sys.exit(main())
