"""F10 and F11: signature files that are missing, cannot be read, or are not over the file."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ssi.uploads.issuing import Issued
from ssi.uploads.models.uploads import LONGEST_SIGNATURE
from tests.factories.uploads import sign
from tests.ssi.uploads.signing.verifying import CONTENT, Looked


@pytest.mark.parametrize("nothing", [None, b""])
def test_no_signature(looked: Looked, nothing: bytes | None) -> None:
    assert looked.codes(nothing) == ["F10"]


@pytest.mark.parametrize("content", [CONTENT + b"\n", CONTENT[:-1], b"", CONTENT.replace(b"1", b"2", 1)])
def test_right_signature_over_other_bytes(looked: Looked, arohas: Issued, content: bytes) -> None:
    verified = looked(sign(CONTENT, *arohas), content)
    assert [each.code for each in verified.findings] == ["F11"]
    assert not verified.is_good


def test_signed_with_another_key(looked: Looked, arohas: Issued, belas: Issued) -> None:
    assert looked.codes(sign(CONTENT, arohas.certificate, belas.key)) == ["F11"]


def test_made_by_openssl_and_the_like(looked: Looked, arohas: Issued) -> None:
    assert isinstance(arohas.key, ec.EllipticCurvePrivateKey)
    der = arohas.key.sign(CONTENT, ec.ECDSA(hashes.SHA256()))
    assert looked.codes(sign(CONTENT, *arohas, signature=base64.b64encode(der).decode())) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"version": "1.1"}, 'version is "1.1"'),
        ({"version": 1.0}, "version is another"),
        ({"version": None}, "version is another"),
        ({"algorithm": "RSA-SHA256"}, "algorithm"),
        ({"more": 1}, "exactly"),
        ({"raw_chain": None}, "exactly"),
        ({"raw_chain": "none"}, "chain is no list"),
        ({"raw_chain": ["nothing"]}, "chain does not hold"),
        ({"raw_chain": [""] * 5}, "chain is no list of at most 4"),
        ({"certificate": ""}, "certificate does not hold"),
        ({"certificate": 7}, "certificate does not hold"),
        ({"signature": ""}, "base64"),
        ({"signature": "AAAA"}, "base64"),
        ({"signature": 7}, "base64"),
        ({"signature": "MAYCAQECAQE"}, "base64"),
        ({"signature": "MAYCAQEC\nAQE="}, "base64"),
        ({"signature": "MAYCAQECAQF="}, "base64"),
        ({"signature": "MIEGAgEBAgEB"}, "base64"),
        ({"signature": "A" * 5_000}, "base64"),
    ],
)
def test_signature_files_that_cannot_be_read(
    looked: Looked, arohas: Issued, wrong: dict[str, Any], says: str
) -> None:
    (found,) = looked(sign(CONTENT, *arohas, **wrong)).findings
    assert found.code == "F11"
    assert says in found.message


def test_two_certificates_in_one_place(looked: Looked, arohas: Issued, belas: Issued) -> None:
    both = (arohas.pem + belas.pem).decode()
    assert looked.codes(sign(CONTENT, *arohas, certificate=both)) == ["F11"]


def test_a_signature_that_is_well_formed_and_wrong(looked: Looked, arohas: Issued) -> None:
    assert looked.codes(sign(CONTENT, *arohas, signature="MAYCAQECAQE=")) == ["F11"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"[]",
        b"null",
        b"[" * 50_000,
        b'{"version": NaN}',
        b'{"version": "1.0", "version": "1.0"}',
        b'{"version": ' + b"9" * 10_000 + b"}",
        b"{",
        b"\x00",
        b"{}" + b" " * LONGEST_SIGNATURE,
    ],
)
def test_no_json_of_ours(looked: Looked, data: bytes) -> None:
    assert looked.codes(data) == ["F11"]


def test_a_name_twice_is_not_read_either_way(looked: Looked, arohas: Issued) -> None:
    good = sign(CONTENT, *arohas).decode()
    field = json.dumps({"algorithm": "none"})[1:-1]
    assert looked.codes(good.replace("{", "{" + field + ",", 1).encode()) == ["F11"]
