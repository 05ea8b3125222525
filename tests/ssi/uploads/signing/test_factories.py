"""The builders that the other tests stand on."""

import hashlib
import json

import pytest

from ssi.eui64 import Eui64
from ssi.uploads.issuing import Issued
from tests.factories.uploads import adt_file, eqf_file, sign

USER_ID = "90-B3-D5-1F-30-03-00-00"


def test_an_adt_file_is_as_the_format_says() -> None:
    name, content = adt_file(USER_ID, "IS")
    lines = content.decode().split("\r\n")
    assert lines[-1] == ""
    header, *details, trailer = lines[:-1]
    assert header.split(",")[:6] == ["H", "ADT", "1.0", USER_ID, "IS", "NEW"]
    assert header.split(",")[8] == "ALL"
    assert details[0] == "D,1,4.1.1,SR,DAY,900,1000,,,"
    before = content[: -len(trailer) - 2]
    assert trailer == f"T,3,{hashlib.sha256(before).hexdigest()}"
    assert name.startswith("ADT_90B3D51F30030000_NEW_2")


def test_an_exit_quarantine_file_is_as_the_format_says() -> None:
    request_id = f"{USER_ID}:00-DB-12-34-56-78-90-A0:7"
    name, content = eqf_file(Eui64.parse(USER_ID), 17, [(request_id, "DELETE", "Sent twice")])
    header, detail, trailer, _ = content.decode().split("\r\n")
    assert header.split(",")[:5] == ["H", "EQF", "1.0", USER_ID, "NEW"]
    assert header.endswith(",17")
    assert detail == f"D,1,17,{request_id},DELETE,Sent twice"
    assert trailer.startswith("T,1,")
    assert name.startswith("EQF_90B3D51F30030000_NEW_2")


@pytest.mark.django_db
def test_a_signature_file_names_its_certificate(arohas: Issued) -> None:
    fields = json.loads(sign(b"signed", *arohas, version="9.9"))
    assert fields["version"] == "9.9"
    assert fields["certificate"] == arohas.pem.decode()
