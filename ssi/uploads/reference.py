"""The page of signed files in `docs/reference`: formats, findings, states and all SRVs, from code."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Final

from ssi.access.roles import UserRole
from ssi.eui64 import Eui64
from ssi.uploads.findings import CATALOGUE
from ssi.uploads.formats import writing
from ssi.uploads.formats.fields import MOST_DIGITS
from ssi.uploads.formats.frames import Format
from ssi.uploads.formats.records import LONGEST_LINE
from ssi.uploads.formats.registry import FORMATS
from ssi.uploads.kinds.adt_checks import MOST_DAYS_AHEAD
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind, MessageType, Period, Replaces, State
from ssi.uploads.models.thresholds import LONGEST_NOTE
from ssi.uploads.models.uploads import LONGEST_SIGNATURE
from ssi.uploads.service_reference_variants import SERVICE_REFERENCE_VARIANTS
from ssi.uploads.signature_files import ALGORITHM, SUFFIX, VERSION
from ssi.workflow import declared_moves, state_diagram

_USER_ID: Final = Eui64.parse("90-B3-D5-1F-30-03-00-00")
_CREATED_AT: Final = datetime(2026, 8, 26, 12, 0, tzinfo=UTC)

_HEAD: Final = f"""# Signed files

Anomaly Detection Thresholds (ADT) and Exit Quarantine files (EQF), as the portal reads them. The formats are
ours, for none is published. How a file is signed, and tried out: [signing a file](../how-to/sign-a-file.md).

## What all files have in common

- CSV as in RFC 4180: UTF-8 without byte order mark, every line ends with CR LF, the last one too. No field has a
  line break, no NUL stands anywhere. A line has at most {LONGEST_LINE:,} bytes.
- At most `SSI_UPLOAD_MOST_MB` (100) MB, and `SSI_UPLOAD_MOST_LINES` (1,000,000) lines besides header and trailer.
- One H record first, D records, one T record last.
- The name is `<ADT or EQF>_<User ID, 16 hex digits>_<reference>_<creation time>.csv`. User ID, reference and
  creation time are those of the header.
- The reference is `NEW`, or that of a file which the portal prepared to be signed; each of these is taken once.
  The upload has a reference of its own, which the portal gives it.
- The T record has the number of D records, and the SHA-256 of all bytes before it in small hex letters. It has no
  quotes: a good file has one spelling.
- A text that people may open in a spreadsheet begins with none of = + - @ or a tab, and holds no control
  character.
- A file with one finding from F01 to F63 is refused as a whole. Every finding is listed: reading goes on after
  each.

"""

_FIELDS: Final[Mapping[str, str]] = {
    "H": "The letter H",
    "D": "The letter D",
    "record": "The record's letter",
    "file type": "ADT, or EQF",
    "format version": "1.0",
    "User ID": "With dashes: the User ID that the uploader acts for",
    "User Role": f"One that the User ID is registered in: {', '.join(UserRole.values)}",
    "reference": "NEW, or the reference of a prepared file",
    "creation time": (
        "UTC, such as 2026-08-26T12:00:00Z, as in the name; of thresholds later than that of the file accepted"
        " last for the same User ID and User Role, and no more than a day ahead"
    ),
    "effective date": (
        f"A day in London, today or later and at most {MOST_DAYS_AHEAD} days ahead: the thresholds count from its"
        " beginning"
    ),
    "replaces": (
        f"{Replaces.ALL}: thresholds that the file does not name are gone. {Replaces.DELTA}: they stay; an"
        " exception takes the place of every exception of the same threshold whose days it touches"
    ),
    "line number": "From 1, without gaps",
    "Service Reference Variant": "One of those below that the User Role may send",
    "message type": f"{MessageType.SR}, Service Requests; {MessageType.SPC}, Signed Pre-Commands of Critical ones",
    "period": f"{Period.DAY} (in London) or {Period.HOUR} (of the clock)",
    "warning threshold": "A whole number from 0 and below the quarantine threshold, or empty",
    "quarantine threshold": f"A whole number from 1, of at most {MOST_DIGITS} digits: messages above it are held",
    "exception from": "Empty, or the first day on which this counts in place of the threshold without dates",
    "exception to": "Empty, or the last such day",
    "note": f"Empty, or at most {LONGEST_NOTE} characters",
    "Quarantine Event Ref": "1 to 20 digits: DUIS's QuarantineEventRef, the same in every record",
    "RequestID": "`<User ID>:<target>:<counter>` of a communication that is held in this event; each exactly once",
    "action": "RELEASE or DELETE",
    "reason": "Empty, or at most 200 characters",
}

_ABOUT: Final[Mapping[Kind, str]] = {
    Kind.ADT: """
A threshold is known by Service Reference Variant, message type, period and, where it is an exception, its days.
Each comes once; exceptions of one threshold do not overlap (F33). What removes a threshold, or raises one by more
than `SSI_ADT_SECOND_OFFICER_PERCENT` (20) %, needs a second officer. So does a new exception that much above the
threshold without dates; an exception whose days are over may go without. A rise is counted from the lowest that
the threshold was in any version in force in the last `SSI_ADT_SECOND_OFFICER_DAYS` (30) days, beginning with the
last one that held it and that a second officer approved: small steps add up, and what was removed does not come
back higher.
""",
    Kind.EXIT_QUARANTINE: """
One file decides about every communication that is held in one quarantine event (F60 to F63). What is quarantined
after the file was checked does not stop it: that stays held, needs another file, and is said before you submit.
""",
}


def pages() -> dict[str, str]:
    """Return the pages of this app by file name."""
    return {"signed-files.md": signed_files_page()}


def signed_files_page() -> str:
    """Return the page."""
    lines = [line for each in FORMATS for line in _format(each)]
    return _HEAD + "\n".join([*lines, *_signature(), *_findings(), *_states(), *_variants(), ""])


def _format(each: Format) -> Iterator[str]:
    yield f"## {each.kind.label}, version {each.version}"
    yield _ABOUT[each.kind]
    yield "An example, after its name:"
    yield ""
    yield "```"
    yield _example(each.kind).replace("\r\n", "\n").rstrip()
    yield "```"
    for letter, names in (("H", each.header_fields), ("D", each.detail_fields)):
        yield ""
        yield f"| {letter} record | what stands there |"
        yield "|---|---|"
        yield from (f"| {number}. {name} | {_FIELDS[name]} |" for number, name in enumerate(names, 1))
    yield ""


def _example(kind: Kind) -> str:
    """Return the name and the text of a file of a kind."""
    if kind == Kind.ADT:
        pieces = writing.adt_file(
            user_id=_USER_ID,
            user_role="IS",
            reference="NEW",
            created_at=_CREATED_AT,
            effective_date=date(2026, 9, 1),
            replaces=Replaces.ALL,
            rows=(
                ("4.6.1", "SR", "DAY", 900, 1_000, None, None, ""),
                ("7.2", "SPC", "HOUR", None, 20, None, None, "Disable Supply"),
                ("7.2", "SPC", "HOUR", None, 5, "2026-12-24", "2026-12-26", "Christmas, nobody is cut off"),
            ),
        )
    else:
        request_id = f"{_USER_ID}:00-DB-12-34-56-78-90-A0"
        pieces = writing.exit_quarantine_file(
            user_id=_USER_ID,
            reference="NEW",
            created_at=_CREATED_AT,
            event_ref=4711,
            decisions=((f"{request_id}:123", "RELEASE", ""), (f"{request_id}:124", "DELETE", "Sent twice")),
        )
    name = writing.name_of(kind, _USER_ID, "NEW", _CREATED_AT)
    return f"{name}\n\n{b''.join(pieces).decode()}"


def _signature() -> Iterator[str]:
    yield "## The signature file"
    yield ""
    most = LONGEST_SIGNATURE // 1024
    yield f"Its name is that of the signed file with `{SUFFIX}` after it. It is JSON of at most {most} KB:"
    yield ""
    yield "```json"
    yield f'{{"version": "{VERSION}", "algorithm": "{ALGORITHM}", "signature": "<base64 of the DER>",'
    yield ' "certificate": "<PEM>", "chain": ["<PEM>", …]}'
    yield "```"
    yield ""
    yield "The signature is over the exact bytes of the file. What is asked of the certificate:"
    yield "[how a file is signed](../how-to/sign-a-file.md)."
    yield ""


def _findings() -> Iterator[str]:
    yield "## Findings"
    yield ""
    yield "F codes refuse the file. W codes must be checked by a person, who says so, before it is submitted."
    yield ""
    yield "| Code | About | What to do |"
    yield "|---|---|---|"
    yield from (f"| {each.code} | {each.about} | {_cell(each.suggestion)} |" for each in CATALOGUE.values())
    yield ""


def _cell(text: str) -> str:
    """Return a text for a cell of a table; what stands in angle brackets is no HTML."""
    return text.replace("|", r"\|").replace("<", r"\<")


def _states() -> Iterator[str]:
    order = list(State)
    moves = sorted(state_diagram(Upload, "state"), key=lambda move: (order.index(State(move[0])), move[1:]))
    yield "## States of an upload"
    yield ""
    yield "The moves stand in `ssi/uploads/models/uploads.py`; all that they entail is in `ssi/uploads/actions/`."
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f'    state "{state.label}" as {state.value}' for state in State)
    yield f"    [*] --> {State.RECEIVED.value}"
    yield from (f"    {source} --> {target}: {verb}" for source, verb, target in moves)
    sources = {source for source, _, _ in moves}
    yield from (f"    {state.value} --> [*]" for state in State if state.value not in sources)
    yield "```"
    yield ""
    yield "| From | Move | To | Who | What it means |"
    yield "|---|---|---|---|---|"
    for source, verb, target in moves:
        what = _first_line(getattr(Upload, verb))
        yield f"| {State(source).label} | `{verb}` | {State(target).label} | {_who(verb)} | {what} |"
    yield ""


def _who(verb: str) -> str:
    permissions = {move.permission for move in declared_moves(getattr(Upload, verb))}
    return " ".join(sorted(_first_line(permission) for permission in permissions))


def _first_line(documented: object) -> str:
    return (documented.__doc__ or "").strip().splitlines()[0]


def _variants() -> Iterator[str]:
    roles = list(UserRole)
    yield "## Service Reference Variants"
    yield ""
    yield (
        f"The {len(SERVICE_REFERENCE_VARIANTS)} of DUIS 5.4, and which User Roles may send them. Only Critical"
        " ones have\nSigned Pre-Commands. DUIS's matrix does not list Meter Data Retriever yet: the portal lets it"
        " have thresholds\nof what an Other User may send that is not Critical."
    )
    yield ""
    yield f"| SRV | Name | Critical | {' | '.join(roles)} |"
    yield f"|---|---|---|{'---|' * len(roles)}"
    for each in SERVICE_REFERENCE_VARIANTS.values():
        marks = " | ".join("x" if role in each.user_roles else "" for role in roles)
        yield f"| {each.srv} | {each.name} | {'Critical' if each.is_critical else ''} | {marks} |"
