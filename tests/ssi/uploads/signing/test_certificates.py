"""Every certificate that must not sign, with its code; and the one that may."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import LazySettings
from django.utils import timezone

from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person
from ssi.uploads import issuing
from ssi.uploads.issuing import Issued
from ssi.uploads.trust import TrustUnusable
from tests.factories.accounts import RoleGrantFactory
from tests.factories.uploads import A_DAY, A_YEAR, TestAuthority, sign, trusted_authority
from tests.ssi.uploads.signing.verifying import CONTENT, Looked

UNKNOWN_EXTENSION = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
A_SECOND = timedelta(seconds=1)


def test_the_certificate_of_an_aro_is_good(
    looked: Looked, authority: TestAuthority, arohas: Issued, aroha: Person
) -> None:
    verified = looked(sign(CONTENT, *arohas))
    assert verified.findings == ()
    assert verified.is_good
    assert verified.signer == aroha
    assert verified.signer_name == aroha.email
    assert int(verified.serial, 16) == arohas.certificate.serial_number
    assert verified.issuer == "CN=Test issuer,O=For trying out only"


def test_case_of_the_address_does_not_matter(looked: Looked, authority: TestAuthority, aroha: Person) -> None:
    issued = authority.certificate_for(aroha, looked.user_id, email=aroha.email.upper())
    assert looked(sign(CONTENT, *issued)).signer == aroha


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [
        ({"is_expired": True}, ["F13"]),
        ({"is_not_yet_valid": True}, ["F13"]),
        ({"is_revoked": True}, ["F13"]),
        ({"is_self_signed": True}, ["F12", "F12"]),
        ({"is_rsa": True}, ["F11", "F12"]),
        ({"curve": ec.SECP384R1()}, ["F11", "F12"]),
        ({"cannot_sign": True}, ["F12"]),
        ({"is_authority": True}, ["F12"]),
        ({"more": [(UNKNOWN_EXTENSION, True)]}, ["F12"]),
        ({"more": [(UNKNOWN_EXTENSION, False)]}, []),
        ({"more": [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), True)]}, ["F12"]),
        ({"more": [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)]}, []),
        ({"email": ""}, ["F14"]),
        ({"email": "nobody@northlight.example"}, ["F14"]),
        ({"is_expired": True, "is_revoked": True, "email": "nobody@northlight.example"}, ["F13", "F13", "F14"]),
    ],
)
def test_a_certificate_that_must_not_sign(
    looked: Looked, authority: TestAuthority, aroha: Person, wrong: dict[str, Any], codes: list[str]
) -> None:
    issued = authority.certificate_for(aroha, looked.user_id, **wrong)
    assert looked.codes(sign(CONTENT, *issued)) == codes


def test_the_certificate_of_another_party(looked: Looked, belas: Issued) -> None:
    verified = looked(sign(CONTENT, *belas))
    assert [each.code for each in verified.findings] == ["F14", "F14"]
    assert verified.signer is None


def test_a_certificate_without_a_user_id(looked: Looked, authority: TestAuthority, aroha: Person) -> None:
    assert looked.codes(sign(CONTENT, *authority.certificate_for(aroha, None))) == ["F14"]


@pytest.mark.parametrize(
    "wrong", [{"email": "aroha@northlight.example\x00"}, {"email": "", "name": "Aroha\x00Tane"}]
)
def test_a_nul_in_a_certificate_is_nobodys_and_can_be_kept(
    looked: Looked, authority: TestAuthority, aroha: Person, wrong: dict[str, Any]
) -> None:
    signer = authority.certificate_for(aroha, looked.user_id, **wrong)
    verified = looked(sign(CONTENT, *signer))
    assert [each.code for each in verified.findings] == ["F14"]
    assert verified.signer is None
    assert verified.signer_name
    assert "\x00" not in verified.signer_name + verified.issuer


def test_another_partys_aro_with_a_certificate_for_this_user_id(
    looked: Looked, authority: TestAuthority, bela: Person
) -> None:
    assert looked.codes(sign(CONTENT, *authority.certificate_for(bela, looked.user_id))) == ["F14"]


class TestSigner:
    """F14: an account that is open and holds ARO, confirmed, for this User ID at this moment."""

    def test_an_sro_is_no_aro(self, looked: Looked, authority: TestAuthority, sunil: Person) -> None:
        assert looked.codes(sign(CONTENT, *authority.certificate_for(sunil, looked.user_id))) == ["F14"]

    def test_the_role_ended_a_second_ago(self, looked: Looked, arohas: Issued, aroha: Person) -> None:
        signature = sign(CONTENT, *arohas)
        assert looked.codes(signature) == []
        aroha.grants.update(ended_at=timezone.now() - A_SECOND)
        assert looked.codes(signature) == ["F14"]

    def test_not_confirmed(self, looked: Looked, arohas: Issued, aroha: Person) -> None:
        aroha.grants.update(confirmed_at=None)
        assert looked.codes(sign(CONTENT, *arohas)) == ["F14"]

    def test_aro_for_another_user_id(self, looked: Looked, arohas: Issued, aroha: Person) -> None:
        aroha.grants.update(ended_at=timezone.now() - A_SECOND)
        RoleGrantFactory.create(person=aroha, job_type_role=JobTypeRole.ARO)
        assert looked.codes(sign(CONTENT, *arohas)) == ["F14"]

    def test_closed_account(self, looked: Looked, arohas: Issued, aroha: Person) -> None:
        Person.objects.filter(pk=aroha.pk).update(is_active=False)
        assert looked.codes(sign(CONTENT, *arohas)) == ["F14"]

    def test_the_party_left(self, looked: Looked, arohas: Issued) -> None:
        party = looked.user_id.party
        party.left_date = timezone.localdate()
        party.save(update_fields=["left_date"])
        assert looked.codes(sign(CONTENT, *arohas)) == ["F14"]

    def test_who_has_an_account_is_not_told(
        self, looked: Looked, authority: TestAuthority, aroha: Person, gina: Person
    ) -> None:
        said = [
            looked(sign(CONTENT, *authority.certificate_for(aroha, looked.user_id, email=email)))
            .findings[0]
            .message
            for email in (gina.email, "nobody@northlight.example")
        ]
        assert said[0].replace(gina.email, "") == said[1].replace("nobody@northlight.example", "")

    def test_two_addresses(self, looked: Looked, authority: TestAuthority, aroha: Person) -> None:
        names = [x509.RFC822Name(aroha.email), x509.RFC822Name("other@northlight.example")]
        issued = authority.certificate_for(
            aroha, looked.user_id, email="", more=[(x509.SubjectAlternativeName(names), False)]
        )
        assert looked.codes(sign(CONTENT, *issued)) == ["F14"]


class TestChain:
    """F12 and F13: from the signer's certificate up to a root of the folder."""

    def test_the_intermediate_is_sent(
        self, looked: Looked, aroha: Person, tmp_path: Path, settings: LazySettings
    ) -> None:
        authority = trusted_authority(tmp_path / "roots-alone", settings, intermediate_in_folder=False)
        issued = authority.certificate_for(aroha, looked.user_id)
        assert looked.codes(sign(CONTENT, *issued)) == ["F12"]
        assert looked.codes(sign(CONTENT, *issued, chain=authority.chain)) == []

    def test_another_root(self, looked: Looked, authority: TestAuthority, aroha: Person, tmp_path: Path) -> None:
        other = TestAuthority(tmp_path / "other")
        issued = other.certificate_for(aroha, looked.user_id)
        chain = (*other.chain, other.root.certificate)
        assert looked.codes(sign(CONTENT, *issued, chain=chain)) == ["F12"]

    def test_the_same_names_with_other_keys(
        self, looked: Looked, authority: TestAuthority, aroha: Person, tmp_path: Path
    ) -> None:
        imitated = TestAuthority(tmp_path / "other").certificate_for(aroha, looked.user_id)
        assert looked.codes(sign(CONTENT, *imitated)) == ["F12"]

    def test_the_intermediate_is_revoked(self, looked: Looked, authority: TestAuthority, arohas: Issued) -> None:
        signature = sign(CONTENT, *arohas)
        assert looked.codes(signature) == []
        authority.revoke(authority.intermediate.certificate)
        assert looked.codes(signature) == ["F13"]

    def test_the_intermediate_is_out_of_date(
        self, looked: Looked, authority: TestAuthority, aroha: Person
    ) -> None:
        old = issuing.authority("Old issuer", by=authority.root, begins=-A_YEAR, ends=-A_DAY)
        issued = authority.certificate_for(aroha, looked.user_id, by=old, begins=-2 * A_DAY)
        assert looked.codes(sign(CONTENT, *issued, chain=[old.certificate])) == ["F13"]

    def test_signed_by_somebodys_certificate(
        self, looked: Looked, authority: TestAuthority, arohas: Issued, aroha: Person
    ) -> None:
        issued = authority.certificate_for(aroha, looked.user_id, by=arohas)
        assert looked.codes(sign(CONTENT, *issued, chain=[arohas.certificate])) == ["F12"]

    def test_an_authority_that_may_not_sign_certificates(
        self, looked: Looked, authority: TestAuthority, aroha: Person
    ) -> None:
        other = issuing.authority("Lists only", by=authority.root, ends=A_DAY, may_sign_certificates=False)
        issued = authority.certificate_for(aroha, looked.user_id, by=other)
        assert looked.codes(sign(CONTENT, *issued, chain=[other.certificate])) == ["F12"]

    def test_longer_than_an_authority_allows(
        self, looked: Looked, authority: TestAuthority, aroha: Person
    ) -> None:
        upper = issuing.authority("Upper", by=authority.root, ends=A_DAY, path_length=0)
        lower = issuing.authority("Lower", by=upper, ends=A_DAY)
        issued = authority.certificate_for(aroha, looked.user_id, by=lower)
        assert looked.codes(sign(CONTENT, *issued, chain=[lower.certificate, upper.certificate])) == ["F12"]


class TestRevocationLists:
    """Where nobody can tell whether a certificate was revoked, the file waits."""

    def test_out_of_date(self, looked: Looked, authority: TestAuthority, arohas: Issued) -> None:
        authority.write_lists(begins=-2 * A_DAY, ends=-A_SECOND)
        with pytest.raises(TrustUnusable, match="out of date"):
            looked(sign(CONTENT, *arohas))

    def test_out_of_date_says_revoked_all_the_same(
        self, looked: Looked, authority: TestAuthority, arohas: Issued
    ) -> None:
        authority.revoke(arohas.certificate)
        authority.write_lists(begins=-2 * A_DAY, ends=-A_SECOND)
        assert looked.codes(sign(CONTENT, *arohas)) == ["F13"]

    def test_none_of_the_issuer(self, looked: Looked, authority: TestAuthority, arohas: Issued) -> None:
        (authority.folder / "issuer.crl").unlink()
        with pytest.raises(TrustUnusable, match="no revocation list of CN=Test issuer"):
            looked(sign(CONTENT, *arohas))

    def test_none_of_the_root(self, looked: Looked, authority: TestAuthority, arohas: Issued) -> None:
        (authority.folder / "root.crl").unlink()
        with pytest.raises(TrustUnusable, match="no revocation list of CN=Test root"):
            looked(sign(CONTENT, *arohas))

    def test_forged(self, looked: Looked, authority: TestAuthority, arohas: Issued) -> None:
        authority.write_lists(signed_with=issuing.new_key())
        with pytest.raises(TrustUnusable, match="no revocation list"):
            looked(sign(CONTENT, *arohas))

    def test_not_in_force_yet(self, looked: Looked, authority: TestAuthority, arohas: Issued) -> None:
        authority.write_lists(begins=A_DAY, ends=2 * A_DAY)
        with pytest.raises(TrustUnusable, match="no revocation list"):
            looked(sign(CONTENT, *arohas))

    def test_a_file_that_is_refused_anyhow_does_not_wait(
        self, looked: Looked, authority: TestAuthority, arohas: Issued
    ) -> None:
        (authority.folder / "issuer.crl").unlink()
        assert looked.codes(sign(b"other bytes", *arohas)) == ["F11"]

    def test_in_der(self, looked: Looked, authority: TestAuthority, arohas: Issued) -> None:
        for path in authority.folder.glob("*.crl"):
            path.write_bytes(_der(path.read_bytes()))
        assert looked.codes(sign(CONTENT, *arohas)) == []
        authority.revoked.append(arohas.certificate.serial_number)
        authority.write_lists()
        lists = authority.folder / "issuer.crl"
        lists.write_bytes(_der(lists.read_bytes()))
        assert looked.codes(sign(CONTENT, *arohas)) == ["F13"]

    def test_the_newest_counts(self, looked: Looked, authority: TestAuthority, arohas: Issued) -> None:
        older = issuing.revocation_list(
            authority.intermediate, [arohas.certificate.serial_number], begins=-A_DAY, ends=A_DAY
        )
        (authority.folder / "older.crl").write_bytes(older)
        assert looked.codes(sign(CONTENT, *arohas)) == []


class TestFolder:
    """A folder that cannot be used never takes a file for good, nor for bad."""

    def test_missing(self, looked: Looked, arohas: Issued, settings: LazySettings, tmp_path: Path) -> None:
        settings.SSI_FILE_TRUST = str(tmp_path / "nowhere")
        with pytest.raises(TrustUnusable, match="no folder"):
            looked(sign(CONTENT, *arohas))

    def test_not_named(self, looked: Looked, arohas: Issued, settings: LazySettings) -> None:
        settings.SSI_FILE_TRUST = ""
        with pytest.raises(TrustUnusable, match="no folder"):
            looked(sign(CONTENT, *arohas))

    def test_without_a_root(self, looked: Looked, authority: TestAuthority, arohas: Issued) -> None:
        (authority.folder / "root.pem").unlink()
        with pytest.raises(TrustUnusable, match="no root"):
            looked(sign(CONTENT, *arohas))

    @pytest.mark.parametrize("name", ["broken.pem", "broken.crl"])
    def test_with_a_file_that_cannot_be_read(
        self, looked: Looked, authority: TestAuthority, arohas: Issued, name: str
    ) -> None:
        (authority.folder / name).write_bytes(b"-----BEGIN X509 CRL-----\nnothing\n-----END X509 CRL-----\n")
        with pytest.raises(TrustUnusable, match=name):
            looked(sign(CONTENT, *arohas))
        (authority.folder / name).unlink()
        assert looked.codes(sign(CONTENT, *arohas)) == []


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_crl(pem).public_bytes(Encoding.DER)
