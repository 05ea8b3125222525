"""Signature files: what lies next to a signed file, as `<its name>.sig`.

JSON in UTF-8: `{"version": "1.0", "algorithm": "ECDSA-P256-SHA256", "signature": <base64 of the DER>,
"certificate": <PEM>, "chain": [<PEM>, …]}`, with these names and no others. The signature is over the exact bytes
of the signed file. The format is ours; a later version gets a reader of its own.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding

from ssi.certificates import UNREADABLE, is_on_p256, readable
from ssi.uploads.strict_json import NotStrict, strict_object

VERSION: Final = "1.0"
ALGORITHM: Final = "ECDSA-P256-SHA256"
SUFFIX: Final = ".sig"
BLOCK: Final = 1024 * 1024
"""Bytes read at once: memory does not grow with the file."""

LONGEST_CHAIN: Final = 4
PREHASHED: Final = ec.ECDSA(Prehashed(hashes.SHA256()))
_LONGEST_SIGNATURE: Final = 100
_NAMES: Final = ("version", "algorithm", "signature", "certificate", "chain")
_BEGINS: Final = "-----BEGIN CERTIFICATE-----"
_ENDS: Final = "-----END CERTIFICATE-----"


class NotASignatureFile(ValueError):  # noqa: N818 - it says what the file is
    """The file is no signature file; the message says why, to follow "it" or "its"."""


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """What a signature file says, read but not believed yet."""

    signature: bytes
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    def is_over(self, digest: bytes) -> bool:
        """Tell whether the certificate's key signed what has this SHA-256; False where it is no key on P-256."""
        key = self.certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not is_on_p256(self.certificate):
            return False
        try:
            key.verify(self.signature, digest, PREHASHED)
        except InvalidSignature:
            return False
        return True


def sha256_of(content: BinaryIO) -> bytes:
    """Return the SHA-256 of what a file holds from where it stands."""
    digest = hashlib.sha256()
    while block := content.read(BLOCK):
        digest.update(block)
    return digest.digest()


def made(
    content: BinaryIO,
    certificate: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    chain: Sequence[x509.Certificate] = (),
) -> bytes:
    """Return the signature file over `content`; `chain` are the authorities up to the root, which is left out."""
    signature = key.sign(sha256_of(content), PREHASHED)
    fields = {
        "version": VERSION,
        "algorithm": ALGORITHM,
        "signature": base64.b64encode(signature).decode("ascii"),
        "certificate": _pem(certificate),
        "chain": [_pem(each) for each in chain],
    }
    return json.dumps(fields, indent=1).encode("ascii") + b"\n"


def read(data: bytes) -> SignatureFile:
    """Return what a signature file says; raises NotASignatureFile. The caller has looked at its size."""
    try:
        fields = strict_object(data)
    except NotStrict as wrong:
        raise NotASignatureFile(str(wrong)) from None
    if (version := fields.get("version")) != VERSION:
        raise NotASignatureFile(f"its version is {_shown(version)}, not {VERSION}")
    if sorted(fields) != sorted(_NAMES):
        raise NotASignatureFile(f"it does not have exactly {', '.join(_NAMES)}")
    if fields["algorithm"] != ALGORITHM:
        raise NotASignatureFile(f"its algorithm is {_shown(fields['algorithm'])}, not {ALGORITHM}")
    chain = fields["chain"]
    if not isinstance(chain, list) or len(chain) > LONGEST_CHAIN:
        raise NotASignatureFile(f"its chain is no list of at most {LONGEST_CHAIN} certificates")
    return SignatureFile(
        _signature(fields["signature"]),
        _certificate(fields["certificate"], "certificate"),
        tuple(_certificate(each, "chain") for each in chain),
    )


def _signature(text: Any) -> bytes:
    """Return the DER of a signature, which is written in one way only."""
    problem = "its signature is not the base64 of an ECDSA signature in DER"
    if not isinstance(text, str) or len(text) > 2 * _LONGEST_SIGNATURE:
        raise NotASignatureFile(problem)
    try:
        der = base64.b64decode(text, validate=True)
        is_canonical = encode_dss_signature(*decode_dss_signature(der)) == der
    except (binascii.Error, ValueError):
        raise NotASignatureFile(problem) from None
    if not is_canonical or base64.b64encode(der).decode("ascii") != text:
        raise NotASignatureFile(problem)
    return der


def _certificate(text: Any, where: str) -> x509.Certificate:
    """Return the one certificate that a text holds, and nothing beside it."""
    problem = f"its {where} does not hold one certificate as PEM"
    if not isinstance(text, str) or not text.isascii():
        raise NotASignatureFile(problem)
    stripped = text.strip()
    if not (stripped.startswith(_BEGINS) and stripped.endswith(_ENDS) and stripped.count("-----BEGIN") == 1):
        raise NotASignatureFile(problem)
    try:
        return readable(stripped.encode("ascii"))
    except UNREADABLE:
        raise NotASignatureFile(problem) from None


def _shown(value: Any) -> str:
    return f'"{value[:20]}"' if isinstance(value, str) and value.isprintable() else "another"


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")
