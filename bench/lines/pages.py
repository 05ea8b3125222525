"""Pages of the inventory over real HTTP, signed in, against a bare view with the same SELECTs and template.

What is typed into the search box leads to a page: the line is what somebody waits for, the address it leads to and
that page, on both sides.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from bench.addresses import BY_ID, BY_MPXN, DEEP_PAGE, DEVICE_PAGE, FIRST_PAGE, addresses
from bench.estate import estate, loaded
from bench.harness import Options, Result, Turns, at_most, in_turn
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
        turns = _clicked(portal(), floor(), session, clicks)
        yield Result.of_turns(name, ROUNDS, turns, wanted=TIMES_THE_FLOOR)
    asks = [[Ask(pages[name][0], headers=cookie_of(session))] for name in (DEEP_PAGE, FIRST_PAGE)]
    turns = alternated((portal(), asks[0]), (portal(), asks[1]))
    what = "   the page after the 100,000th row, against the first"
    yield Result.of_turns(what, ROUNDS, turns, wanted=TIMES_THE_FIRST)


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


def _clicked(ours: Served, bare: Served, session: str, clicks: Sequence[Click]) -> Turns:
    """Time whole clicks on both in turn."""
    headers = cookie_of(session)

    def clicking(server: Served) -> Callable[[int], None]:
        def click(number: int) -> None:
            for address in clicks[number % len(clicks)]:
                server.ask(address, headers=headers)

        return click

    return in_turn(clicking(ours), clicking(bare), rounds=ROUNDS, warm=WARM)
