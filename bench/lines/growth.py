"""Lists and searches in the whole estate, against the same in a small one beside it: they do not slow down."""

from collections.abc import Iterator
from typing import Final

from bench.addresses import addresses
from bench.estate import estate, loaded
from bench.harness import Options, Result, at_most
from bench.serving import Ask, Served, alternated, cookie_of, portal, session_of
from bench.small import filled

TIMES_THE_SMALL: Final = 1.3
SMALL: Final = 1_000_000
ROUNDS: Final = 100


def run(options: Options) -> Iterator[Result]:
    """Ask two portals in turn, alike but for their databases: a million devices, or a tenth of few."""
    loaded(options)
    devices = SMALL if options.size >= 2 * SMALL else options.size // 10
    small = filled(devices)
    whole, session = addresses(), session_of(estate().raiser)
    beside = Served("ssi.wsgi:application", {"DATABASE_URL": small.url, "SSI_LOG_LEVEL": "INFO"})
    try:
        beside.wait()
        for name, of_pages in whole.items():
            turns = alternated(
                (portal(), _asks(portal(), of_pages, session)),
                (beside, _asks(beside, small.addresses[name], small.session)),
                rounds=ROUNDS,
            )
            what = f"{name}: at {options.size:,} against {devices:,}"
            yield Result.of_turns(what, ROUNDS, turns, wanted=at_most(TIMES_THE_SMALL))
    finally:
        beside.stop()


def _asks(server: Served, of_pages: list[str], session: str) -> list[Ask]:
    """Return the asks, with the status that each has the first time."""
    headers = cookie_of(session)
    return [Ask(address, headers=headers, wanted=server.ask(address, headers=headers)[0]) for address in of_pages]
