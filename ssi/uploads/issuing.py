"""Certification authorities, certificates and revocation lists of our own making, to try signed files out.

The demo estate, the commands `make_test_ca` and `issue_test_certificate` and the tests use it. Nothing that it
makes is trusted anywhere but where somebody puts its root into the folder that SSI_FILE_TRUST names.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from ssi.eui64 import Eui64

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

A_MINUTE = timedelta(minutes=1)


class Issued(NamedTuple):
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        """Return the certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """Return the private key as PEM, not encrypted: it protects nothing."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a new private key on P-256, the one curve that signed files know."""
    return ec.generate_private_key(ec.SECP256R1())


def authority(
    common_name: str,
    *,
    ends: timedelta,
    by: Issued | None = None,
    begins: timedelta = -A_MINUTE,
    path_length: int | None = None,
    may_sign_certificates: bool = True,
) -> Issued:
    """Return a certification authority, a root unless issued `by` another; moments are counted from now."""
    key = new_key()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "For trying out only"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    builder = _builder(subject, key, by, begins, ends)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    usage = _usage(key_cert_sign=may_sign_certificates, crl_sign=True)
    return Issued(_signed(builder.add_extension(usage, critical=True), by.key if by else key), key)


def officer(
    *,
    email: str,
    user_id: Eui64 | None,
    by: Issued | None,
    ends: timedelta,
    name: str = "Authorised Responsible Officer",
    begins: timedelta = -A_MINUTE,
    key: Key | None = None,
    digital_signature: bool = True,
    is_authority: bool = False,
    more: Iterable[tuple[x509.ExtensionType, bool]] = (),
) -> Issued:
    """Return a File Signing Certificate of an ARO, signed by itself where it is issued `by` nobody.

    The User ID is the subject's x500UniqueIdentifier, as in Organisation Certificates; the e-mail address stands
    in the alternative name; "" leaves it out. `more` are other extensions, each with whether it is critical.
    """
    key = key or new_key()
    builder = _builder(_subject(name, user_id), key, by, begins, ends)
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    usage = _usage(digital_signature=digital_signature, key_agreement=not digital_signature)
    builder = builder.add_extension(usage, critical=True)
    if email:
        names = x509.SubjectAlternativeName([x509.RFC822Name(email)])
        builder = builder.add_extension(names, critical=False)
    for extension, critical in more:
        builder = builder.add_extension(extension, critical=critical)
    return Issued(_signed(builder, by.key if by else key), key)


def revocation_list(
    by: Issued,
    revoked: Iterable[int] = (),
    *,
    ends: timedelta,
    begins: timedelta = -A_MINUTE,
    signed_with: Key | None = None,
) -> bytes:
    """Return an authority's list of revoked serial numbers, as PEM; `signed_with` another key it is forged."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(now + begins)
        .next_update(now + ends)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(_identifier_of(by), critical=False)
    )
    for each in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(each).revocation_date(now + begins)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(signed_with or by.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _builder(
    subject: x509.Name, key: Key, by: Issued | None, begins: timedelta, ends: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(identifier, critical=False)
    )
    return builder.add_extension(_identifier_of(by), critical=False) if by else builder


def _identifier_of(by: Issued) -> x509.AuthorityKeyIdentifier:
    own = by.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _signed(builder: x509.CertificateBuilder, key: Key) -> x509.Certificate:
    return builder.sign(key, hashes.SHA256())


def _subject(name: str, user_id: Eui64 | None) -> x509.Name:
    attributes: list[x509.NameAttribute[Any]] = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if user_id is not None:
        octets = b"\x00" + bytes(user_id)
        attributes.append(x509.NameAttribute(NameOID.X500_UNIQUE_IDENTIFIER, octets, _type=_ASN1Type.BitString))
    return x509.Name(attributes)


def _usage(**uses: bool) -> x509.KeyUsage:
    none = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**none | uses)
