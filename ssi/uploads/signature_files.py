"""Signature files: what lies next to a signed file, as `<its name>.sig`.

JSON in UTF-8: `{"version": "1.0", "algorithm": "ECDSA-P256-SHA256", "signature": <base64 of the DER>,
"certificate": <PEM>, "chain": [<PEM>, …]}`. The signature is over the exact bytes of the signed file. The format
is ours; a later version gets a reader of its own.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import BinaryIO, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

VERSION: Final = "1.0"
ALGORITHM: Final = "ECDSA-P256-SHA256"
SUFFIX: Final = ".sig"
BLOCK: Final = 1024 * 1024
"""Bytes read at once: memory does not grow with the file."""

PREHASHED: Final = ec.ECDSA(Prehashed(hashes.SHA256()))


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


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")
