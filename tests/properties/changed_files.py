"""What may become of a good signed file: of its bytes, records, name and signature file, and of its call.

What is sealed anew has a right trailer and a right signature, so that it reaches the checks behind both.
"""

import base64
import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import strategies as st

from ssi.uploads.issuing import Issued
from tests.factories import uploads
from tests.properties.test_signed_file_properties import changed

BOUNDARY: Final = "a-boundary-that-no-file-holds-0f6e"
Draw = Callable[..., Any]
Records = list[list[str]]


@dataclass(frozen=True)
class Good:
    """A file that nothing is wrong with, with what signs it, and values that a change may put into it."""

    kind: str
    name: str
    content: bytes
    signer: Issued
    others: tuple[Issued, ...]
    """Certificates that may not sign it."""
    values: tuple[str, ...]
    """Values that mean something in such a file, though perhaps elsewhere."""

    @property
    def records(self) -> Records:
        """Return its records without the trailer."""
        return list(csv.reader(io.StringIO(self.content.decode(), newline="")))[:-1]


@dataclass(frozen=True)
class Sent:
    """What is sent in the end."""

    name: str
    content: bytes
    signature: bytes | None
    signature_name: str
    submits: bool = False


ODD: Final = (
    *("", " ", "0", "1", "-1", "00", "01", "1.0", "2.0", "1e3", "9" * 15, "9" * 16, "9" * 20, "9" * 400, "٣", "½"),
    *("NEW", "new", "ALL", "DELTA", "IS", "GS", "ES", "XX", "SR", "SPC", "DAY", "HOUR", "RELEASE", "DELETE"),
    *("H", "D", "T", "ADT", "EQF", "4.1.1", "7.4", "6.23", "7.2", "8.11", "99.9", "4.1.1 ", "INC000000000001"),
    *("2026-02-30", "1999-12-31", "2999-12-31", "2027-01-01", "2026-08-26T12:00:00Z", "2999-12-31T23:59:59Z"),
    *("=1+1", "@x", "\t", "\\N", "\\.", "\\", "\x00", "\r", "\n", "\r\n", '"', '""', ",", "\u202e", "\x85"),
    *("\N{LATIN SMALL LETTER E WITH ACUTE}" * 200, "x" * 201, "x" * 5_000, "\U0001f512", "%s", "'; --", "{0}"),
)
sign: Final = lru_cache(maxsize=20_000)(uploads.sign)
"""Signs the same bytes in the same way: as long as the one before, so that what is drawn of it stays the same."""

VALUES: Final = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), max_size=12)


def written(records: Records) -> bytes:
    """Return records as bytes, with a trailer that counts and hashes them as they are."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(records)
    body = out.getvalue().encode()
    count = sum(record[:1] == ["D"] for record in records)
    return body + f"T,{count},{hashlib.sha256(body).hexdigest()}\r\n".encode()


@st.composite
def other_records(draw: Draw, good: Good) -> bytes:
    """Draw a file whose fields and lines are others, sealed anew."""
    records = good.records
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 4]))):
        at, other = (draw(st.integers(0, len(records) - 1)) for _ in range(2))
        match draw(st.sampled_from(["field"] * 4 + ["swap", "twice", "drop", "drop", "longer", "shorter"])):
            case "field" if records[at]:
                place = draw(st.integers(0, len(records[at]) - 1))
                value = draw(st.sampled_from(good.values) | VALUES)
                records[at] = [*records[at][:place], value, *records[at][place + 1 :]]
            case "swap":
                records[at], records[other] = records[other], records[at]
            case "twice":
                records.insert(other, records[at])
            case "drop" if len(records) > 1:
                del records[at]
            case "longer":
                records[at] = [*records[at], draw(VALUES)]
            case "shorter":
                records[at] = records[at][:-1]
    if draw(st.integers(0, 3)):
        records = _numbered(records)
    return written(records)


def _numbered(records: Records) -> Records:
    """Return records whose D records are numbered from 1."""
    numbered, number = [], 0
    for record in records:
        is_detail = record[:1] == ["D"] and len(record) > 1
        number += is_detail
        numbered.append(["D", str(number), *record[2:]] if is_detail else record)
    return numbered


@st.composite
def other_signatures(draw: Draw, good: Good, content: bytes) -> bytes | None:
    """Draw a signature file that something is wrong with."""
    right = sign(content, *good.signer)
    fields = json.loads(right)
    name = draw(st.sampled_from([*fields, "certificate", "more"]))
    odd = VALUES | st.none() | st.integers() | st.lists(VALUES | st.none(), max_size=5) | st.just({"a": [1.5]})
    der = good.signer.certificate.public_bytes(Encoding.DER)
    ways: tuple[Callable[[], bytes | None], ...] = (
        lambda: None,
        lambda: b"",
        lambda: draw(changed(right)),
        lambda: draw(st.binary(max_size=200)),
        lambda: json.dumps(fields | {name: draw(odd)}).encode(),
        lambda: json.dumps({key: value for key, value in fields.items() if key != name}).encode(),
        lambda: json.dumps(fields | {"certificate": pem(draw(other_bytes(der)))}).encode(),
        lambda: json.dumps(fields | {"chain": [pem(draw(other_bytes(der)))]}).encode(),
        lambda: sign(content + b" ", *good.signer),
        lambda: sign(content, *draw(st.sampled_from(good.others))),
        lambda: sign(content, good.signer.certificate, draw(st.sampled_from(good.others)).key),
    )
    chosen: bytes | None = draw(st.sampled_from(ways))()
    return chosen


@st.composite
def other_bytes(draw: Draw, der: bytes) -> bytes:
    """Draw bytes of the same length with a few others in them: a certificate keeps its outer shape."""
    changed_bytes = bytearray(der)
    for _ in range(draw(st.integers(1, 3))):
        changed_bytes[draw(st.integers(0, len(der) - 1))] = draw(st.integers(0, 255))
    return bytes(changed_bytes)


def pem(der: bytes) -> str:
    """Return bytes as if they were a certificate."""
    return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"


@st.composite
def other_names(draw: Draw, name: str) -> str:
    """Draw a name that is nearly a file's, or nothing like it."""
    at, value = draw(st.integers(0, len(name))), draw(VALUES)
    ways = (name[:at] + value + name[at + 1 :], name[:at] + value + name[at:], name[at:], value, name.lower())
    chosen: str = draw(st.sampled_from((*ways, "../" * 9 + name, name * 9)))
    return chosen


@st.composite
def sent(draw: Draw, good: Good) -> Sent:
    """Draw what is sent: one thing or more about the good file is another, now and then nothing."""
    content, name = good.content, good.name
    what = draw(st.sampled_from(["records"] * 5 + ["bytes"] * 3 + ["signature"] * 3 + ["name", "nothing", "both"]))
    if what in {"records", "both"}:
        content = draw(other_records(good))
    if what in {"bytes", "both"}:
        content = draw(changed(content))
    if what == "name" or (what == "both" and draw(st.booleans())):
        name = draw(other_names(name))
    stays = what == "bytes" and draw(st.booleans())
    signature = sign(good.content if stays else content, *good.signer)
    if what == "signature":
        signature = draw(other_signatures(good, content))
    return Sent(name, content, signature, f"{name}.sig", draw(st.booleans()))


# --- The call that it comes in ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A call of the API: its body, and how it is declared."""

    body: bytes
    content_type: str = f"multipart/form-data; boundary={BOUNDARY}"


def body_of(good: Good, what: Sent, **fields: str) -> bytes:
    """Return what is sent as a program sends it; the names of files stand in it as they are."""
    texts = {"kind": good.kind, "check_only": "false" if what.submits else "true"} | fields
    parts = [(f'name="{name}"'.encode(), value.encode()) for name, value in texts.items()]
    parts.append((f'name="file"; filename="{what.name}"'.encode(), what.content))
    if what.signature is not None:
        parts.append((f'name="signature"; filename="{what.signature_name}"'.encode(), what.signature))
    begins = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
    return b"".join(begins + head + b"\r\n\r\n" + value + b"\r\n" for head, value in parts) + (
        f"--{BOUNDARY}--\r\n".encode()
    )


@st.composite
def calls(draw: Draw, good: Good) -> Call:
    """Draw a call that brings a changed file, or is itself not what it should be."""
    what = draw(sent(good))
    match draw(st.sampled_from(["good"] * 6 + ["large", "field", "body", "body", "type"])):
        case "large":
            return Call(body_of(good, replace(what, content=what.content * draw(st.integers(2, 40)))))
        case "field":
            return Call(body_of(good, what, **{draw(st.sampled_from(["kind", "check_only", "x"])): draw(VALUES)}))
        case "body":
            return Call(draw(changed(body_of(good, what))))
        case "type":
            types = ("multipart/form-data", "application/json", "text/plain", "", "multipart/form-data; boundary=")
            return Call(body_of(good, what), draw(st.sampled_from(types)))
    return Call(body_of(good, what))
