"""Everything that a person does to try signed files out, from the test authority to a good signature."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from ssi.uploads import issuing
from tests.ssi.uploads.signing.verifying import CONTENT, Looked

USER_ID = "90-B3-D5-1F-30-03-00-00"
EMAIL = "aroha@northlight.example"


@pytest.fixture
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    """Return a folder with an authority that the portal trusts, a certificate `aroha` and a file."""
    trust = tmp_path / "trust"
    call_command("make_test_ca", trust)
    settings.SSI_FILE_TRUST = str(trust)
    call_command("issue_test_certificate", trust, email=EMAIL, user_id=USER_ID, out=tmp_path / "aroha")
    (tmp_path / "file.csv").write_bytes(CONTENT)
    return tmp_path


def sign(folder: Path, **options: object) -> bytes:
    of = {"certificate": folder / "aroha.pem", "key": folder / "aroha.key"} | options
    call_command("sign_file", folder / "file.csv", **of)
    return (folder / "file.csv.sig").read_bytes()


def test_from_the_authority_to_a_good_signature(looked: Looked, folder: Path) -> None:
    assert looked.codes(sign(folder)) == []


def test_with_the_chain_where_only_the_root_is_trusted(looked: Looked, folder: Path) -> None:
    trust = folder / "trust"
    (trust / "issuer.pem").rename(folder / "issuer.pem")
    assert looked.codes(sign(folder)) == ["F12"]
    assert looked.codes(sign(folder, chain=[folder / "issuer.pem"])) == []


def test_revoking(looked: Looked, folder: Path) -> None:
    trust = folder / "trust"
    for name in ("bela", "aroha"):
        if name == "bela":
            call_command("issue_test_certificate", trust, email=EMAIL, user_id=USER_ID, out=folder / name)
        call_command("issue_test_certificate", trust, revoke=folder / f"{name}.pem")
    assert looked.codes(sign(folder)) == ["F13"]
    assert len(x509.load_pem_x509_crl((trust / "issuer.crl").read_bytes())) == 2


def test_keys_are_their_owners_alone(folder: Path) -> None:
    keys = [*folder.rglob("*.key")]
    assert len(keys) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}


def test_nothing_is_written_over(folder: Path) -> None:
    with pytest.raises(CommandError, match="not empty"):
        call_command("make_test_ca", folder / "trust")
    with pytest.raises(CommandError, match="there already"):
        call_command(
            "issue_test_certificate", folder / "trust", email=EMAIL, user_id=USER_ID, out=folder / "aroha"
        )


def test_a_portal_that_is_no_demo_gets_no_test_authority(tmp_path: Path, settings: LazySettings) -> None:
    settings.SSI_DEMO = False
    settings.SSI_FILE_TRUST = str(tmp_path / "trust")
    with pytest.raises(CommandError, match="no demo"):
        call_command("make_test_ca", tmp_path / "other")
    with pytest.raises(CommandError, match="SSI_FILE_TRUST"):
        call_command("make_test_ca", tmp_path / "trust", not_for_trust=True)
    assert not (tmp_path / "trust").exists()
    call_command("make_test_ca", tmp_path / "other", not_for_trust=True)


@pytest.mark.parametrize(
    ("options", "says"),
    [({"email": "nobody"}, "e-mail"), ({"user_id": "90"}, "Not a Device ID or User ID"), ({"days": 0}, "days")],
)
def test_a_certificate_that_cannot_be_issued(folder: Path, options: dict[str, object], says: str) -> None:
    of = {"email": EMAIL, "user_id": USER_ID, "out": folder / "new"} | options
    with pytest.raises(CommandError, match=says):
        call_command("issue_test_certificate", folder / "trust", **of)


def test_no_authority_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="make_test_ca"):
        call_command("issue_test_certificate", tmp_path, email=EMAIL, user_id=USER_ID, out=tmp_path / "new")


class TestSigning:
    """What cannot be signed is said in a sentence."""

    def test_a_key_of_another_certificate(self, folder: Path) -> None:
        other = issuing.officer(email=EMAIL, user_id=None, by=None, ends=issuing.A_MINUTE)
        (folder / "other.key").write_bytes(other.key_pem)
        with pytest.raises(CommandError, match="does not belong"):
            sign(folder, key=folder / "other.key")

    def test_files_that_are_not_there(self, folder: Path) -> None:
        with pytest.raises(CommandError, match="no certificate"):
            sign(folder, certificate=folder / "none.pem")
        with pytest.raises(CommandError, match="no private key"):
            sign(folder, key=folder / "none.key")
        (folder / "file.csv").unlink()
        with pytest.raises(CommandError, match=r"file\.csv: No such file"):
            sign(folder)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_takes_the_chain_and_the_signature(looked: Looked, folder: Path) -> None:
    trust = folder / "trust"
    call: list[str | Path] = ["openssl", "verify", "-crl_check_all", "-x509_strict", "-CAfile", trust / "root.pem"]
    lists: list[str | Path] = ["-CRLfile", trust / "root.crl", "-CRLfile", trust / "issuer.crl"]
    lists += ["-untrusted", trust / "issuer.pem"]
    done = subprocess.run(
        [*call, *lists, folder / "aroha.pem"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.strip().endswith("OK"), done.stderr
