"""Signed files as Users send them: a test authority, its certificates, signatures, ADT and Exit Quarantine files.

Each builder makes a good one unless told what is to be `wrong` with it. The files are written here by hand, not by
the portal's own writer, so that the two can be held against each other.
"""

import csv
import hashlib
import io
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import LazySettings
from django.utils import timezone

from ssi.accounts.models import Person, UserId
from ssi.eui64 import Eui64
from ssi.uploads import issuing, signature_files
from ssi.uploads.issuing import Issued

A_DAY: Final = timedelta(days=1)
A_YEAR: Final = timedelta(days=365)
CRLF: Final = "\r\n"
_BEGAN: Final = datetime.now(UTC).replace(microsecond=0) - A_DAY
_seconds: Final = itertools.count(1)

Row = Sequence[object]
GOOD_ROWS: Final[tuple[Row, ...]] = (
    ("4.1.1", "SR", "DAY", 900, 1_000, "", "", ""),
    ("7.4", "SR", "HOUR", "", 50, "", "", ""),
    ("7.2", "SPC", "HOUR", 10, 20, "", "", "Critical alone"),
)
"""Of D records that a supplier may send: SRV, type, period, warning, quarantine, exception from and to, note."""


@dataclass
class TestAuthority:
    """A root, an intermediate under it and their revocation lists, in a folder that can be SSI_FILE_TRUST.

    The folder holds all of them unless `intermediate_in_folder` is False: signatures then must send the chain.
    """

    __test__ = False

    folder: Path
    intermediate_in_folder: bool = True
    ends: timedelta = A_YEAR
    root: Issued = field(init=False)
    intermediate: Issued = field(init=False)
    revoked: list[int] = field(default_factory=list)
    revoked_by_root: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = issuing.authority("Test root", ends=self.ends, begins=-A_YEAR)
        self.intermediate = issuing.authority("Test issuer", by=self.root, ends=self.ends, begins=-A_YEAR)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "root.pem").write_bytes(self.root.pem)
        if self.intermediate_in_folder:
            (self.folder / "issuer.pem").write_bytes(self.intermediate.pem)
        self.write_lists()

    def write_lists(self, **of: Any) -> None:
        """Write both revocation lists anew; `of` is for `issuing.revocation_list`, such as `ends`."""
        of = {"ends": A_DAY} | of
        (self.folder / "root.crl").write_bytes(issuing.revocation_list(self.root, self.revoked_by_root, **of))
        (self.folder / "issuer.crl").write_bytes(issuing.revocation_list(self.intermediate, self.revoked, **of))

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Return what a signature file sends besides the signer's certificate."""
        return (self.intermediate.certificate,)

    def certificate_for(self, person: Person | None, user_id: UserId | Eui64 | str | None, **wrong: Any) -> Issued:
        """Return the File Signing Certificate of a person for a User ID, as (certificate, key).

        `wrong` is one or more of: `is_expired`, `is_not_yet_valid`, `is_revoked`, `is_self_signed`, `is_rsa`,
        `curve` (another one), `email` (another, or "" for none), `cannot_sign` (its usage is to agree on keys),
        `is_authority`, `by` (another authority), `more` (extensions with whether each is critical).
        """
        if wrong.pop("is_expired", False):
            wrong |= {"begins": -2 * A_DAY, "ends": -A_DAY}
        if wrong.pop("is_not_yet_valid", False):
            wrong |= {"begins": A_DAY, "ends": 2 * A_DAY}
        if wrong.pop("is_self_signed", False):
            wrong["by"] = None
        if wrong.pop("is_rsa", False):
            wrong["key"] = rsa.generate_private_key(65_537, 2_048)
        if curve := wrong.pop("curve", None):
            wrong["key"] = ec.generate_private_key(curve)
        is_revoked = wrong.pop("is_revoked", False)
        of: dict[str, Any] = {
            "email": person.email if person else "",
            "name": person.name if person else "Nobody",
            "user_id": Eui64.parse(str(getattr(user_id, "pk", user_id))) if user_id is not None else None,
            "digital_signature": not wrong.pop("cannot_sign", False),
            "by": self.intermediate,
            "ends": min(A_YEAR, self.ends),
        }
        issued = issuing.officer(**of | wrong)
        if is_revoked:
            self.revoke(issued.certificate)
        return issued

    def revoke(self, certificate: x509.Certificate) -> None:
        """Put a certificate on its issuer's revocation list; the folder's file changes."""
        by_root = certificate.issuer == self.root.certificate.subject
        (self.revoked_by_root if by_root else self.revoked).append(certificate.serial_number)
        self.write_lists()


def trusted_authority(folder: Path, settings: LazySettings, **of: Any) -> TestAuthority:
    """Return an authority in a new folder, which SSI_FILE_TRUST then names."""
    authority = TestAuthority(folder, **of)
    settings.SSI_FILE_TRUST = str(folder)
    return authority


def sign(
    content: bytes,
    certificate: x509.Certificate,
    key: issuing.Key,
    /,
    chain: Sequence[x509.Certificate] = (),
    **wrong: Any,
) -> bytes:
    """Return the signature file over `content`; `wrong` are fields of it to put in place of the good ones.

    None leaves a field out; others are added; `raw_chain` stands in place of the chain. Where the key cannot sign,
    another signs.
    """
    signing_key = key if isinstance(key, ec.EllipticCurvePrivateKey) else issuing.new_key()
    made = signature_files.made(io.BytesIO(content), certificate, signing_key, chain)
    if not wrong:
        return made
    wrong = {name.removeprefix("raw_"): value for name, value in wrong.items()}
    fields = {name: value for name, value in (json.loads(made) | wrong).items() if value is not None}
    return json.dumps(fields).encode()


def next_created_at() -> datetime:
    """Return a creation time in the past that is later than every one given before."""
    return _BEGAN + timedelta(seconds=next(_seconds))


def adt_file(
    user_id: UserId | Eui64 | str,
    user_role: str,
    rows: Iterable[Row] = GOOD_ROWS,
    **wrong: Any,
) -> tuple[str, bytes]:
    """Return the name and the bytes of an ADT file. A row is a D record after its line number.

    Not wrong but to be chosen: `reference`, `created_at`, `effective_date` (today unless given), `replaces`. The
    rest stands at `_file`.
    """
    header = (user_role, wrong.pop("effective_date", timezone.localdate()), wrong.pop("replaces", "ALL"))
    return _file("ADT", user_id, header, rows, wrong)


def eqf_file(
    user_id: UserId | Eui64 | str,
    event_ref: object,
    decisions: Iterable[Sequence[object]],
    **wrong: Any,
) -> tuple[str, bytes]:
    """Return the name and the bytes of an Exit Quarantine file; a decision is RequestID, action and reason.

    One with four fields begins with an event reference of its own. For `wrong` see `_file`.
    """
    rows = [(*([event_ref] if len(each) < 4 else []), *each) for each in decisions]
    return _file("EQF", user_id, (event_ref,), rows, wrong)


def _file(
    letters: str, user_id: object, last: Sequence[object], rows: Iterable[Row], wrong: dict[str, Any]
) -> tuple[str, bytes]:
    """Return a file's name and bytes.

    `wrong`: `name`, `name_user_id`, `name_reference`, `name_created_at`, `letters`, `version`, `header_user_id`,
    `header` (fields of the H record by position), `newline`, `bom`, `encoding`, `lines` (line numbers of the D
    records), `more` (text before the trailer), `count`, `sha256`, `trailer` (False: none), `after` (bytes then),
    `cut` (bytes cut off the end).
    """
    eui = Eui64.parse(str(getattr(user_id, "pk", user_id)))
    created_at = wrong.pop("created_at", None) or next_created_at()
    reference = wrong.pop("reference", "NEW")
    name = wrong.pop("name", None) or "_".join(
        (
            letters,
            Eui64.parse(str(wrong.pop("name_user_id", eui))).plain,
            wrong.pop("name_reference", reference),
            f"{wrong.pop('name_created_at', created_at):%Y%m%dT%H%M%SZ}.csv",
        )
    )
    header: list[object] = ["H", wrong.pop("letters", letters), wrong.pop("version", "1.0")]
    header.append(wrong.pop("header_user_id", eui))
    role, rest = (last[:1], last[1:]) if letters == "ADT" else ((), last)
    header += [*role, reference, f"{created_at:%Y-%m-%dT%H:%M:%SZ}", *rest]
    for place, value in wrong.pop("header", {}).items():
        header[place] = value
    return name, _bytes(header, rows, wrong)


def _bytes(header: Sequence[object], rows: Iterable[Row], wrong: dict[str, Any]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=(newline := wrong.pop("newline", CRLF)))
    numbers = iter(wrong.pop("lines", itertools.count(1)))
    writer.writerow([_text(each) for each in header])
    count = 0
    for row in rows:
        count += 1
        writer.writerow(["D", next(numbers), *map(_text, row)])
    out.write(wrong.pop("more", ""))
    body: bytes = out.getvalue().encode(wrong.pop("encoding", "utf-8"))
    body = b"\xef\xbb\xbf" + body if wrong.pop("bom", False) else body
    digest = wrong.pop("sha256", None) or hashlib.sha256(body).hexdigest()
    if wrong.pop("trailer", True):
        body += f"T,{wrong.pop('count', count)},{digest}{newline}".encode()
    body += wrong.pop("after", b"")
    cut = wrong.pop("cut", 0)
    assert not wrong, f"No such thing can be wrong: {', '.join(wrong)}"
    return body[: len(body) - cut]


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
