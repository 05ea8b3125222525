"""Whose signature a message carries, and over what: everything else is refused, each with its own code."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import LazySettings
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod

from inventory.duis.limits import Limits
from inventory.duis.messages import FirmwareUpdate, InventoryAnswer, Message, Prenotification
from inventory.duis.reader import read_envelope, read_message
from inventory.duis.refusals import DuisRefusal, UnsafeXml
from inventory.duis.signatures import (
    SignatureForm,
    SignatureMissing,
    SignatureWrong,
    SignerIsAnother,
    SignerOutOfDate,
    SignerUnknown,
)
from inventory.duis.trust import Trust, TrustUnusable, configured_trust
from inventory.models import Device
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, register
from tests.inventory.duis.signing import (
    DAY,
    DS,
    authority,
    house,
    issue,
    key_info,
    name,
    sign,
    usage,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    certificates = house()
    certificates["ca"].save(tmp_path, "ca")
    certificates["supplier"].save(tmp_path, "supplier")
    certificates["other"].save(tmp_path, "other")
    certificates["dcc"].save(tmp_path / "dcc", "dcc")
    return tmp_path


def read(data: bytes, trust: Path | Trust) -> Message:
    trusted = trust if isinstance(trust, Trust) else Trust.of_folder(trust)
    return read_message(read_envelope(io.BytesIO(data), Limits(), trusted))


def refused(data: bytes, trust: Path | Trust, kind: type[DuisRefusal]) -> str:
    with pytest.raises(kind) as caught:
        read(data, trust)
    assert type(caught.value) is kind
    assert caught.value.way_out
    return caught.value.message


def tree(data: bytes) -> "etree._Element":
    return etree.fromstring(data)


def bytes_of(root: "etree._Element") -> bytes:
    return etree.tostring(root)


def signature_of(root: "etree._Element") -> "etree._Element":
    (signature,) = root.findall(f"{{{DS}}}Signature")
    return signature


def test_a_request_that_its_originator_signed(folder: Path) -> None:
    message = read(sign(duis.prenotification()), folder)
    assert isinstance(message, Prenotification)
    assert str(message.device_id) == duis.METER


def test_the_reference_may_leave_its_canonical_form_to_the_default(folder: Path) -> None:
    """Published messages name the enveloped-signature transform alone."""
    signed = sign(duis.prenotification(), bare=True)
    assert signed.count(b"<ds:Transform ") == 1
    assert read(signed, folder)


def test_without_trust_nothing_is_verified() -> None:
    data = duis.prenotification()
    assert isinstance(read_message(read_envelope(io.BytesIO(data), Limits())), Prenotification)


@pytest.mark.parametrize("issuer", ["CN=U1,OU=07", "CN=U1, OU=07", "OU=07,CN=U1", " OU=07,  CN=U1 "])
def test_the_issuer_may_be_written_in_several_ways(folder: Path, issuer: str) -> None:
    assert read(sign(duis.prenotification(), issuer=issuer), folder)


def test_an_unsigned_message(folder: Path) -> None:
    data = duis.prenotification().replace(duis.SIGNATURE.encode(), b"")
    refused(data, folder, SignatureMissing)


def test_a_placeholder_signature(folder: Path) -> None:
    refused(duis.prenotification(), folder, SignatureForm)


def test_a_message_changed_after_it_was_signed(folder: Path) -> None:
    data = sign(duis.prenotification())
    refused(data.replace(b"5500A001", b"5500A002"), folder, SignatureWrong)
    refused(data.replace(b":7<", b":8<"), folder, SignatureWrong)
    refused(data.replace(b'schemaVersion="5.4"', b'schemaVersion="5.3"'), folder, SignatureWrong)


def test_a_comment_may_come_in_without_changing_what_is_read(folder: Path) -> None:
    data = sign(duis.prenotification()).replace(b"5500A001", b"5500<!-- -->A001")
    message = read(data, folder)
    assert isinstance(message, Prenotification)
    assert message.model.model == "5500A001"


def test_another_key_than_the_certificate_s(folder: Path) -> None:
    impostor = issue(name("supplier", duis.SUPPLIER), serial=1234567890)
    data = sign(duis.prenotification(), impostor, issuer="CN=U1,OU=07")
    refused(data, folder, SignatureWrong)


@pytest.mark.parametrize(
    "of", [{"serial": "4"}, {"issuer": "CN=U2,OU=07"}, {"serial": "-1"}, {"issuer": "rubbish"}]
)
def test_a_certificate_that_is_not_trusted(folder: Path, of: dict[str, str]) -> None:
    refused(sign(duis.prenotification(), **of), folder, SignerUnknown)


def test_the_certificate_of_another_user(folder: Path) -> None:
    assert duis.SUPPLIER in refused(sign(duis.prenotification(), "other"), folder, SignerIsAnother)
    refused(sign(duis.prenotification(), "dcc"), folder, SignerIsAnother)


def test_responses_and_alerts_are_signed_by_the_dcc(folder: Path) -> None:
    answer = duis.inventory_answer(duis.device(duis.METER, "ESME"))
    assert isinstance(read(sign(answer, "dcc"), folder), InventoryAnswer)
    assert "the DCC" in refused(sign(answer, "supplier"), folder, SignerIsAnother)
    assert read(sign(duis.device_alert(), "dcc"), folder)
    refused(sign(duis.status_changed("N28", "DeviceSuspended"), "other"), folder, SignerIsAnother)


@pytest.mark.parametrize(("begins", "ends"), [(-2 * DAY, -DAY), (DAY, 2 * DAY)])
def test_a_certificate_out_of_date(folder: Path, begins: timedelta, ends: timedelta) -> None:
    old = issue(name("supplier", duis.SUPPLIER), by=house()["ca"], serial=77, begins=begins, ends=ends)
    old.save(folder, "old")
    refused(sign(duis.prenotification(), old), folder, SignerOutOfDate)


def test_a_certificate_that_no_trusted_authority_issued(folder: Path) -> None:
    self_made = issue(name("supplier", duis.SUPPLIER), serial=78)
    self_made.save(folder, "self-made")
    refused(sign(duis.prenotification(), self_made), folder, SignerUnknown)
    forged = issue(name("supplier", duis.SUPPLIER), by=authority("U1"), serial=79)
    forged.save(folder, "forged")
    refused(sign(duis.prenotification(), forged), folder, SignerUnknown)


def test_an_authority_out_of_date_vouches_for_nobody(folder: Path) -> None:
    authority("U1", begins=-2 * DAY, ends=-DAY, key=house()["ca"].key).save(folder, "ca")
    refused(sign(duis.prenotification()), folder, SignerUnknown)


def test_without_authorities_a_certificate_stands_alone(folder: Path) -> None:
    (folder / "ca.pem").unlink()
    assert read(sign(duis.prenotification()), folder)


def test_a_key_that_is_not_for_signing(folder: Path) -> None:
    agreement = issue(name("supplier", duis.SUPPLIER), usage(signing=False), by=house()["ca"], serial=80)
    agreement.save(folder, "agreement")
    assert "not for signing" in refused(sign(duis.prenotification(), agreement), folder, SignerUnknown)


def test_an_authority_does_not_sign_messages(folder: Path) -> None:
    refused(sign(duis.prenotification(), house()["ca"]), folder, SignerUnknown)


@pytest.mark.parametrize(
    "extension",
    [
        x509.SubjectAlternativeName([x509.DNSName(duis.SUPPLIER)]),
        x509.SubjectAlternativeName(
            [
                x509.OtherName(
                    x509.ObjectIdentifier("1.3.6.1.5.5.7.8.4"),
                    bytes.fromhex("3010 0604 2B060104 0408") + bytes.fromhex(duis.SUPPLIER.replace("-", "")),
                )
            ]
        ),
    ],
    ids=["dns name", "hardware module"],
)
def test_the_owner_may_stand_in_the_alternative_name(folder: Path, extension: x509.ExtensionType) -> None:
    named = issue(name("supplier"), extension, by=house()["ca"], serial=81)
    named.save(folder, "named")
    assert read(sign(duis.prenotification(), named), folder)
    nameless = issue(name("supplier"), by=house()["ca"], serial=82)
    nameless.save(folder, "nameless")
    refused(sign(duis.prenotification(), nameless), folder, SignerIsAnother)


def test_the_owner_may_be_the_common_name(folder: Path) -> None:
    named = issue(name(duis.SUPPLIER), by=house()["ca"], serial=83)
    named.save(folder, "named")
    assert read(sign(duis.prenotification(), named), folder)


@pytest.mark.parametrize(
    "of",
    [
        {"method": SignatureMethod.ECDSA_SHA512},
        {"digest": DigestAlgorithm.SHA512},
        {"c14n": CanonicalizationMethod.CANONICAL_XML_1_1},
        {"c14n": CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0_WITH_COMMENTS},
    ],
    ids=str,
)
def test_other_algorithms(folder: Path, of: dict[str, Any]) -> None:
    refused(sign(duis.prenotification(), **of), folder, SignatureForm)


def test_a_certificate_in_the_message_is_not_taken(folder: Path) -> None:
    info = key_info(house()["supplier"])
    etree.SubElement(info[0], f"{{{DS}}}X509Certificate").text = "QUJD"
    refused(sign(duis.prenotification(), info=info), folder, SignatureForm)


def wrappings() -> Iterator[tuple[str, bytes]]:
    """Yield messages whose good signature is over something else than what they say."""
    signed = sign(duis.prenotification())
    twice = tree(signed)
    twice.append(signature_of(tree(signed)))
    yield "two signatures", bytes_of(twice)
    inside = tree(signed)
    inside[1].append(signature_of(inside))
    yield "inside the body", bytes_of(inside)
    first = tree(signed)
    first.insert(0, signature_of(first))
    yield "first in the message", bytes_of(first)
    wrapped = tree(sign(duis.prenotification(duis.GAS_METER)))
    object_ = etree.SubElement(signature_of(wrapped), f"{{{DS}}}Object")
    object_.append(tree(signed))
    yield "another message in its Object", bytes_of(wrapped)
    whole = tree(duis.prenotification(duis.GAS_METER))
    whole.replace(signature_of(whole), signature_of(tree(signed)))
    yield "another message's signature", bytes_of(whole)
    partial = tree(duis.prenotification())
    partial[1].set("Id", "body")
    yield "a Reference to a part", sign(bytes_of(partial), reference_uri="#body")
    for uri in (b"#body", b"file:///etc/passwd", b"http://127.0.0.1:9/"):
        yield f"Reference {uri.decode()}", signed.replace(b'URI=""', b'URI="' + uri + b'"')
    yield "no Reference URI", signed.replace(b' URI=""', b"")
    doubled = tree(signed)
    info = signature_of(doubled)[0]
    info.append(tree(bytes_of(info[2])))
    yield "two References", bytes_of(doubled)
    bare = tree(signed)
    transforms = signature_of(bare)[0][2][0]
    transforms.remove(transforms[0])
    yield "no enveloped-signature transform", bytes_of(bare)


WRAPPINGS = dict(wrappings())


@pytest.mark.parametrize("data", WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_wrapped_signatures(folder: Path, data: bytes) -> None:
    with pytest.raises(DuisRefusal) as caught:
        read(data, folder)
    assert caught.value.code in {"SSI-SIGNATURE-FORM", "SSI-SIGNATURE", "SSI-SCHEMA", "SSI-SRV-MISMATCH"}


@pytest.mark.parametrize("element", ["SignatureValue", "DigestValue", "X509SerialNumber", "X509IssuerName"])
@pytest.mark.parametrize("text", [b"", b"&#160;", b"AAAA", b"!", b"A" * 5_000, b"<!-- c -->QUJD"])
def test_rubbish_in_a_signature(folder: Path, element: str, text: bytes) -> None:
    signed = sign(duis.prenotification())
    begin = signed.index(f"<ds:{element}>".encode()) + len(element) + 5
    end = signed.index(f"</ds:{element}>".encode())
    with pytest.raises(DuisRefusal) as caught:
        read(signed[:begin] + text + signed[end:], folder)
    assert caught.value.code.startswith("SSI-SIGNATURE")


def test_a_dtd_is_refused_before_any_signature_is_looked_at(folder: Path) -> None:
    data = sign(duis.prenotification()).replace(b"?>", b'?><!DOCTYPE x [<!ENTITY e "e">]>', 1)
    refused(data, folder, UnsafeXml)


def test_a_signed_firmware_image_of_the_largest_size(folder: Path) -> None:
    image = "QUJD" * (10_240_000 // 3)
    message = read(sign(duis.firmware_update(image=image)), folder)
    assert isinstance(message, FirmwareUpdate)
    assert message.device_ids == (duis.METER,)


def test_the_folder_comes_from_the_settings(folder: Path, settings: LazySettings) -> None:
    settings.SSI_DUIS_TRUST = ""
    assert configured_trust() is None
    settings.SSI_DUIS_TRUST = str(folder)
    trust = configured_trust()
    assert trust is configured_trust()
    assert trust is not None
    assert len(trust.signers) == 3
    issue(name("new", duis.SUPPLIER), serial=90).save(folder, "new")
    renewed = configured_trust()
    assert renewed is not None
    assert len(renewed.signers) == 4


def test_a_folder_that_cannot_be_used(tmp_path: Path, settings: LazySettings) -> None:
    settings.SSI_DUIS_TRUST = str(tmp_path / "nowhere")
    with pytest.raises(TrustUnusable, match="no folder"):
        configured_trust()
    settings.SSI_DUIS_TRUST = str(tmp_path)
    with pytest.raises(TrustUnusable, match="holds none"):
        configured_trust()
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n")
    with pytest.raises(TrustUnusable, match=r"broken\.pem"):
        configured_trust()


def test_a_curve_that_duis_does_not_use(folder: Path) -> None:
    wide = issue(
        name("supplier", duis.SUPPLIER),
        by=house()["ca"],
        serial=91,
        key=ec.generate_private_key(ec.SECP384R1()),
    )
    wide.save(folder, "wide")
    refused(sign(duis.prenotification(), wide), folder, SignerUnknown)


@pytest.mark.django_db
def test_an_unsigned_message_changes_nothing(folder: Path, settings: LazySettings) -> None:
    settings.SSI_DUIS_TRUST = str(folder)
    register()
    assert apply(duis.prenotification()).response_code == "SSI-SIGNATURE-FORM"
    assert apply(sign(duis.prenotification(), "other")).response_code == "SSI-SIGNATURE-OWNER"
    assert not Device.objects.exists()
    assert apply(sign(duis.prenotification())).response_code == "I99"
    assert Device.objects.exists()


@pytest.mark.django_db
def test_a_folder_that_is_gone_stops_every_message(folder: Path, settings: LazySettings) -> None:
    settings.SSI_DUIS_TRUST = str(folder / "gone")
    assert apply(sign(duis.prenotification())).response_code == "SSI-TRUST"
