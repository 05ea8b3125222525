"""`python -m bench`: start a database for the run alone, measure every line, print a table, keep the numbers.

python -m bench --size 20000000 --repeat 3 --json bench/results/20m.json
python -m bench --size 100000 --only pages growth
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connections

from bench import harness, running, small
from ssi import embedded

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Measure, and return the exit status."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end as on Ctrl-C: tidy
    runs = _repeated(options) if options.repeat > 1 else [_once(options)]
    kept_in = options.json or RESULTS / "latest.json"
    kept_in.parent.mkdir(parents=True, exist_ok=True)
    kept_in.write_text(json.dumps({"runs": runs}, indent=2) + "\n", encoding="utf-8")
    is_bad = running.is_broken if options.strict else running.failed_in
    return int(len(runs) < options.repeat or any(is_bad(run) or run["interrupted"] for run in runs))


def _once(options: harness.Options) -> dict[str, Any]:
    """Measure in servers of this run's own, started as `make run` starts its own."""
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
        call_command("createcachetable", verbosity=0)
        connections.close_all()
        small.copy_empty(servers.postgres.url)
        return running.run(options)
    finally:
        harness.UP.close()
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _repeated(options: harness.Options) -> list[dict[str, Any]]:
    """Measure again and again, each time from nothing, in a process of its own."""
    runs: list[dict[str, Any]] = []
    for number in range(options.repeat):
        print(f"Run {number + 1} of {options.repeat}", flush=True)
        with tempfile.NamedTemporaryFile(suffix=".json") as kept:
            words = ["--size", str(options.size), "--json", kept.name]
            words += ["--requests", str(options.requests), "--variants", str(options.variants)]
            words += ["--only", *options.only] if options.only else []
            interrupted = _waited_for([sys.executable, "-m", "bench", *words])
            if told := Path(kept.name).read_text(encoding="utf-8"):
                runs += json.loads(told)["runs"]
        if interrupted:
            break
    return runs


def _waited_for(command: Sequence[str]) -> bool:
    """Run a command to its end; one that is to end early tidies up and tells what it has. Tell whether it was."""
    with subprocess.Popen(command, process_group=0) as process:  # noqa: S603 - ourselves
        try:
            process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            return True
    return False


def _options() -> harness.Options:
    parser = argparse.ArgumentParser(prog="python -m bench", description=str(__doc__).partition("\n")[0])
    parser.add_argument(
        "--size", type=int, default=harness.SIZE, help="devices of the estate (default %(default)s)"
    )
    parser.add_argument("--requests", type=int, default=0, help="raised in bulk (default: as suits the size)")
    parser.add_argument("--variants", type=int, default=0, help="corrected (default: as suits the size)")
    parser.add_argument("--only", nargs="*", default=[], metavar="LINE", help="measure these lines alone")
    parser.add_argument("--repeat", type=int, default=1, help="measure so many times, each from nothing")
    parser.add_argument("--json", type=Path, help="where the numbers go (default bench/results/latest.json)")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a limit is broken")
    given = vars(parser.parse_args())
    return harness.Options(**given | {"only": tuple(given["only"])})


if __name__ == "__main__":
    sys.exit(main())
