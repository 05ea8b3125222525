"""Verifies the detached signature of an upload: who signed it, with which certificate, and whether that counts.

Every finding is listed, F10 to F14, before the file is refused. Where nobody can tell now, since the folder of
trusted authorities cannot be used, TrustUnusable is raised and the step waits.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person, RoleGrant
from ssi.certificates import extension, owners
from ssi.uploads import signature_files
from ssi.uploads.findings import Found
from ssi.uploads.models import Upload
from ssi.uploads.models.uploads import LONGEST_SIGNATURE
from ssi.uploads.signature_files import NotASignatureFile, SignatureFile
from ssi.uploads.trust import TrustUnusable, configured_trust

_LONGEST_NAME: Final = 254
_LONGEST_SERIAL: Final = 64
_LONGEST_ISSUER: Final = 300


@dataclass(frozen=True, slots=True)
class Verified:
    """What is known of a signature: `signer` is the ARO's account, None unless it may sign for the User ID.

    `signer_name` is who the certificate says it is, `serial` its number in hex, `issuer` its issuer's name; all ""
    where there is no certificate that can be read.
    """

    signer: Person | None = None
    signer_name: str = ""
    serial: str = ""
    issuer: str = ""
    findings: tuple[Found, ...] = ()

    @property
    def is_good(self) -> bool:
        """Tell whether nothing is wrong with it."""
        return not self.findings


def verify(upload: Upload, content: BinaryIO, *, at: datetime) -> Verified:
    """Return what is known of an upload's signature, at a moment; raises TrustUnusable.

    `content` is the signed file from its first byte; it is read in blocks.
    """
    if not upload.signature:
        return Verified(findings=(Found("F10", "No signature came with the file."),))
    data = bytes(upload.signature)
    if len(data) > LONGEST_SIGNATURE:
        return _unreadable(f"it has more than {LONGEST_SIGNATURE:,} bytes")
    try:
        signature = signature_files.read(data)
    except NotASignatureFile as wrong:
        return _unreadable(str(wrong))
    return _looked_into(upload, signature, signature_files.sha256_of(content), at)


def _unreadable(problem: str) -> Verified:
    return Verified(
        findings=(
            Found(
                "F11",
                f"The signature file cannot be read: {problem}.",
                field="signature",
                suggestion="Make it as the reference page shows, with the portal's command or your signing tool.",
            ),
        )
    )


def _looked_into(upload: Upload, signature: SignatureFile, digest: bytes, at: datetime) -> Verified:
    certificate = signature.certificate
    trust = configured_trust()
    found: list[Found] = []
    if not signature.is_over(digest):
        found.append(Found("F11", "The signature is not over the bytes of this file.", field="signature"))
    chain, wrong = trust.chain_of(certificate, signature.chain, at=at)
    found += wrong
    signer, unfit = _signer(upload, certificate)
    found += unfit
    try:
        for revoked in trust.revoked_in(chain, at=at):
            found.append(revoked)
    except TrustUnusable:
        if not found:  # else it is refused whatever the lists say
            raise
    return Verified(
        signer=signer,
        signer_name=(", ".join(_addresses(certificate)) or _common_name(certificate))[:_LONGEST_NAME],
        serial=f"{certificate.serial_number:X}"[:_LONGEST_SERIAL],
        issuer=certificate.issuer.rfc4514_string()[:_LONGEST_ISSUER],
        findings=tuple(found),
    )


def _signer(upload: Upload, certificate: x509.Certificate) -> tuple[Person | None, list[Found]]:
    """Return the ARO whose certificate it is, None if there is no such ARO now, and what is wrong.

    Of an address that has no account and of one that is no ARO's the same is said: who has an account is no
    business of whoever tries.
    """
    found = []
    if upload.user_id_id not in owners(certificate):
        named = ", ".join(sorted(map(str, owners(certificate)))) or "no User ID"
        found.append(
            Found(
                "F14", f"The certificate was issued for {named}, not for {upload.user_id_id}.", field="certificate"
            )
        )
    addresses = _addresses(certificate)
    if len(addresses) != 1:
        what = "several e-mail addresses" if addresses else "no e-mail address"
        found.append(
            Found("F14", f"The certificate names {what}; it must name its signer's.", field="certificate")
        )
        return None, found
    (address,) = addresses
    grant = (
        RoleGrant.objects.in_force()
        .filter(
            person__email=address,
            person__is_active=True,
            acting_for=upload.user_id_id,
            job_type_role=JobTypeRole.ARO,
        )
        .select_related("person")
        .first()
    )
    if grant is None:
        problem = (
            f"{address[:_LONGEST_NAME]} is no confirmed Authorised Responsible Officer for {upload.user_id_id}"
        )
        return None, [*found, Found("F14", f"{problem} now.", field="certificate")]
    return grant.person, found


def _addresses(certificate: x509.Certificate) -> list[str]:
    """Return the e-mail addresses in the alternative name, as accounts have them: in small letters."""
    names = extension(certificate, x509.SubjectAlternativeName)
    return sorted({_text(each).lower() for each in names.get_values_for_type(x509.RFC822Name)}) if names else []


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return ", ".join(_text(str(each.value)) for each in names)


def _text(value: str) -> str:
    """Return what a certificate says as PostgreSQL can look for it and keep it: whoever made it may be anybody."""
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
