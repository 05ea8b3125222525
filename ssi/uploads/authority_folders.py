"""Folders of test authorities: what `make_test_ca` writes, and certificates issued and revoked from there.

`root.pem`, `issuer.pem`, `root.crl` and `issuer.crl` are what a portal is to trust; the folder `keys` beside them
has the private keys, readable by their owner alone.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ssi.refusals import Refusal
from ssi.uploads import issuing
from ssi.uploads.issuing import Issued

KEYS: Final = "keys"
MOST_DAYS: Final = 3_650
ROOT, ISSUER = "root", "issuer"


class NoTestAuthority(Refusal):
    """{folder} holds no test authority: {problem}."""

    suggestion = "Make one with `manage.py make_test_ca FOLDER`, and name that folder."


def make(folder: Path, *, ends: timedelta) -> None:
    """Make a root, an issuer under it and their revocation lists in a folder, which is made if need be."""
    root = issuing.authority("Test root", ends=ends, path_length=1)
    issuer = issuing.authority("Test issuer", by=root, ends=ends, path_length=0)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / KEYS).mkdir(mode=0o700, exist_ok=True)
    for name, issued in ((ROOT, root), (ISSUER, issuer)):
        write_key(folder / KEYS / f"{name}.key", issued)
        (folder / f"{name}.crl").write_bytes(issuing.revocation_list(issued, ends=ends))
        (folder / f"{name}.pem").write_bytes(issued.pem)


def issuer_of(folder: Path) -> Issued:
    """Return the issuer that a folder of `make` has, with its key; raises NoTestAuthority."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{ISSUER}.pem").read_bytes())
        key = load_pem_private_key((folder / KEYS / f"{ISSUER}.key").read_bytes(), password=None)
    except OSError as error:
        raise NoTestAuthority(folder=folder, problem=error.strerror or error) from None
    except (ValueError, TypeError):
        raise NoTestAuthority(folder=folder, problem="its issuer cannot be read") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise NoTestAuthority(folder=folder, problem="its issuer's key is of another kind")
    return Issued(certificate, key)


def revoke(folder: Path, certificate: x509.Certificate, *, ends: timedelta) -> None:
    """Add a certificate to the issuer's revocation list; the file is replaced whole."""
    issuer = issuer_of(folder)
    path = folder / f"{ISSUER}.crl"
    before = {each.serial_number for each in x509.load_pem_x509_crl(path.read_bytes())}
    draft = path.with_suffix(".draft")
    draft.write_bytes(issuing.revocation_list(issuer, before | {certificate.serial_number}, ends=ends))
    draft.replace(path)


def write_key(path: Path, issued: Issued) -> None:
    """Write a private key, for its owner alone; never over another."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(issued.key_pem)
