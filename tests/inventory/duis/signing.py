"""A certification authority, certificates and signatures of our own making, as DUIS messages carry them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from ssi.eui64 import Eui64
from tests.inventory.duis import messages as duis

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def save(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.pem").write_bytes(self.pem)


def name(common_name: str, eui: str | None = None) -> x509.Name:
    """Return a distinguished name, with an EUI-64 as its x500UniqueIdentifier."""
    attributes: list[x509.NameAttribute[Any]] = [
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "07"),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
    ]
    if eui is not None:
        octets = b"\x00" + bytes(Eui64.parse(eui))
        attributes.append(x509.NameAttribute(NameOID.X500_UNIQUE_IDENTIFIER, octets, _type=_ASN1Type.BitString))
    return x509.Name(attributes)


def issue(
    subject: x509.Name,
    *extensions: x509.ExtensionType,
    by: Issued | None = None,
    serial: int = 1,
    begins: timedelta = -DAY,
    ends: timedelta = DAY,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Issued:
    """Return a certificate, signed by itself unless `by` another."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return Issued(builder.sign(by.key if by else key, hashes.SHA256()), key)


def authority(common_name: str = "U1", **of: Any) -> Issued:
    """Return a certification authority."""
    return issue(name(common_name), x509.BasicConstraints(ca=True, path_length=None), **of)


def usage(*, signing: bool) -> x509.KeyUsage:
    """Return what a key is for: to sign, or to agree on keys."""
    return x509.KeyUsage(
        digital_signature=signing,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not signing,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def house() -> dict[str, Issued]:
    """Return the usual certificates: an authority, and by it one of the supplier, of another and of the DCC."""
    ca = authority()
    return {
        "ca": ca,
        "supplier": issue(name("supplier", duis.SUPPLIER), usage(signing=True), by=ca, serial=1234567890),
        "other": issue(name("other", "90-B3-D5-1F-3F-00-00-09"), usage(signing=True), by=ca, serial=2),
        "dcc": issue(name("dcc", duis.BROKER), usage(signing=True), by=ca, serial=3),
    }


def key_info(issued: Issued, *, issuer: str | None = None, serial: str | None = None) -> "etree._Element":
    """Return the KeyInfo that names a certificate by issuer and serial number."""
    info = etree.Element(f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    data = etree.SubElement(etree.SubElement(info, f"{{{DS}}}X509Data"), f"{{{DS}}}X509IssuerSerial")
    named = etree.SubElement(data, f"{{{DS}}}X509IssuerName")
    named.text = issuer if issuer is not None else issued.certificate.issuer.rfc4514_string()
    number = etree.SubElement(data, f"{{{DS}}}X509SerialNumber")
    number.text = serial if serial is not None else str(issued.certificate.serial_number)
    return info


def sign(data: bytes, by: Issued | str = "supplier", **of: Any) -> bytes:
    """Return a message with the signature of `by`, in place of the one it had.

    With `bare` the reference names no canonical form; messages are the same in the inclusive one, the default.
    """
    issued = house()[by] if isinstance(by, str) else by
    huge = etree.XMLParser(huge_tree=True)
    root = etree.fromstring(data, huge)
    for signature in root.findall(f"{{{DS}}}Signature"):
        root.remove(signature)
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=of.pop("method", SignatureMethod.ECDSA_SHA256),
        digest_algorithm=of.pop("digest", DigestAlgorithm.SHA256),
        c14n_algorithm=of.pop("c14n", CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0),
    )
    signer._parser = huge  # type: ignore[assignment]
    reference, bare = of.pop("reference_uri", None), of.pop("bare", False)
    signed = signer.sign(
        root,
        key=issued.key,
        key_info=of.pop("info", None) if "info" in of else key_info(issued, **of),
        reference_uri=reference,
        exclude_c14n_transform_element=bare,
    )
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
