"""How the figures of a period read: whose they are, where one stands, and what is not shown of others.

DCC reads names. Everybody else reads their own name and "Supplier B" for others: the letters follow a keyed digest
of viewer, period and party, so they are the same each time a page is shown and tell nothing from one period to
another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from string import ascii_uppercase
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format

from incidents.search.performance import Figures, OfParty, Performance, Period, Which
from incidents.suppression import LEAST, Hidden, Shown, suppressed
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.web.charts import Bar, BarChart
from ssi.web.idempotency import fingerprint_of

COUNTED: Final = (
    ("Asked", "asked", Which.ASKED),
    ("Declined", "declined", Which.DECLINED),
    ("Wrong code", "wrong", Which.WRONG),
    ("Still open", "open", Which.OPEN),
    ("Overdue", "overdue", Which.OVERDUE),
)
"""The counts of the table: their name, where they stand in the figures, and the askings that they count."""

NAME_OF_ALL = "All suppliers"
NOT_RANKED = ""
FEW = Hidden.FEW.value
WITHHELD = Hidden.WITHHELD.value
NONE = "none"

CSV_HEADER = (
    "Rank",
    "Supplier",
    "Asked",
    "Answered in time %",
    "Median Working Days",
    "90th percentile Working Days",
    "Declined",
    "Wrong code",
    "Still open",
    "Overdue",
)

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure as it is shown, with where its rows are listed if the viewer may see them."""

    text: str
    url: str = ""
    hidden: bool = False

    @property
    def in_file(self) -> str:
        """Return the figure as a spreadsheet reads it: a bare number, or the words in its place."""
        return self.text if self.hidden else self.text.replace(",", "").removesuffix(" %")


@dataclass(frozen=True, slots=True)
class Row:
    """One party's figures, or those of all; `percent` is that of answers in time, where it is shown."""

    name: str
    rank: str
    is_own: bool
    cells: Sequence[Cell]
    percent: int | None = None


@dataclass(frozen=True, slots=True)
class PerformancePage:
    """Everything the page of a period shows to one viewer."""

    period: Period
    rows: Sequence[Row]
    whole: Row
    standing: str
    is_blinded: bool
    raised_url: str

    @property
    def heading(self) -> str:
        """Return the period in words."""
        return f"{_day(self.period)[0]} to {_day(self.period)[1]}"

    @property
    def chart(self) -> BarChart:
        """Return the chart, the best first: a bar for each party whose share is shown."""
        shown = [row for row in self.rows if row.percent is not None]
        bars = [Bar(row.name, f"{row.percent} %", row.percent or 0, row.is_own) for row in shown]
        return BarChart("Answered in time, in per cent", bars)


def page_of(performance: Performance, period: Period, actor: Actor) -> PerformancePage:
    """Return the figures as `actor` may read them."""
    sees_names = actor.may(Component.SERVICE_DESK)
    rows = _plain(performance, period) if sees_names else _blinded(performance, period, actor)
    *parties, whole = rows
    return PerformancePage(
        period=period,
        rows=parties,
        whole=whole,
        standing="" if sees_names else _standing(parties, performance, actor),
        is_blinded=not sees_names,
        raised_url=_raised_url(period, actor),
    )


def _raised_url(period: Period, actor: Actor) -> str:
    """Return where those of one's own requests are listed for which somebody was asked in the period, if any."""
    if not actor.may(Component.INSTALL_CODE_REQUEST_RAISE):
        return ""
    return _links(period, None, "incidents:requests", "raised")[Which.ASKED]


def csv_rows(page: PerformancePage) -> Sequence[Sequence[str]]:
    """Return the same table as it leaves in a file."""
    return [[row.rank, row.name, *(cell.in_file for cell in row.cells)] for row in (*page.rows, page.whole)]


# --- Order and rank ----------------------------------------------------------------------------------------------


def _share(figures: Figures) -> Fraction | None:
    """Return the share of answers in time, or None where nothing was decided yet."""
    return Fraction(figures.in_time, figures.decided) if figures.decided else None


def _ranks(performance: Performance, *, least: int) -> Mapping[int, int]:
    """Return the rank of each party of whose askings at least so many are decided; equals share theirs."""
    shares = {
        each.party_id: share
        for each in performance.parties
        if each.figures.decided >= least and (share := _share(each.figures)) is not None
    }
    return {party: 1 + sum(other > share for other in shares.values()) for party, share in shares.items()}


def _ordered(parties: Sequence[OfParty], ranks: Mapping[int, int], among: Mapping[int, object]) -> list[OfParty]:
    """Return the parties by rank, the others after them; equals in the order that `among` gives."""
    places = {party: place for place, party in enumerate(among)}
    return sorted(parties, key=lambda each: (ranks.get(each.party_id, len(parties) + 1), places[each.party_id]))


# --- With names --------------------------------------------------------------------------------------------------


def _plain(performance: Performance, period: Period) -> list[Row]:
    ranks = _ranks(performance, least=1)
    parties = _ordered(performance.parties, ranks, {each.party_id: None for each in performance.parties})
    named = [
        _row(
            each.name, ranks.get(each.party_id), each.figures, _links(period, each.party_id, "incidents:incidents")
        )
        for each in parties
    ]
    return [*named, _row(NAME_OF_ALL, None, performance.whole, _links(period, None, "incidents:incidents"))]


def _row(
    name: str, rank: int | None, figures: Figures, links: Mapping[Which, str], *, is_own: bool = False
) -> Row:
    """Return figures of which nothing is hidden."""
    counts = [Cell(f"{getattr(figures, field):,}", links.get(which, "")) for _, field, which in COUNTED]
    rates = _rates(figures, late=links.get(Which.LATE, ""))
    return Row(name, _in_words(rank), is_own, [counts[0], *rates, *counts[1:]], _percent(figures))


def _rates(figures: Figures, late: str = "") -> list[Cell]:
    percent = _percent(figures)
    return [
        Cell(NONE if percent is None else f"{percent} %", late),
        Cell(_days(figures.median)),
        Cell(_days(figures.ninetieth)),
    ]


def _percent(figures: Figures) -> int | None:
    """Return the share of answers in time in whole percent; 100 and 0 only where it is all or none."""
    share = _share(figures)
    if share is None:
        return None
    return int(share) * HUNDRED if share in (0, 1) else min(max(round(share * HUNDRED), 1), HUNDRED - 1)


def _days(number: float | None) -> str:
    return NONE if number is None else f"{number:.1f}".removesuffix(".0")


def _links(period: Period, party_id: int | None, address: str, side: str = "") -> Mapping[Which, str]:
    """Return where the askings behind each figure are listed."""
    chosen = {"asked_from": period.first_date.isoformat(), "asked_to": period.last_date.isoformat()}
    chosen |= {"asked_party": str(party_id)} if party_id is not None else {}
    chosen |= {"side": side} if side else {}
    return {which: f"{reverse(address)}?{urlencode({**chosen, 'asked_which': which.value})}" for which in Which}


# --- Without names -----------------------------------------------------------------------------------------------


def _blinded(performance: Performance, period: Period, actor: Actor) -> list[Row]:
    """Return one's own row in full, the others without names and small counts, and the total."""
    letters = _letters([each.party_id for each in performance.parties], period, actor)
    ranks = _ranks(performance, least=LEAST)
    ordered = _ordered(performance.parties, ranks, letters)
    others = [each for each in ordered if each.party_id != actor.party_id]
    own = next((each for each in ordered if each.party_id == actor.party_id), None)
    columns = [suppressed([getattr(each.figures, field) for each in others]) for _, field, _ in COUNTED]
    counts = list(zip(*(column for column, _ in columns), strict=True)) if others else []
    of_others = {
        each.party_id: _blinded_row(letters[each.party_id], ranks.get(each.party_id), each.figures, shown)
        for each, shown in zip(others, counts, strict=True)
    }
    rows = [_own_row(own, ranks, period, actor) if each is own else of_others[each.party_id] for each in ordered]
    return [*rows, _blinded_whole(performance.whole, own, [visible for _, visible in columns])]


def _letters(party_ids: Sequence[int], period: Period, actor: Actor) -> Mapping[int, str]:
    """Return what each party but the viewer's is called, in an order that follows nothing but a secret."""

    def digest(party_id: int) -> bytes:
        whose = f"{actor.party_id} {period.first_date} {period.last_date}"
        return fingerprint_of(b"performance", whose.encode(), str(party_id).encode())

    ordered = sorted(party_ids, key=digest)
    others = [each for each in ordered if each != actor.party_id]
    names = {each: f"Supplier {_letter(place)}" for place, each in enumerate(others)}
    return {each: names.get(each, "") for each in ordered}


def _letter(place: int) -> str:
    """Return A to Z, then AA, AB and so on."""
    more, last = divmod(place, len(ascii_uppercase))
    return (_letter(more - 1) if more else "") + ascii_uppercase[last]


def _own_row(own: OfParty, ranks: Mapping[int, int], period: Period, actor: Actor) -> Row:
    handles = actor.may(Component.INSTALL_CODE_REQUEST_RAISE) or actor.may(Component.INSTALL_CODE_REQUEST_RESPOND)
    address, side = ("incidents:requests", "assigned") if handles else ("incidents:incidents", "")
    links = _links(period, own.party_id, address, side)
    return _row(own.name, ranks.get(own.party_id), own.figures, links, is_own=True)


def _blinded_row(name: str, rank: int | None, figures: Figures, counts: Sequence[Shown]) -> Row:
    cells = [_count(each) for each in counts]
    knows_share = figures.decided >= LEAST
    share = _rates(figures)[:1] if knows_share else [_count(Hidden.FEW)]
    days = _rates(figures)[1:] if figures.answered >= LEAST else [_count(Hidden.FEW)] * 2
    percent = _percent(figures) if knows_share else None
    return Row(name, _in_words(rank), False, [cells[0], *share, *days, *cells[1:]], percent)


def _blinded_whole(whole: Figures, own: OfParty | None, visible: Sequence[bool]) -> Row:
    """Return the total, without what would give a small count, or a rate over few, away."""
    mine = own.figures if own else Figures()
    counts = [
        Cell(f"{getattr(whole, field):,}") if may else _count(Hidden.WITHHELD)
        for (_, field, _), may in zip(COUNTED, visible, strict=True)
    ]
    share, *days = _rates(whole)
    if _are_few(whole.decided - mine.decided):
        share = _count(Hidden.WITHHELD)
    if _are_few(whole.answered - mine.answered):
        days = [_count(Hidden.WITHHELD)] * 2
    return Row(NAME_OF_ALL, NOT_RANKED, False, [counts[0], share, *days, *counts[1:]])


def _are_few(number: int) -> bool:
    return 0 < number < LEAST


def _count(shown: Shown) -> Cell:
    return Cell(shown.value, hidden=True) if isinstance(shown, Hidden) else Cell(f"{shown:,}")


def _standing(rows: Sequence[Row], performance: Performance, actor: Actor) -> str:
    """Return where the viewer's own party stands, in a sentence."""
    own = next((row for row in rows if row.is_own), None)
    if own is None:
        return f"Nobody asked {actor.party_name} for an install code in this period."
    if not own.rank:
        return f"{own.name} is not ranked: fewer than {LEAST} of its answers were given or due in this period."
    ranked = sum(bool(row.rank) for row in rows)
    return f"{own.name} ranks {own.rank} of {ranked} by answers in time."


def _in_words(rank: int | None) -> str:
    return NOT_RANKED if rank is None else str(rank)


def _day(period: Period) -> tuple[str, str]:
    return date_format(period.first_date, "j F Y"), date_format(period.last_date, "j F Y")
