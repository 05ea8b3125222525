"""Receipts: what they say, that the portal's key signed them, and that anyone can tell off line."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.uploads import issuing, receipt_keys
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind
from ssi.uploads.receipt_keys import NotVerified
from ssi.uploads.receipts import receipt_of

CONTENT = b"the file's bytes\r\n"
Changed = Callable[[dict[str, Any]], object]


def pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def key(settings: LazySettings) -> ec.EllipticCurvePrivateKey:
    key = issuing.new_key()
    settings.SSI_RECEIPT_KEY = pem_of(key).strip()  # as it is read from a file
    return key


@pytest.fixture
def upload(aroha: Person) -> Upload:
    acting_for = aroha.grants.get().acting_for
    return Upload.objects.create(
        kind=Kind.ADT,
        party=acting_for.party,
        user_id=acting_for,
        uploaded_by=aroha,
        via="screen",
        file_name="ADT_90B3D51F30030000_NEW_20260826T120000Z.csv",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        stored_as="x",
        signer=aroha,
        signer_name=aroha.email,
        certificate_serial="0A",
        certificate_issuer="CN=Test issuer",
        signed_well=True,
        effective_date=timezone.localdate(),
    )


def test_a_receipt_says_what_stands_there(upload: Upload, key: ec.EllipticCurvePrivateKey) -> None:
    receipt = receipt_of(upload)
    assert receipt["reference"] == upload.reference
    assert receipt["state"] == "received"
    assert receipt["user_id"] == "90-B3-D5-1F-30-03-00-00"
    assert receipt["file"] == {
        "name": upload.file_name,
        "bytes": len(CONTENT),
        "sha256": upload.sha256,
        "lines": None,
    }
    assert receipt["signed_by"]["certificate_serial"] == "0A"
    assert receipt["malware_scan"]["result"] == "not_scanned"
    assert receipt["submitted_at"] is None
    assert receipt["received_at"].endswith("Z")
    assert json.loads(json.dumps(receipt)) == receipt


def test_the_portals_key_signed_it(upload: Upload, key: ec.EllipticCurvePrivateKey) -> None:
    receipt = receipt_of(upload)
    public = receipt_keys.public_key(receipt_keys.public_key_pem().encode())
    receipt_keys.require_genuine(receipt, public)
    assert receipt["signature"]["key_id"] == receipt_keys.id_of(public)


def test_without_a_key_it_says_that_it_is_not_signed(upload: Upload, settings: LazySettings) -> None:
    settings.SSI_RECEIPT_KEY = ""
    receipt = receipt_of(upload)
    assert receipt["signature"] is None
    assert "not signed" in receipt["not_signed"]
    assert receipt_keys.public_key_pem() == ""
    with pytest.raises(NotVerified, match="not signed"):
        receipt_keys.require_genuine(receipt, issuing.new_key().public_key())


@pytest.mark.parametrize(
    "change",
    [
        lambda receipt: receipt.update(state="applied"),
        lambda receipt: receipt.update(findings=1),
        lambda receipt: receipt.update(more="added"),
        lambda receipt: receipt.pop("warnings"),
        lambda receipt: receipt["file"].update(sha256="0" * 64),
        lambda receipt: receipt["file"].update(name="\ud800"),
        lambda receipt: receipt["signature"].update(value="AAAA"),
        lambda receipt: receipt["signature"].update(value="?"),
        lambda receipt: receipt["signature"].update(value=None),
        lambda receipt: receipt["signature"].update(key_id="0" * 16),
        lambda receipt: receipt["signature"].update(algorithm="none"),
        lambda receipt: receipt["signature"].update(more=1),
        lambda receipt: receipt.update(signature="signed"),
        lambda receipt: receipt.update(signature=None),
        lambda receipt: receipt.pop("signature"),
    ],
)
def test_a_receipt_that_was_tampered_with(
    upload: Upload, key: ec.EllipticCurvePrivateKey, change: Changed
) -> None:
    receipt = receipt_of(upload)
    change(receipt)
    with pytest.raises(NotVerified):
        receipt_keys.require_genuine(receipt, key.public_key())


@pytest.mark.parametrize(
    "setting",
    [
        "secret",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        pem_of(issuing.new_key()).replace("A", "B", 3),
        pem_of(ec.generate_private_key(ec.SECP384R1())),
        receipt_keys.pem_of(issuing.new_key().public_key()),
    ],
)
def test_a_bad_key_is_refused_at_the_start(setting: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="openssl genpkey") as refused:
        receipt_keys.check_key(setting)
    assert setting not in str(refused.value)


class TestOffLine:
    """`manage.py verify_receipt`."""

    @pytest.fixture
    def folder(self, upload: Upload, key: ec.EllipticCurvePrivateKey, tmp_path: Path) -> Path:
        (tmp_path / "receipt.json").write_text(json.dumps(receipt_of(upload), indent=2))
        (tmp_path / "public.pem").write_text(receipt_keys.pem_of(key.public_key()))
        (tmp_path / "file.csv").write_bytes(CONTENT)
        return tmp_path

    def test_genuine(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        call_command(
            "verify_receipt", folder / "receipt.json", key=folder / "public.pem", file=folder / "file.csv"
        )
        told = capsys.readouterr().out
        assert "Genuine: signed by http" in told
        assert "file.csv is the very file" in told

    def test_this_copys_own_key_is_taken_where_none_is_given(self, folder: Path) -> None:
        call_command("verify_receipt", folder / "receipt.json")

    def test_without_any_key(self, folder: Path, settings: LazySettings) -> None:
        settings.SSI_RECEIPT_KEY = ""
        with pytest.raises(CommandError, match="--key"):
            call_command("verify_receipt", folder / "receipt.json")

    def test_another_key(self, folder: Path) -> None:
        (folder / "other.pem").write_text(receipt_keys.pem_of(issuing.new_key().public_key()))
        with pytest.raises(CommandError, match="another key"):
            call_command("verify_receipt", folder / "receipt.json", key=folder / "other.pem")

    def test_another_file(self, folder: Path) -> None:
        (folder / "file.csv").write_bytes(CONTENT + b"\r\n")
        with pytest.raises(CommandError, match="about another file"):
            call_command(
                "verify_receipt", folder / "receipt.json", key=folder / "public.pem", file=folder / "file.csv"
            )

    @pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"format": 1, "format": 1}', b" " * 1_000_001])
    def test_no_receipt(self, folder: Path, data: bytes) -> None:
        (folder / "receipt.json").write_bytes(data)
        with pytest.raises(CommandError, match="Not verified"):
            call_command("verify_receipt", folder / "receipt.json", key=folder / "public.pem")

    def test_a_file_that_is_not_there(self, folder: Path) -> None:
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("verify_receipt", folder / "nothing.json", key=folder / "public.pem")

    @pytest.mark.parametrize(("state", "status"), [("received", 0), ("applied", 1)])
    def test_without_a_database(self, folder: Path, settings: LazySettings, state: str, status: int) -> None:
        receipt = folder / "receipt.json"
        receipt.write_text(receipt.read_text().replace('"state": "received"', f'"state": "{state}"'))
        nowhere = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "SSI_DATA_DIR": str(folder / "data"),
        }
        done = subprocess.run(
            [sys.executable, "manage.py", "verify_receipt", receipt, "--key", folder / "public.pem"],
            cwd=settings.BASE_DIR,
            env=nowhere,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert ("Genuine" in done.stdout) == (status == 0)
        assert "Traceback" not in done.stderr

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
    def test_with_openssl_alone(self, folder: Path) -> None:
        receipt = json.loads((folder / "receipt.json").read_text())
        (folder / "body").write_bytes(receipt_keys.canonical(receipt))
        commands: tuple[list[str | Path], ...] = (
            ["openssl", "base64", "-d", "-A", "-in", folder / "value", "-out", folder / "value.der"],
            ["openssl", "dgst", "-sha256", "-verify", folder / "public.pem", "-signature", folder / "value.der"],
        )
        (folder / "value").write_text(receipt["signature"]["value"])
        subprocess.run(commands[0], check=True)
        done = subprocess.run(
            [*commands[1], folder / "body"], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.stdout.strip() == "Verified OK"
