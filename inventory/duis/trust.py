"""The certificates whose signatures are trusted: a folder of PEM files, named by `SSI_DUIS_TRUST`.

`*.pem` in the folder itself are certificates of Users, and of certification authorities; in its folder `dcc/` they
are the DCC's own, which sign responses and alerts. A file may hold several. An authority is known by its basic
constraints, wherever it lies. A certificate belongs to the EUI-64 in its subject (x500UniqueIdentifier, serial
number or common name) or in its alternative name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Self, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from inventory.duis.refusals import DuisRefusal
from ssi.eui64 import Eui64, NotAnEui64

DCC_FOLDER: Final = "dcc"
_HARDWARE_MODULE: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.4")
_EUI_IN_DER: Final = b"\x04\x08"
_EUI_OCTETS: Final = 8
_AFTER_COMMA: Final = re.compile(r"(?<!\\),\s+")
_SERIAL: Final = re.compile(r"[0-9]{1,60}", re.ASCII)
_NAMES: Final = (NameOID.SERIAL_NUMBER, NameOID.COMMON_NAME)

Kind = TypeVar("Kind", bound=x509.ExtensionType)
Stamp = tuple[tuple[str, int, int], ...]


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
        return frozenset(_owners(self.certificate))

    @property
    def may_sign(self) -> bool:
        """Tell whether its key is on P-256 and, where the certificate says what for, for signing."""
        key = self.certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            return False
        usage = _extension(self.certificate, x509.KeyUsage)
        return usage is None or usage.digital_signature

    def is_in_date(self, at: datetime) -> bool:
        """Tell whether the certificate is valid at a moment."""
        return _is_in_date(self.certificate, at)


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
            *(Signer(each, is_dcc=False) for each in users if not _is_authority(each)),
            *(Signer(each, is_dcc=True) for each in dcc if not _is_authority(each)),
        )
        if not signers:
            raise TrustUnusable(problem="its folder of trusted certificates holds none but of authorities")
        return cls(signers, tuple(each for each in (*users, *dcc) if _is_authority(each)))

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
            _is_in_date(each, at) and _issued(each, signer.certificate) for each in self.authorities
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
def _kept(folder: Path, _stamp: Stamp) -> Trust:
    return Trust.of_folder(folder)


def _stamp(folder: Path) -> Stamp:
    try:
        states = [(str(path), path.stat()) for path in _files(folder)]
    except OSError as error:
        raise TrustUnusable(problem="its folder of trusted certificates cannot be read") from error
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


def _files(folder: Path) -> Iterable[Path]:
    if not folder.is_dir():
        raise TrustUnusable(problem="there is no folder of trusted certificates where SSI_DUIS_TRUST says")
    return sorted([*folder.glob("*.pem"), *folder.glob(f"{DCC_FOLDER}/*.pem")])


def _certificates(folder: Path) -> Iterator[x509.Certificate]:
    for path in sorted(folder.glob("*.pem")):
        try:
            yield from x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise TrustUnusable(problem=f"{path.name} holds no certificate that can be read") from error


def _is_authority(certificate: x509.Certificate) -> bool:
    constraints = _extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _is_in_date(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _name(text: str) -> x509.Name | None:
    """Return a distinguished name written as in RFC 4514, or with spaces after its commas."""
    try:
        return x509.Name.from_rfc4514_string(_AFTER_COMMA.sub(",", text.strip()))
    except ValueError:
        return None


def _owners(certificate: x509.Certificate) -> Iterator[Eui64]:
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.X500_UNIQUE_IDENTIFIER):
        if isinstance(attribute.value, bytes) and len(attribute.value) >= _EUI_OCTETS:
            yield Eui64.from_bytes(attribute.value[-_EUI_OCTETS:])  # before it, the number of unused bits
    named = [each for oid in _NAMES for each in certificate.subject.get_attributes_for_oid(oid)]
    texts = [each.value for each in named if isinstance(each.value, str)]
    others = _extension(certificate, x509.SubjectAlternativeName)
    if others is not None:
        texts += others.get_values_for_type(x509.DNSName)
        for other in others.get_values_for_type(x509.OtherName):
            if other.type_id == _HARDWARE_MODULE and other.value[-_EUI_OCTETS - 2 : -_EUI_OCTETS] == _EUI_IN_DER:
                yield Eui64.from_bytes(other.value[-_EUI_OCTETS:])
    for text in texts:
        try:
            yield Eui64.parse(text)
        except NotAnEui64:
            continue
