"""The demo's signed files: what Northlight's officer might send, good and bad, each in a folder of its own.

They lie in the data folder under `demo-files`, with a README, the certificates of both officers and their keys.
All take effect 30 days after they were written, so that they can be sent for weeks.
"""

import io
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils import timezone

from ssi.accounts.demo_accounts import BRIGHTGRID, NORTHLIGHT
from ssi.eui64 import Eui64
from ssi.uploads import authority_folders, issuing, signature_files
from ssi.uploads.formats import writing
from ssi.uploads.formats.names import name_of
from ssi.uploads.issuing import Issued
from ssi.uploads.models.choices import Decision, Kind, Replaces

FOLDER: Final = "demo-files"
VALID_FOR: Final = timedelta(days=1_825)
TAKES_EFFECT_AFTER: Final = timedelta(days=30)
NORTHLIGHTS: Final = Eui64.parse(NORTHLIGHT.user_id)
BRIGHTGRIDS: Final = Eui64.parse(BRIGHTGRID.user_id)
AROHA, BELA = "aroha@northlight.example", "bela@brightgrid.example"
EVENT_REF: Final = 48_151_623_421
FIRST_TARGET: Final = Eui64.parse("00-1B-C5-0A-01-00-00-10")
FIRST_COUNTER: Final = 900_001
HELD_SRVS: Final = ("7.2", "7.2", "7.2", "7.2", "7.1", "7.1", "1.1.1", "1.1.1")
"""Of which Service Reference Variants the communications are that the demo's first event holds."""

Row = tuple[Any, ...]

IN_FORCE: Final[tuple[Row, ...]] = (
    ("1.1.1", "SPC", "DAY", 400, 500, None, None, "Tariff changes, once a quarter"),
    ("1.2.1", "SPC", "DAY", 400, 500, None, None, ""),
    ("2.2", "SR", "HOUR", 40, 60, None, None, ""),
    ("4.1.1", "SR", "DAY", 20, 30, None, None, ""),
    ("4.6.1", "SR", "DAY", 45, 60, None, None, "Daily reads for billing"),
    ("4.6.1", "SR", "HOUR", 15, 20, None, None, ""),
    ("7.1", "SPC", "HOUR", 5, 10, None, None, ""),
    ("7.2", "SPC", "HOUR", 5, 10, None, None, "Disconnections are rare"),
    ("7.4", "SR", "DAY", 18, 25, None, None, ""),
    ("8.1.1", "SPC", "DAY", 15, 20, None, None, ""),
    ("8.11", "SR", "DAY", 18, 25, None, None, ""),
    ("12.2", "SR", "DAY", 30, 40, None, None, ""),
)
"""Northlight's thresholds as Import Supplier: somewhat above what the demo's messages come to."""

BEFORE: Final[tuple[Row, ...]] = tuple(
    (srv, kind, period, warning, 55 if (srv, period) == ("4.6.1", "DAY") else quarantine, *rest)
    for srv, kind, period, warning, quarantine, *rest in IN_FORCE
)
"""What was in force before: the daily reads had a lower threshold."""

AS_GAS_SUPPLIER: Final[tuple[Row, ...]] = tuple(row for row in IN_FORCE if row[0] not in {"7.1", "8.11", "12.2"})


@dataclass(frozen=True, slots=True)
class Signed:
    """A file with its signature."""

    name: str
    content: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Officers:
    """The certificates of both demo officers with their keys, and the authority that issued them."""

    aroha: Issued
    bela: Issued
    issuer: x509.Certificate

    @classmethod
    def of(cls, authority: Path) -> "Officers":
        """Issue them from a test authority's folder."""
        issuer = authority_folders.issuer_of(authority)
        of: dict[str, Any] = {"by": issuer, "ends": VALID_FOR}
        return cls(
            issuing.officer(email=AROHA, user_id=NORTHLIGHTS, name="Aroha Tane", **of),
            issuing.officer(email=BELA, user_id=BRIGHTGRIDS, name="Bela Horvat", **of),
            issuer.certificate,
        )

    def signed(self, name: str, content: bytes, by: Issued | None = None) -> Signed:
        """Return a file with the signature of Aroha, or of whoever is given."""
        certificate, key = by or self.aroha
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("Officers' keys are on P-256.")
        return Signed(name, content, signature_files.made(io.BytesIO(content), certificate, key, [self.issuer]))


def adt(
    officers: Officers, rows: Sequence[Row], created_at: datetime, *, by: Issued | None = None, **of: Any
) -> Signed:
    """Return a signed ADT file of Northlight's; as IS, ALL thresholds, from in 30 days unless told otherwise."""
    facts: dict[str, Any] = {
        "user_role": "IS",
        "replaces": Replaces.ALL,
        "effective_date": timezone.localdate() + TAKES_EFFECT_AFTER,
    }
    content = writing.adt_file(
        user_id=NORTHLIGHTS, reference="NEW", created_at=created_at, rows=rows, **facts | of
    )
    return officers.signed(name_of(Kind.ADT, NORTHLIGHTS, "NEW", created_at), b"".join(content), by)


def request_keys() -> Iterator[tuple[Eui64, int, str]]:
    """Yield target, counter and SRV of the communications that the demo's first event holds."""
    for number, srv in enumerate(HELD_SRVS):
        yield Eui64.from_bigint(FIRST_TARGET.as_bigint + number), FIRST_COUNTER + number, srv


def exit_quarantine(officers: Officers, created_at: datetime) -> Signed:
    """Return a signed file that decides about the whole first event: tariffs go out, disconnections do not."""
    decisions = [
        (
            f"{NORTHLIGHTS}:{target}:{counter}",
            Decision.RELEASE if srv == "1.1.1" else Decision.DELETE,
            "New tariff, meant so" if srv == "1.1.1" else "Sent by a script that went wrong",
        )
        for target, counter, srv in request_keys()
    ]
    content = b"".join(
        writing.exit_quarantine_file(
            user_id=NORTHLIGHTS,
            reference="NEW",
            created_at=created_at,
            event_ref=EVENT_REF,
            decisions=decisions,
        )
    )
    return officers.signed(name_of(Kind.EXIT_QUARANTINE, NORTHLIGHTS, "NEW", created_at), content)


def samples(officers: Officers, created_at: datetime) -> Iterator[tuple[str, Signed]]:
    """Yield each sample with its folder; later ones were created later, so that they can be sent in this order."""
    moments = (created_at + timedelta(seconds=number) for number in range(1, 7))
    yield "1-good", adt(officers, (*IN_FORCE, *_A_LITTLE_MORE), next(moments))
    yield "2-needs-a-second-officer", adt(officers, _MUCH_MORE, next(moments), replaces=Replaces.DELTA)
    yield "3-warnings", adt(officers, _FAR_OFF, next(moments), replaces=Replaces.DELTA)
    yield "4-many-findings", adt(officers, _WRONG, next(moments))
    yield "5-signed-by-another-party", adt(officers, IN_FORCE, next(moments), by=officers.bela)
    yield "6-exit-quarantine", exit_quarantine(officers, next(moments))


def write(officers: Officers, created_at: datetime) -> Path:
    """Write all samples anew, with what signs them; what else lies in the folder stays. Return the folder."""
    folder: Path = settings.SSI_DATA_DIR / FOLDER
    for name, sample in samples(officers, created_at):
        place = _emptied(folder / name)
        (place / sample.name).write_bytes(sample.content)
        (place / f"{sample.name}{signature_files.SUFFIX}").write_bytes(sample.signature)
    certificates = _emptied(folder / "certificates")
    for name, issued in (("aroha", officers.aroha), ("bela", officers.bela)):
        authority_folders.write_key(certificates / f"{name}.key", issued)
        (certificates / f"{name}.pem").write_bytes(issued.pem)
    (certificates / "issuer.pem").write_bytes(Issued(officers.issuer, officers.aroha.key).pem)
    (folder / "README.md").write_text(_README, encoding="utf-8")
    return folder


def are_there() -> bool:
    """Tell whether the samples were written before."""
    return (Path(settings.SSI_DATA_DIR) / FOLDER / "README.md").exists()


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


_A_LITTLE_MORE: Final[tuple[Row, ...]] = (("4.8.1", "SR", "DAY", 150, 200, None, None, "Half-hourly data"),)
_MUCH_MORE: Final[tuple[Row, ...]] = (
    ("7.2", "SPC", "HOUR", 20, 25, None, None, "Debt campaign"),
    ("4.6.1", "SR", "DAY", 40, 55, None, None, ""),
)
_FAR_OFF: Final[tuple[Row, ...]] = (
    ("4.1.1", "SR", "DAY", 4_000, 5_000, None, None, "Ten times the portfolio?"),
    ("4.6.1", "SR", "DAY", 5, 10, None, None, ""),
)
_WRONG: Final[tuple[Row, ...]] = (
    ("4.6.1", "SR", "DAY", 45, 60, None, None, "This one is right"),
    ("99.9", "SR", "DAY", 45, 60, None, None, "No such variant"),
    ("4.2", "SR", "DAY", 45, 60, None, None, "For export suppliers and networks"),
    ("4.6.1", "SPC", "DAY", 45, 60, None, None, "Not Critical, so without Signed Pre-Commands"),
    ("4.6.1", "SR", "DAY", 45, 70, None, None, "The second of its kind"),
    ("7.4", "SR", "WEEK", 45, 60, None, None, "No such period"),
    ("7.4", "SR", "HOUR", "few", "many", None, None, "No numbers"),
    ("2.2", "SR", "HOUR", 60, 60, None, None, "The warning would come too late"),
    ("3.1", "SR", "DAY", 5, 10, "2027-02-30", "2027-01-01", "No such day"),
    ("3.2", "SR", "DAY", 5, 10, None, None, "=1+1"),
    ("3.3", "SR", "DAY", 5, 0, None, None, "Nothing would pass"),
)
_README: Final = """# Signed files of the demo

Sign in as aroha@northlight.example, open "New thresholds" or "New Exit Quarantine file", and send a file with the
`.sig` beside it.

| folder | what comes of it |
|---|---|
| 1-good | is checked; submit it, then confirm it as dana@dcc.example |
| 2-needs-a-second-officer | a threshold rises by more than 20 %: sunil@northlight.example must approve it |
| 3-warnings | W50 and W51: say that you have checked before you submit it |
| 4-many-findings | is rejected, with every finding |
| 5-signed-by-another-party | is rejected: bela@brightgrid.example signed it, for another User ID (F14) |
| 6-exit-quarantine | decides about the whole quarantine event 48151623421 |

A file is taken once, and one that is older than the last one taken is refused: send them in this order. They take
effect 30 days after they were written. As the demo's messages grow older, more of them may come with warnings.

To make your own, have the portal prepare one to be signed, and sign it. The certificates here are trusted by this
copy alone:

    .venv/bin/python manage.py sign_file FILE.csv --certificate certificates/aroha.pem \\
        --key certificates/aroha.key --chain certificates/issuer.pem

More in docs/how-to/sign-a-file.md.
"""
