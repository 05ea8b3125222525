"""Pages of the inventory over real HTTP, signed in, against a bare view with the same SELECTs and template.

What is typed into the search box leads to a page: the line is what somebody waits for, the address it leads to and
that page, on both sides.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from bench.addresses import BY_ID, BY_MPXN, DEEP_PAGE, DEVICE_PAGE, FIRST_PAGE, addresses
from bench.estate import estate, loaded
from bench.harness import Options, Result, Times, Wanted, at_most
from bench.serving import ROUNDS, WARM, Ask, Served, alternated, compared, cookie_of, floor, portal, session_of
from inventory import search

TIMES_THE_FLOOR: Final = at_most(2.0)
TIMES_THE_FIRST: Final = at_most(1.2)

Click = Sequence[str]
"""The addresses that a browser asks for, one after the other, until it shows a page."""


def run(options: Options) -> Iterator[Result]:
    """Ask for the pages of devices all over the estate."""
    loaded(options)
    pages, session = addresses(), session_of(estate().raiser)
    for name in (DEVICE_PAGE, BY_MPXN, BY_ID, FIRST_PAGE, DEEP_PAGE):
        clicks = [_click(address) for address in pages[name]]
        asked = [address for click in clicks for address in click]
        compared(portal(), floor(), session, asked, rounds=1)  # that both answer alike
        yield _result(name, _clicked(portal(), floor(), session, clicks), TIMES_THE_FLOOR)
    asks = [[Ask(pages[name][0], headers=cookie_of(session))] for name in (DEEP_PAGE, FIRST_PAGE)]
    both = alternated((portal(), asks[0]), (portal(), asks[1]))
    yield _result("   the page after the 100,000th row, against the first", both, TIMES_THE_FIRST)


def _click(address: str) -> Click:
    """Return what is asked for until a page shows: what the search box takes leads on, unless it finds nothing."""
    typed = parse_qs(urlsplit(address).query).get("q")
    if not typed:
        return [address]
    try:
        found = search.find(typed[0])
    except search.MeterPointUnknown:
        return [address]
    return [address, found.device.get_absolute_url() if found.device else f"/devices/?mpxn={found.mpxn}"]


def _clicked(ours: Served, bare: Served, session: str, clicks: Sequence[Click]) -> tuple[Times, Times]:
    """Time whole clicks on both in turn, so that what else the machine does meets both alike."""
    headers = cookie_of(session)
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM + ROUNDS):
        for server, times in zip((ours, bare), taken, strict=True):
            begun = time.perf_counter()
            for address in clicks[number % len(clicks)]:
                server.ask(address, headers=headers)
            if number >= WARM:
                times.append(time.perf_counter() - begun)
    return Times.of(taken[0]), Times.of(taken[1])


def _result(what: str, times: tuple[Times, Times], wanted: Wanted) -> Result:
    return Result(what, ROUNDS, times=times[0], floor_times=times[1], wanted=wanted)
