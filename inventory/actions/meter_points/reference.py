"""The page of the files of DCC Service Statuses in `docs/reference`, written from their layout."""

from inventory.service_status_files import LAYOUT, MOST_ROWS

_HEAD = f"""# Files of DCC Service Statuses

Which meter points a Smart Meter is operated at through DCC (`A`), and at which none is any more (`N`): told to the
registration systems by files that

    .venv/bin/python manage.py notify_service_status [--fuel electricity|gas] [--dry-run]

makes of what was not told yet. The portal does so every night. DCC's staff download the files from the page DCC
Service Status; Users see neither the files nor the status. The layout is ours: those of D0350 and its gas
equivalent are not public.

A recipient has its own files, numbered from 1: each MPAS by its distributor ID, which is the first two digits of
its MPANs, and Xoserve, which is `gas`. A file has at most {MOST_ROWS:,} meter points, since an MPAS takes no more;
what is beyond goes into the next one. A meter point stands in a run's files once, with the status it came to last.
Where nothing is to be told there is no file.

`N` is told where the switches `MP077_ELECTRICITY` and `MP077_GAS` are on: switch them on once every recipient of
that fuel can receive it. While one is off, `A` is told as before and `N` waits.

A file is CSV with commas, its lines end with CR and LF, and moments are in UTC. It is called
`dcc-service-status-<recipient>-<number>.csv`. Whenever it is downloaded it has the same bytes, and the portal
keeps their SHA-256.
"""

_EXAMPLE = """
    H,DCC,Electricity,20,000007,2026-11-22T04:40:00Z
    D,2000007794886,A,2026-11-21T10:12:31Z
    D,2000020479229,N,2026-11-21T15:40:02Z
    T,2
"""


def page() -> str:
    """Return the page: what is told to whom, the layout, and an example."""
    rows = [f"| `{kind}` | {', '.join(values)} |" for kind, values in LAYOUT]
    return "\n".join(
        [
            _HEAD,
            "## Layout",
            "",
            "| Line | Its values |",
            "|---|---|",
            *rows,
            "",
            "One `H` line, one `D` line for each meter point by rising MPxN, one `T` line. `since` is when the",
            "meter point came to its status. An example:",
            _EXAMPLE,
        ]
    )
