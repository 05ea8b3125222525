"""The certificates whose signatures are trusted: a folder of PEM files, named by `SSI_DUIS_TRUST`.

`*.pem` in the folder itself are certificates of Users, and of certification authorities; in its folder `dcc/` they
are the DCC's own, which sign responses and alerts. A file may hold several. An authority is known by its basic
constraints, wherever it lies. A certificate belongs to the EUI-64 in its subject (x500UniqueIdentifier, serial
number or common name) or in its alternative name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from django.conf import settings

from inventory.duis.refusals import DuisRefusal
from ssi import certificates
from ssi.eui64 import Eui64

DCC_FOLDER: Final = "dcc"
_AFTER_COMMA: Final = re.compile(r"(?<!\\),\s+")
_SERIAL: Final = re.compile(r"[0-9]{1,60}", re.ASCII)


class TrustUnusable(DuisRefusal):
    """This portal is to verify signatures and cannot: {problem}."""

    code = "SSI-TRUST"
    suggestion = "Put the folder that SSI_DUIS_TRUST names in order; until then no message is applied."
    source = "ours: a signature that cannot be verified is not taken for a good one"


@dataclass(frozen=True, slots=True)
class Signer:
    """A trusted certificate, and whether it is one of the DCC's."""

    certificate: x509.Certificate
    is_dcc: bool

    @property
    def owners(self) -> frozenset[Eui64]:
        """Return the EUI-64 that the certificate was issued to; none where it names none."""
        return certificates.owners(self.certificate)

    @property
    def may_sign(self) -> bool:
        """Tell whether its key is on P-256 and, where the certificate says what for, for signing."""
        usage = certificates.extension(self.certificate, x509.KeyUsage)
        return certificates.is_on_p256(self.certificate) and (usage is None or usage.digital_signature)

    def is_in_date(self, at: datetime) -> bool:
        """Tell whether the certificate is valid at a moment."""
        return certificates.is_in_date(self.certificate, at)


@dataclass(frozen=True, slots=True)
class Trust:
    """The trusted certificates, and the authorities that must have issued them; without any, each stands alone."""

    signers: tuple[Signer, ...]
    authorities: tuple[x509.Certificate, ...]

    @classmethod
    def of_folder(cls, folder: Path) -> Self:
        """Read the certificates of a folder; raises TrustUnusable."""
        users = list(_certificates(folder))
        dcc = list(_certificates(folder / DCC_FOLDER))
        signers = (
            *(Signer(each, is_dcc=False) for each in users if not certificates.is_authority(each)),
            *(Signer(each, is_dcc=True) for each in dcc if not certificates.is_authority(each)),
        )
        if not signers:
            raise TrustUnusable(problem="its folder of trusted certificates holds none but of authorities")
        return cls(signers, tuple(each for each in (*users, *dcc) if certificates.is_authority(each)))

    def named(self, issuer_name: str, serial_number: str) -> Signer | None:
        """Return the certificate that an X509IssuerSerial names, None if it is not among the trusted."""
        issuer = _name(issuer_name)
        if issuer is None or not _SERIAL.fullmatch(serial_number):
            return None
        number = int(serial_number)
        for each in self.signers:
            rdns = each.certificate.issuer.rdns
            if each.certificate.serial_number == number and issuer.rdns in (rdns, rdns[::-1]):
                return each
        return None

    def vouches_for(self, signer: Signer, at: datetime) -> bool:
        """Tell whether one of the authorities, in date, issued a certificate; True where there are none."""
        return not self.authorities or any(
            certificates.is_in_date(each, at) and certificates.is_issued_by(signer.certificate, each)
            for each in self.authorities
        )


def configured_trust() -> Trust | None:
    """Return what `SSI_DUIS_TRUST` names, None where it names nothing; raises TrustUnusable.

    A folder is read again when a file in it is another; messages in between cost a look at its names and times.
    """
    if not settings.SSI_DUIS_TRUST:
        return None
    folder = Path(settings.SSI_DUIS_TRUST)
    return _kept(folder, _stamp(folder))


@lru_cache(maxsize=1)
def _kept(folder: Path, _stamp: certificates.Stamp) -> Trust:
    return Trust.of_folder(folder)


def _stamp(folder: Path) -> certificates.Stamp:
    if not folder.is_dir():
        raise TrustUnusable(problem="there is no folder of trusted certificates where SSI_DUIS_TRUST says")
    try:
        return certificates.stamp_of(certificates.files_of(folder, "*.pem", f"{DCC_FOLDER}/*.pem"))
    except OSError as error:
        raise TrustUnusable(problem="its folder of trusted certificates cannot be read") from error


def _certificates(folder: Path) -> Iterator[x509.Certificate]:
    for path in sorted(folder.glob("*.pem")):
        try:
            yield from x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise TrustUnusable(problem=f"{path.name} holds no certificate that can be read") from error


def _name(text: str) -> x509.Name | None:
    """Return a distinguished name written as in RFC 4514, or with spaces after its commas."""
    try:
        return x509.Name.from_rfc4514_string(_AFTER_COMMA.sub(",", text.strip()))
    except ValueError:
        return None
