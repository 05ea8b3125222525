"""Signed files: what is written is read again; whatever becomes of the bytes, nothing but what was written passes.

SSI_FUZZ_EXAMPLES sets how many changed files are tried; 10,000 take a minute.
"""

import io
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssi.access.roles import UserRole
from ssi.eui64 import Eui64
from ssi.uploads.findings import Found
from ssi.uploads.formats import writing
from ssi.uploads.formats.adt import AdtDetail, AdtHeader
from ssi.uploads.formats.exit_quarantine import Detail, Header
from ssi.uploads.formats.fields import problem_with_text
from ssi.uploads.formats.frames import Sender, read
from ssi.uploads.formats.names import parse_name
from ssi.uploads.formats.registry import formats_of
from ssi.uploads.models.choices import Kind, MessageType, Period, Replaces
from ssi.uploads.models.thresholds import LONGEST_NOTE
from ssi.uploads.service_reference_variants import SERVICE_REFERENCE_VARIANTS

EXAMPLES = int(os.environ.get("SSI_FUZZ_EXAMPLES", "300"))
USER_ID = Eui64.parse("90-B3-D5-1F-30-03-00-00")
CREATED_AT = datetime(2026, 8, 26, 12, 0, tzinfo=UTC)
DAYS = st.dates(date(2000, 1, 1), date(2999, 12, 31))


def items(kind: Kind, content: bytes, reference: str = "NEW", created_at: datetime = CREATED_AT) -> list[Any]:
    name = writing.name_of(kind, USER_ID, reference, created_at)
    return list(read(io.BytesIO(content), formats_of(kind), Sender(name, USER_ID)))


@st.composite
def thresholds(draw: Callable[..., Any], user_role: UserRole) -> tuple[Any, ...]:
    """Draw what a D record holds after its line number."""
    eligible = [each for each in SERVICE_REFERENCE_VARIANTS.values() if user_role in each.user_roles]
    known = draw(st.sampled_from(eligible))
    message_type = draw(st.sampled_from(list(MessageType) if known.is_critical else [MessageType.SR]))
    quarantine = draw(st.integers(1, 10**15 - 1))
    warning = draw(st.none() | st.integers(0, quarantine - 1))
    dates = sorted(draw(st.tuples(DAYS, DAYS))) if draw(st.booleans()) else (None, None)
    note = draw(st.text(max_size=LONGEST_NOTE).filter(lambda text: not problem_with_text(text, LONGEST_NOTE)))
    return (known.srv, message_type, draw(st.sampled_from(Period)), warning, quarantine, *dates, note)


@st.composite
def adt_files(draw: Callable[..., Any]) -> tuple[dict[str, Any], bytes]:
    """Draw what a file of thresholds says, and its bytes."""
    user_role = draw(st.sampled_from(UserRole))
    says = {
        "user_role": user_role,
        "reference": draw(st.just("NEW") | st.from_regex(r"INC[0-9]{12}", fullmatch=True)),
        "created_at": draw(st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31))).replace(  # noqa: DTZ001
            microsecond=0, tzinfo=UTC
        ),
        "effective_date": draw(DAYS),
        "replaces": draw(st.sampled_from(Replaces)),
        "rows": draw(st.lists(thresholds(user_role), max_size=6)),
    }
    return says, b"".join(writing.adt_file(user_id=USER_ID, **says))


@given(adt_files())
def test_thresholds_are_read_as_they_were_written(file: tuple[dict[str, Any], bytes]) -> None:
    says, content = file
    header, *details = items(Kind.ADT, content, says["reference"], says["created_at"])
    assert isinstance(header, AdtHeader)
    assert (header.basics.user_id, header.basics.reference) == (USER_ID, says["reference"])
    assert header.basics.created_at == says["created_at"]
    expected = (says["user_role"], says["effective_date"], says["replaces"])
    assert (header.user_role, header.effective_date, header.replaces) == expected
    assert details == [AdtDetail(line, *row) for line, row in enumerate(says["rows"], 2)]


EUIS = st.binary(min_size=8, max_size=8).map(Eui64.from_bytes)
DECISIONS = st.tuples(
    st.tuples(EUIS, st.integers(0, 10**20 - 1)),
    st.sampled_from(["RELEASE", "DELETE"]),
    st.text(max_size=200).filter(lambda text: not problem_with_text(text, 200)),
)


@given(st.integers(0, 10**20 - 1), st.lists(DECISIONS, max_size=6))
def test_decisions_are_read_as_they_were_written(event_ref: int, decisions: list[Any]) -> None:
    rows = [(f"{USER_ID}:{target}:{counter}", action, reason) for (target, counter), action, reason in decisions]
    content = b"".join(
        writing.exit_quarantine_file(
            user_id=USER_ID, reference="NEW", created_at=CREATED_AT, event_ref=event_ref, decisions=rows
        )
    )
    header, *details = items(Kind.EXIT_QUARANTINE, content)
    assert isinstance(header, Header)
    assert header.event_ref == event_ref
    assert details == [
        Detail(line, USER_ID.as_bigint, target.as_bigint, str(counter), action, reason)
        for line, ((target, counter), action, reason) in enumerate(decisions, 2)
    ]


@given(st.text())
def test_whatever_a_file_is_called_nothing_is_raised(name: str) -> None:
    parsed = parse_name(name)
    assert parsed is None or str(parsed).lower() == name.lower()


# --- Files that something happened to ---

GOOD = {
    Kind.ADT: b"".join(
        writing.adt_file(
            user_id=USER_ID,
            user_role="IS",
            reference="NEW",
            created_at=CREATED_AT,
            effective_date=date(2026, 9, 1),
            replaces="ALL",
            rows=[
                ("4.1.1", "SR", "DAY", 900, 1_000, None, None, ""),
                ("7.4", "SR", "HOUR", None, 50, None, None, 'A "quoted", note'),
                ("7.2", "SPC", "HOUR", 10, 20, "2026-12-24", "2026-12-26", "Zoë"),
                ("8.11", "SR", "DAY", 0, 7, None, None, ""),
            ],
        )
    ),
    Kind.EXIT_QUARANTINE: b"".join(
        writing.exit_quarantine_file(
            user_id=USER_ID,
            reference="NEW",
            created_at=CREATED_AT,
            event_ref=4711,
            decisions=[
                (f"{USER_ID}:00-DB-12-34-56-78-90-A0:{counter}", action, "Because, as it is")
                for counter, action in enumerate(["RELEASE", "DELETE", "RELEASE"], 1)
            ],
        )
    ),
}
ODD = b'\r\n \n \r , " "" \0 \xff \xef\xbb\xbf \xff\xfe = - D, T,'.split(b" ")
SNIPPETS = st.sampled_from(ODD) | st.binary(min_size=1, max_size=9)


def swapped(lines: list[bytes], one: int, other: int) -> bytes:
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


@st.composite
def changed_once(draw: Callable[..., Any], content: bytes) -> bytes:
    """Draw what became of a file: bytes flipped, cut, inserted, replaced; lines swapped, doubled, taken out."""
    at = draw(st.integers(0, len(content)))
    until = min(len(content), at + draw(st.integers(1, 80)))
    lines = content.splitlines(keepends=True) or [b""]
    one, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    before, within, after = content[:at], content[at:until], content[until:]
    flipped = bytes([within[0] ^ (1 << draw(st.integers(0, 7)))]) if within else b""
    ways = (
        before + flipped + within[1:] + after,
        before,
        before + after,
        before + draw(SNIPPETS) + within + after,
        before + draw(SNIPPETS) + after,
        content + within,
        swapped(list(lines), one, other),
        b"".join([*lines[:one], lines[other], *lines[one:]]),
        b"".join([*lines[:one], *lines[one + 1 :]]),
    )
    chosen: bytes = draw(st.sampled_from(ways))
    return chosen


@st.composite
def changed(draw: Callable[..., Any], content: bytes) -> bytes:
    """Draw what became of a file after one to four things happened to it."""
    for _ in range(draw(st.integers(1, 4))):
        content = draw(changed_once(content))
    return content


@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_no_changed_file_is_good(kind: Kind, data: st.DataObject) -> None:
    content = data.draw(changed(GOOD[kind]))
    found = [item for item in items(kind, content) if isinstance(item, Found)]
    assert bool(found) == (content != GOOD[kind])
    assert all(each.message and each.way_out and each.line <= content.count(b"\n") + 1 for each in found)


@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=EXAMPLES // 3, deadline=None)
@given(content=st.binary(max_size=3_000))
def test_whatever_the_bytes_are_something_is_wrong(kind: Kind, content: bytes) -> None:
    assert any(isinstance(item, Found) for item in items(kind, content))
