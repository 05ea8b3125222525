"""Signs receipts with the portal's own key, SSI_RECEIPT_KEY, and verifies them without the portal.

A receipt is a JSON object. What is signed is its canonical form without `signature`: names sorted, no spaces,
UTF-8. `signature` holds the algorithm (ECDSA on P-256 with SHA-256), the id of the key (the first 16 hex digits of
the SHA-256 of the public key in DER) and the base64 of the signature in DER. No database is needed for any of it.
"""

import base64
import binascii
import json
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ssi.uploads.signature_files import ALGORITHM

SIGNATURE: Final = "signature"
NOT_SIGNED: Final = "This receipt is not signed: the portal has no key for receipts (SSI_RECEIPT_KEY)."
_ID_DIGITS: Final = 16
_ECDSA: Final = ec.ECDSA(hashes.SHA256())
_UNREADABLE: Final = (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm)


class NotVerified(Exception):  # noqa: N818 - it says what the receipt is
    """A receipt, or what was given to verify it, does not hold; the message is a sentence."""


def check_key(setting: str) -> None:
    """Raise ImproperlyConfigured, saying what to do, when SSI_RECEIPT_KEY is set and no usable key."""
    _private_key(setting)


def public_key_pem() -> str:
    """Return the public key that verifies this portal's receipts, as PEM; "" where it has none."""
    key = _private_key(settings.SSI_RECEIPT_KEY)
    return pem_of(key.public_key()) if key else ""


def pem_of(key: ec.EllipticCurvePublicKey) -> str:
    """Return a public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def id_of(key: ec.EllipticCurvePublicKey) -> str:
    """Return the id under which a receipt names its key."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()[:_ID_DIGITS]


def signed(receipt: dict[str, Any]) -> dict[str, Any]:
    """Return a receipt with its signature; without a key null is in its place, and `not_signed` says so."""
    key = _private_key(settings.SSI_RECEIPT_KEY)
    if key is None:
        return receipt | {"not_signed": NOT_SIGNED, SIGNATURE: None}
    value = base64.b64encode(key.sign(canonical(receipt), _ECDSA)).decode("ascii")
    return receipt | {SIGNATURE: {"algorithm": ALGORITHM, "key_id": id_of(key.public_key()), "value": value}}


def canonical(receipt: dict[str, Any]) -> bytes:
    """Return the bytes of a receipt that are signed."""
    body = {name: value for name, value in receipt.items() if name != SIGNATURE}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def public_key(pem: bytes) -> ec.EllipticCurvePublicKey:
    """Return the public key in a PEM file; raises NotVerified."""
    try:
        key = load_pem_public_key(pem)
    except _UNREADABLE:
        raise NotVerified("The key file holds no public key as PEM.") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise NotVerified("The key in the key file is not on the curve P-256, so it signed no receipt.")
    return key


def require_genuine(receipt: dict[str, Any], key: ec.EllipticCurvePublicKey) -> None:
    """Raise NotVerified unless this key signed the receipt as it stands."""
    signature = receipt.get(SIGNATURE)
    if signature is None:
        raise NotVerified("The receipt is not signed, so it proves nothing.")
    if not isinstance(signature, dict) or sorted(signature) != ["algorithm", "key_id", "value"]:
        raise NotVerified("The receipt's signature has another form than receipts of the portal have.")
    if signature["algorithm"] != ALGORITHM:
        raise NotVerified(f"The receipt's signature is of another algorithm than {ALGORITHM}.")
    if signature["key_id"] != id_of(key):
        raise NotVerified(
            f"The receipt was signed with another key, whose id it gives as {signature['key_id']!r:.40}; "
            f"the id of the key given is {id_of(key)}."
        )
    try:
        value = base64.b64decode(str(signature["value"]), validate=True)
        key.verify(value, canonical(receipt), _ECDSA)
    except (InvalidSignature, *_UNREADABLE):
        raise NotVerified("The receipt was changed after the portal signed it, or was not signed by it.") from None


@lru_cache(maxsize=4)  # keyed by the text itself, so that a changed setting is another key
def _private_key(setting: str) -> ec.EllipticCurvePrivateKey | None:
    """Return the key that a setting holds, as PEM or as the base64 of its PKCS #8, None if it is empty."""
    if not setting:
        return None
    try:
        if setting.lstrip().startswith("-----BEGIN"):
            key = load_pem_private_key(setting.encode("ascii"), password=None)
        else:
            key = load_der_private_key(base64.b64decode(setting, validate=True), password=None)
    except _UNREADABLE:
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ImproperlyConfigured(
            "SSI_RECEIPT_KEY is no private key on P-256 without a password. Make one with "
            "`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out receipt.key` and name the file "
            "in SSI_RECEIPT_KEY_FILE."
        ) from None
    return key
