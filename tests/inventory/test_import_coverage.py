"""Importing SM WAN coverage: full sets, whole or not at all."""

import io
import json
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from inventory.actions.coverage import Summary, import_file
from inventory.actions.coverage.findings import REFUSALS
from inventory.actions.registrations.findings import Finding
from inventory.models import CoverageImport, WanCoverage
from inventory.models.choices import CspRegion, Likelihood
from ssi.access.actor import Actor
from ssi.audit.models import AuditEvent
from tests.factories.coverage import WanCoverageFactory, coverage_file

pytestmark = pytest.mark.django_db


def imported(content: bytes, **facts: Any) -> tuple[Summary, list[Finding]]:
    findings: list[Finding] = []
    summary = import_file(io.BytesIO(content), name="set.csv", by=Actor.system(), tell=findings.append, **facts)
    return summary, findings


def post_codes() -> list[str]:
    return list(WanCoverage.objects.order_by("id").values_list("post_code", flat=True))


def test_every_value_of_a_row_is_kept() -> None:
    full = {
        "csp_region": "4G Central",
        "post_code": "bg27tr",
        "address_identifier": "12 Alder Row",
        "uprn": "100012345678",
        "coverage_availability": "FALSE",
        "anticipated_coverage_date": "2027-03-31",
        "wan_technology": "Cellular",
        "connectivity_likelihood": "Low",
        "auxiliary_equipment_required": "Aerial",
        "additional_information": "Mast planned",
    }
    summary, findings = imported(coverage_file(full))
    assert (summary.rows, findings) == (1, [])
    row = WanCoverage.objects.get()
    assert (row.csp_region, row.post_code, row.address_identifier) == (
        CspRegion.CENTRAL_4G,
        "BG27TR",
        "12 Alder Row",
    )
    assert (row.uprn, row.is_available, str(row.anticipated_date)) == (100012345678, False, "2027-03-31")
    assert (row.technology, row.likelihood) == ("Cellular", Likelihood.LOW)
    assert (row.auxiliary_equipment, row.additional_information) == ("Aerial", "Mast planned")


@pytest.mark.parametrize("technology", ["", " ", "  ", " LRR "])
def test_a_technology_is_kept_as_it_came(technology: str) -> None:
    imported(coverage_file({"wan_technology": technology}))
    assert WanCoverage.objects.get().technology == technology


@pytest.mark.parametrize("region", [each.duis for each in CspRegion])
def test_every_region_of_duis_is_taken_as_it_stands(region: str) -> None:
    imported(coverage_file({"csp_region": region}))
    assert WanCoverage.objects.get().get_csp_region_display() == region


def test_a_provider_that_gave_no_answer_has_a_row_all_the_same() -> None:
    imported(coverage_file({"coverage_availability": "", "connectivity_likelihood": "", "wan_technology": ""}))
    row = WanCoverage.objects.get()
    assert (row.is_available, row.likelihood) == (None, None)


def test_a_full_set_takes_the_place_of_the_former() -> None:
    imported(coverage_file({}, {"post_code": "BG2 7TR"}))
    summary, _ = imported(coverage_file({"post_code": "HB3 1AA"}))
    assert (summary.rows, summary.former_rows) == (1, 2)
    assert post_codes() == ["HB31AA"]
    assert CoverageImport.objects.count() == 2
    WanCoverageFactory.create()
    assert WanCoverage.objects.count() == 2


def test_an_import_keeps_the_digest_of_its_file_and_is_in_the_audit_log() -> None:
    content = coverage_file({}, {"post_code": "BG2 7TR"})
    imported(content)
    made = CoverageImport.objects.get()
    assert (made.name, made.rows, made.sha256) == ("set.csv", 2, sha256(content).hexdigest())
    event = AuditEvent.objects.get(event="coverage.imported")
    assert (event.reference, event.detail) == ("set.csv", {"rows": 2, "sha256": made.sha256})


def test_the_same_file_again_changes_nothing() -> None:
    imported(coverage_file({}))
    summary, _ = imported(coverage_file({}))
    assert summary.was_there
    assert CoverageImport.objects.count() == AuditEvent.objects.filter(event="coverage.imported").count() == 1


def test_a_rehearsal_changes_nothing() -> None:
    imported(coverage_file({}))
    summary, _ = imported(coverage_file({"post_code": "BG2 7TR"}), is_rehearsal=True)
    assert (summary.rows, summary.former_rows, summary.was_there) == (1, 1, False)
    assert post_codes() == ["NL14QX"]


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"csp_region": "Arqiva"}, "csp_region", "no such CSP region"),
    ({"post_code": "NL1"}, "post_code", "not a postcode"),
    ({"post_code": "", "uprn": ""}, "post_code", "names no place"),
    ({"uprn": "1234567890123"}, "uprn", "not a UPRN"),
    ({"uprn": "0"}, "uprn", "not a UPRN"),
    ({"post_code": "", "uprn": "7", "address_identifier": "12"}, "address_identifier", "no postcode"),
    ({"coverage_availability": "maybe"}, "coverage_availability", "neither true nor false"),
    ({"connectivity_likelihood": "high"}, "connectivity_likelihood", "no such likelihood"),
    ({"connectivity_likelihood": ""}, "connectivity_likelihood", "one of availability and likelihood"),
    ({"coverage_availability": ""}, "connectivity_likelihood", "one of availability and likelihood"),
    ({"anticipated_coverage_date": "31/03/2027"}, "anticipated_coverage_date", "not a date"),
    ({"anticipated_coverage_date": "2027-02-29"}, "anticipated_coverage_date", "not a date"),
    ({"address_identifier": "x" * 31}, "address_identifier", "more than 30"),
    ({"wan_technology": "x" * 31}, "wan_technology", "more than 30"),
    ({"auxiliary_equipment_required": "x" * 51}, "auxiliary_equipment_required", "more than 50"),
    ({"additional_information": "x" * 251}, "additional_information", "more than 250"),
]


@pytest.mark.parametrize(("row", "field", "message"), WRONG)
def test_a_line_with_anything_wrong_rejects_the_file_whole(row: dict[str, str], field: str, message: str) -> None:
    imported(coverage_file({"post_code": "HB3 1AA"}))
    summary, findings = imported(coverage_file({}, row))
    assert [(finding.line, finding.field) for finding in findings] == [(3, field)]
    assert message in findings[0].message
    assert findings[0].suggestion
    assert summary.is_refused
    assert post_codes() == ["HB31AA"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there is none"),
        (b"post_code\n", "is missing"),
        (coverage_file().replace(b"uprn", b"urpn"), "no column"),
        (coverage_file().replace(b"uprn", b"post_code"), "uprn is missing"),
        (coverage_file() + b"North\n", "has 1 values"),
        (coverage_file({}) + b"\xff,,,,,,,,,\n", "not UTF-8"),
        (coverage_file({}) + b'"open', "cannot be read"),
        (coverage_file(), "no row that can be taken"),
    ],
)
def test_what_is_no_such_file_is_rejected(content: bytes, message: str) -> None:
    summary, findings = imported(content)
    assert any(message in finding.message for finding in findings), findings
    assert summary.is_refused
    assert not CoverageImport.objects.exists()


def test_a_place_stands_once_for_each_region() -> None:
    twice = [{}, {"csp_region": "4G North"}, {"address_identifier": "1 Elm"}, {"address_identifier": "1 ELM"}, {}]
    _, findings = imported(coverage_file(*twice))
    assert [(finding.line, finding.message.split()[-2]) for finding in findings] == [(5, "4"), (6, "2")]


def test_every_refusal_says_what_to_do() -> None:
    assert all(refusal.suggestion for refusal in REFUSALS)


def test_the_command_tells_findings_and_a_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "set.csv"
    file.write_bytes(coverage_file({}))
    call_command("import_coverage", str(file), "--dry-run")
    assert "1 row, in the place of 0. This was a dry run" in capsys.readouterr().err
    call_command("import_coverage", str(file))
    call_command("import_coverage", str(file))
    assert "this set is there already" in capsys.readouterr().err
    file.write_bytes(coverage_file({"csp_region": "Nowhere"}))
    with pytest.raises(CommandError, match="Rejected whole, nothing was changed: 2 findings"):
        call_command("import_coverage", str(file))
    assert json.loads(capsys.readouterr().out.splitlines()[0])["field"] == "csp_region"
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("import_coverage", str(tmp_path / "absent.csv"))


@pytest.mark.django_db(transaction=True)
def test_whoever_looks_meanwhile_sees_the_former_set() -> None:
    imported(coverage_file({}))
    seen: list[list[str]] = []

    def look(_rows: int) -> None:
        def other() -> None:
            seen.append(post_codes())
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=20)

    imported(coverage_file({"post_code": "BG2 7TR"}), progress=look)
    assert seen == [["NL14QX"]]
    assert post_codes() == ["BG27TR"]
