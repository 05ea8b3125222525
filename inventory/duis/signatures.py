"""Verifies that a message is signed, whole, by whom it says it is from.

Before `signxml` computes anything, the signature must have the one form that DUIS knows: one Signature, last in
the message, over all of it (Reference URI ""), enveloped, exclusive C14N, ECDSA with SHA-256, its certificate
named by issuer and serial number. So nothing can be signed here and applied there. What is applied afterwards is
read from the very bytes that were signed.
"""

from datetime import datetime
from typing import Final

from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from inventory.duis.fields import DSIG
from inventory.duis.refusals import DuisRefusal
from inventory.duis.trust import Signer, Trust
from ssi.eui64 import Eui64

_EXCLUSIVE: Final = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0.value
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_LONGEST_NAME: Final = 1_024
_LONGEST_BASE64: Final = 200


class SignatureMissing(DuisRefusal):
    """The message is not signed."""

    code = "SSI-SIGNATURE-MISSING"
    suggestion = "Sign it with the private key of its originator, as DUIS says, and send it again."
    source = "DUIS: XML Signature, enveloped, ECDSA with SHA-256"


class SignatureForm(DuisRefusal):
    """The message's signature is not of the form that DUIS has: {problem}."""

    code = "SSI-SIGNATURE-FORM"
    suggestion = (
        "Give one Signature, last in the message, with one Reference to all of it (URI empty), enveloped, "
        "exclusive C14N, ECDSA with SHA-256, and X509IssuerSerial alone in its KeyInfo."
    )
    source = "DUIS: XML Signature; ours: no other form is verified"


class SignerUnknown(DuisRefusal):
    """The message was signed with a certificate that is not trusted here: {problem}."""

    code = "SSI-SIGNATURE-SIGNER"
    suggestion = "Sign with the certificate that the DCC has of you, or have the DCC add the new one."
    source = "DUIS: the certificate is named by issuer and serial number"


class SignerOutOfDate(DuisRefusal):
    """The certificate that signed the message is out of date, or not in force yet."""

    code = "SSI-SIGNATURE-EXPIRED"
    suggestion = "Sign with a certificate that is in force, and have the DCC add it if it is new."
    source = "X.509 validity"


class SignerIsAnother(DuisRefusal):
    """The message was signed by another than {expected}."""

    code = "SSI-SIGNATURE-OWNER"
    suggestion = "Users sign their own requests; the DCC signs responses and alerts."
    source = "DUIS: a request is signed by its originator"


class SignatureWrong(DuisRefusal):
    """The signature does not fit the message: it was changed after it was signed, or signed with another key."""

    code = "SSI-SIGNATURE"
    suggestion = "Send the message exactly as it was signed; do not edit, wrap or re-encode it."
    source = "DUIS: XML Signature"


def verified(data: bytes, trust: Trust, *, originator: Eui64 | None, at: datetime) -> bytes:
    """Return what was signed of a message, canonical and without the signature; raises DuisRefusal.

    `data` was parsed before within the limits, so it has no DTD. `originator` is who must have signed: of a
    request the User ID in its RequestID, None for the DCC.
    """
    parser = _parser()
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise SignatureForm(problem="it cannot be read a second time") from None
    signer = _signer(_signature_in(root), trust, originator=originator, at=at)
    expected = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=at,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    try:
        result = XMLVerifier().verify(data, x509_cert=signer.certificate, parser=parser, expect_config=expected)
    except InvalidSignature:
        raise SignatureWrong from None
    except (SignXMLException, etree.LxmlError, ValueError, TypeError):
        raise SignatureForm(problem="it does not keep to XML Signature") from None
    if isinstance(result, list):
        raise SignatureForm(problem="it has several references")
    return result.signed_data


def _parser() -> etree.XMLParser:
    """Return a parser as safe as the one before, but for texts over 10 MB: the limits bound them already."""
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=True,
        recover=False,
    )


def _signature_in(root: "etree._Element") -> "etree._Element":
    """Return the one signature, of the one form; raises SignatureMissing or SignatureForm."""
    signatures = list(root.iter(f"{{{DSIG}}}Signature"))
    if not signatures:
        raise SignatureMissing
    if len(signatures) > 1:
        raise SignatureForm(problem="there are several")
    (signature,) = signatures
    if signature.getparent() is not root or _elements(root)[-1] is not signature:
        raise SignatureForm(problem="it does not come last in the message")
    signed_info, value, _ = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo")
    canonicalization, method, reference = _children(
        signed_info, "CanonicalizationMethod", "SignatureMethod", "Reference"
    )
    _require_algorithm(canonicalization, _EXCLUSIVE)
    _require_algorithm(method, SignatureMethod.ECDSA_SHA256.value)
    if reference.get("URI") != "":
        raise SignatureForm(problem="its Reference is not to the whole message")
    transforms, digest, digest_value = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    steps = [each.get("Algorithm") for each in _elements(transforms)]
    if steps not in ([_ENVELOPED], [_ENVELOPED, _EXCLUSIVE]) or any(map(_elements, _elements(transforms))):
        raise SignatureForm(problem="its Transforms are not enveloped-signature and exclusive C14N")
    _require_algorithm(digest, DigestAlgorithm.SHA256.value)
    for each in (value, digest_value):
        _text(each, longest=_LONGEST_BASE64)
    return signature


def _signer(signature: "etree._Element", trust: Trust, *, originator: Eui64 | None, at: datetime) -> Signer:
    """Return the trusted certificate that the signature names; raises DuisRefusal if it may not sign this."""
    (data,) = _children(_children(signature, "SignedInfo", "SignatureValue", "KeyInfo")[2], "X509Data")
    (named,) = _children(data, "X509IssuerSerial")
    issuer, serial = _children(named, "X509IssuerName", "X509SerialNumber")
    signer = trust.named(_text(issuer, longest=_LONGEST_NAME), _text(serial, longest=_LONGEST_BASE64))
    if signer is None:
        raise SignerUnknown(problem="its issuer and serial number are none of those")
    if not signer.may_sign:
        raise SignerUnknown(problem="its key is not for signing")
    if not signer.is_in_date(at):
        raise SignerOutOfDate
    if not trust.vouches_for(signer, at):
        raise SignerUnknown(problem="none of the trusted authorities issued it")
    if originator is None and not signer.is_dcc:
        raise SignerIsAnother(expected="the DCC")
    if originator is not None and originator not in signer.owners:
        raise SignerIsAnother(expected=f"its originator, {originator}")
    return signer


def _elements(parent: "etree._Element") -> list["etree._Element"]:
    """Return the elements in an element, without comments and processing instructions."""
    return [each for each in parent if isinstance(each.tag, str)]


def _children(parent: "etree._Element", *names: str) -> list["etree._Element"]:
    """Return the elements in an element of the signature, which are exactly these."""
    children = _elements(parent)
    if [each.tag for each in children] != [f"{{{DSIG}}}{name}" for name in names]:
        raise SignatureForm(problem=f"{etree.QName(parent).localname} does not have exactly {', '.join(names)}")
    return children


def _require_algorithm(element: "etree._Element", algorithm: str) -> None:
    if element.get("Algorithm") != algorithm or _elements(element):
        raise SignatureForm(problem=f"its {etree.QName(element).localname} is another")


def _text(element: "etree._Element", *, longest: int) -> str:
    """Return the text of an element that has nothing else in it, not even a comment."""
    text = (element.text or "").strip()
    if len(element) or not 0 < len(text) <= longest:
        raise SignatureForm(problem=f"its {etree.QName(element).localname} is empty, too long or not text alone")
    return text
