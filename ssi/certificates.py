"""X.509 certificates as smart metering uses them: whose they are, who issued them, whether they are in date.

A folder of PEM files is what the portal trusts; DUIS messages and signed files have one each, and rules of their
own about what must be in it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ssi.eui64 import Eui64, NotAnEui64

_HARDWARE_MODULE: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.4")
_EUI_IN_DER: Final = b"\x04\x08"
_EUI_OCTETS: Final = 8
_NAMES: Final = (NameOID.SERIAL_NUMBER, NameOID.COMMON_NAME)

UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What reading a certificate or a revocation list raises that is not well-formed."""

Kind = TypeVar("Kind", bound=x509.ExtensionType)
Stamp = tuple[tuple[str, int, int], ...]


def extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    """Return an extension, None where there is none or it cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def readable(data: bytes) -> x509.Certificate:
    """Return the certificate that a PEM holds, all of whose parts can be read; raises one of UNREADABLE."""
    certificate = x509.load_pem_x509_certificate(data)
    _ = certificate.public_key(), certificate.subject, certificate.issuer, certificate.extensions
    return certificate


def is_authority(certificate: x509.Certificate) -> bool:
    """Tell by its basic constraints whether a certificate is an authority's."""
    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def is_on_p256(certificate: x509.Certificate) -> bool:
    """Tell whether its key is on the one curve that smart metering signs with."""
    key = certificate.public_key()
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def is_in_date(certificate: x509.Certificate, at: datetime) -> bool:
    """Tell whether a certificate is valid at a moment."""
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def is_issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Tell whether an authority's name and key are those that signed a certificate."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def owners(certificate: x509.Certificate) -> frozenset[Eui64]:
    """Return the EUI-64 that a certificate was issued to; none where it names none.

    It stands in the subject (x500UniqueIdentifier, serial number or common name) or in the alternative name.
    """
    return frozenset(_owners(certificate))


def files_of(folder: Path, *patterns: str) -> list[Path]:
    """Return a folder's files of some patterns, in the order of their names."""
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


def stamp_of(paths: Iterable[Path]) -> Stamp:
    """Return what changes when one of the files does: names, times and sizes; raises OSError."""
    states = [(str(path), path.stat()) for path in paths]
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


def _owners(certificate: x509.Certificate) -> Iterator[Eui64]:
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.X500_UNIQUE_IDENTIFIER):
        if isinstance(attribute.value, bytes) and len(attribute.value) >= _EUI_OCTETS:
            yield Eui64.from_bytes(attribute.value[-_EUI_OCTETS:])  # before it, the number of unused bits
    named = [each for oid in _NAMES for each in certificate.subject.get_attributes_for_oid(oid)]
    texts = [each.value for each in named if isinstance(each.value, str)]
    others = extension(certificate, x509.SubjectAlternativeName)
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
