"""Whose signatures of files are trusted: the authorities and revocation lists in the folder SSI_FILE_TRUST.

`*.pem` in it are certificates of authorities, several a file if need be: self-signed ones are the roots, the
others help to build chains, as those do that a signature file sends. `*.crl`, PEM or DER, are the authorities'
revocation lists. The folder is read again when a file in it is another.

A chain must reach a root of the folder, every certificate of it in date. That is `cryptography`'s path validation
(signatures, dates, basic constraints, path lengths, name constraints, no critical extension that is not
understood); that authorities may sign certificates, and what the signer's own certificate must say, is asked here.
Every authority of the chain must have a revocation list that is whole, signed by it and in date. Where one has
none, nobody can tell whether a certificate was revoked: TrustUnusable is raised and the file waits. There is no
switch to pass over that.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings

from ssi import certificates
from ssi.refusals import Refusal
from ssi.uploads.findings import Found
from ssi.uploads.signature_files import LONGEST_CHAIN

_DOCUMENT_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_FIT_PURPOSES: Final = frozenset(
    {
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        _DOCUMENT_SIGNING,
    }
)
_PEM_LIST: Final = re.compile(rb"-----BEGIN X509 CRL-----.+?-----END X509 CRL-----", re.DOTALL)
_WHICH_CERTIFICATE: Final = re.compile(r"\s*\(encountered processing.*", re.DOTALL)
_LONGEST_REASON: Final = 120

Chain = Sequence[x509.Certificate]


class TrustUnusable(Refusal):
    """Signatures of files cannot be verified now: {problem}."""

    suggestion = "Put the folder that SSI_FILE_TRUST names in order; files wait until then, and none is lost."
    source = "ours: a signature that cannot be verified is not taken for a good one"


@dataclass(frozen=True, slots=True)
class Trust:
    """What a folder holds: roots, other authorities, and revocation lists."""

    roots: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...]
    lists: tuple[x509.CertificateRevocationList, ...]

    @classmethod
    def of_folder(cls, folder: Path) -> Self:
        """Read a folder; raises TrustUnusable."""
        authorities = [each for each in _certificates(folder) if certificates.is_authority(each)]
        roots = tuple(each for each in authorities if certificates.is_issued_by(each, each))
        if not roots:
            raise TrustUnusable(problem="the folder of trusted authorities holds no root")
        others = tuple(each for each in authorities if each not in roots)
        return cls(roots, others, tuple(_lists(folder)))

    def chain_of(
        self, certificate: x509.Certificate, sent: Chain, *, at: datetime
    ) -> tuple[Chain, tuple[Found, ...]]:
        """Return the certificates from a signer's up to a root, none if it leads to none, and what is wrong."""
        found = [*_wrong_with(certificate), *_out_of_date(certificate, at)]
        is_in_date = certificates.is_in_date(certificate, at)
        others = [*self.others, *(each for each in sent if certificates.is_authority(each))]
        reason = ""
        for moment in (
            *([at] if is_in_date else []),
            certificate.not_valid_after_utc,
            certificate.not_valid_before_utc,
        ):
            try:
                chain = self._verifier(moment).verify(certificate, others).chain
            except verification.VerificationError as error:
                reason = reason or _WHICH_CERTIFICATE.sub("", str(error))
                continue
            if is_in_date and moment is not at:
                found.append(Found("F13", "An authority's certificate in its chain is out of date."))
            return chain, tuple(found)
        return (), (*found, self._no_way(certificate, others, reason))

    def revoked_in(self, chain: Chain, *, at: datetime) -> Iterator[Found]:
        """Yield what is revoked of a chain; raises TrustUnusable where that cannot be told."""
        unknown: TrustUnusable | None = None
        for place, (certificate, issuer) in enumerate(itertools.pairwise(chain)):
            try:
                is_revoked = self._is_revoked(certificate, issuer, at)
            except TrustUnusable as error:
                unknown = unknown or error
                continue
            if is_revoked:
                what = f"of its authority {_short(certificate.subject)} " if place else ""
                yield Found("F13", f"The certificate {what}was revoked.", field="certificate")
        if unknown is not None:
            raise unknown

    def _verifier(self, at: datetime) -> verification.ClientVerifier:
        return (
            verification.PolicyBuilder()
            .store(verification.Store(list(self.roots)))
            .time(at)
            .max_chain_depth(LONGEST_CHAIN)
            .extension_policies(ca_policy=_AUTHORITIES, ee_policy=verification.ExtensionPolicy.permit_all())
            .build_client_verifier()
        )

    def _no_way(self, certificate: x509.Certificate, others: Chain, reason: str) -> Found:
        if all(each.subject != certificate.issuer for each in (*self.roots, *others)):
            problem = f"its issuer, {_short(certificate.issuer)}, is no trusted authority, nor in the chain sent"
        else:
            problem = f"its chain does not lead to a trusted root ({reason[:_LONGEST_REASON]})"
        return Found("F12", f"The certificate is not trusted: {problem}.", field="certificate")

    def _is_revoked(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
        """Tell whether an issuer's newest list names a certificate; raises TrustUnusable where there is none."""
        lists = [
            each
            for each in self.lists
            if each.issuer == certificate.issuer and each.last_update_utc <= at and _is_signed_by(each, issuer)
        ]
        if not lists:
            raise TrustUnusable(problem=f"there is no revocation list of {_short(certificate.issuer)}")
        newest = max(lists, key=lambda each: each.last_update_utc)
        if newest.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
            return True
        if newest.next_update_utc is None or newest.next_update_utc < at:
            raise TrustUnusable(problem=f"the revocation list of {_short(certificate.issuer)} is out of date")
        return False


def configured_trust() -> Trust:
    """Return what SSI_FILE_TRUST names; raises TrustUnusable."""
    folder = Path(settings.SSI_FILE_TRUST)
    if not settings.SSI_FILE_TRUST or not folder.is_dir():
        raise TrustUnusable(problem="there is no folder of trusted authorities where SSI_FILE_TRUST says")
    try:
        stamp = certificates.stamp_of(certificates.files_of(folder, "*.pem", "*.crl"))
    except OSError as error:
        raise TrustUnusable(problem="the folder of trusted authorities cannot be read") from error
    return _kept(folder, stamp)


@lru_cache(maxsize=1)
def _kept(folder: Path, _stamp: certificates.Stamp) -> Trust:
    return Trust.of_folder(folder)


def _certificates(folder: Path) -> Iterator[x509.Certificate]:
    for path in certificates.files_of(folder, "*.pem"):
        try:
            yield from x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, *certificates.UNREADABLE) as error:
            raise TrustUnusable(problem=f"{path.name} holds no certificate that can be read") from error


def _lists(folder: Path) -> Iterator[x509.CertificateRevocationList]:
    """Yield the revocation lists that are whole; one for some certificates only has a critical extension."""
    for path in certificates.files_of(folder, "*.crl"):
        try:
            data = path.read_bytes()
            found = [x509.load_pem_x509_crl(each) for each in _PEM_LIST.findall(data)]
            found = found or [x509.load_der_x509_crl(data)]
            yield from (each for each in found if not any(one.critical for one in each.extensions))
        except (OSError, *certificates.UNREADABLE) as error:
            raise TrustUnusable(problem=f"{path.name} holds no revocation list that can be read") from error


def _is_signed_by(revocation_list: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    usage = certificates.extension(issuer, x509.KeyUsage)
    if usage is not None and not usage.crl_sign:
        return False
    try:
        return revocation_list.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # other keys: see below
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False


def _wrong_with(certificate: x509.Certificate) -> Iterator[Found]:
    """Yield what a signer's certificate itself must not be."""
    problems: Iterable[tuple[bool, str]] = (
        (not certificates.is_on_p256(certificate), "its key is not on the curve P-256"),
        (certificates.is_issued_by(certificate, certificate), "it is signed by itself"),
        (certificates.is_authority(certificate), "it is an authority's; a person's must sign"),
        (not _may_sign(certificate), "its key usage does not allow digital signatures"),
        (not _is_fit(certificate), "its extended key usage names other purposes than signing"),
    )
    for is_so, problem in problems:
        if is_so:
            yield Found("F12", f"The certificate is not trusted: {problem}.", field="certificate")


def _may_sign(certificate: x509.Certificate) -> bool:
    usage = certificates.extension(certificate, x509.KeyUsage)
    return usage is not None and usage.digital_signature


def _is_fit(certificate: x509.Certificate) -> bool:
    purposes = certificates.extension(certificate, x509.ExtendedKeyUsage)
    return purposes is None or not _FIT_PURPOSES.isdisjoint(purposes)


def _out_of_date(certificate: x509.Certificate, at: datetime) -> Iterator[Found]:
    if at < certificate.not_valid_before_utc:
        when = f"is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        yield Found("F13", f"The certificate {when}.", field="certificate")
    elif at > certificate.not_valid_after_utc:
        when = f"expired on {certificate.not_valid_after_utc:%Y-%m-%d at %H:%M} UTC"
        yield Found("F13", f"The certificate {when}.", field="certificate")


def _short(name: x509.Name) -> str:
    return name.rfc4514_string()[:_LONGEST_REASON]


def _require_authority(_: verification.Policy, __: x509.Certificate, extension: x509.BasicConstraints) -> None:
    if not extension.ca:
        raise ValueError("a certificate of the chain is no authority's")


def _require_signing(_: verification.Policy, __: x509.Certificate, extension: x509.KeyUsage) -> None:
    if not extension.key_cert_sign:
        raise ValueError("an authority of the chain may not sign certificates")


_AGNOSTIC: Final = verification.Criticality.AGNOSTIC
_AUTHORITIES: Final = (
    verification.ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, _AGNOSTIC, _require_authority)
    .require_present(x509.KeyUsage, _AGNOSTIC, _require_signing)
)
