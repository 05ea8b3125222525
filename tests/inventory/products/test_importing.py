"""Importing the Central Products List: whole or not at all, with a history, and counted before it is done."""

import io
import json
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from inventory.actions.products.consequences import Touched
from inventory.actions.registrations.findings import Finding
from inventory.models import CplEntry, CplEntryChange, CplImport, DeviceModel
from inventory.models.choices import CplStep, DeviceType, ProductStatus, SmiStatus
from ssi.audit.models import AuditEvent
from tests.factories.inventory import DeviceFactory, DeviceModelFactory, MeterPointFactory
from tests.factories.products import file_of, imported, row

pytestmark = pytest.mark.django_db

OTHER = row(firmware_version="00020312")
THIRD = row(firmware_version="00020313")


class Run(NamedTuple):
    """What one call of the command gave."""

    findings: list[dict[str, object]]
    said: str
    status: int


def run(path: Path, *rows: dict[str, str], **options: bool) -> Run:
    path.write_bytes(file_of(*rows))
    out, err, status, refused = io.StringIO(), io.StringIO(), 0, ""
    try:
        call_command("import_cpl", str(path), stdout=out, stderr=err, **options)
    except CommandError as error:
        status, refused = error.returncode, str(error)
    return Run([json.loads(line) for line in out.getvalue().splitlines()], err.getvalue() + refused, status)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cpl.csv"


def outcomes(*rows: dict[str, str]) -> dict[str, int]:
    return {name: number for name, number in imported(*rows).outcomes.items() if number}


def steps() -> list[tuple[str, str]]:
    changes = CplEntryChange.objects.select_related("entry").order_by("id")
    return [(each.entry.firmware_version, CplStep(each.step).label) for each in changes]


# --- What becomes of entries ----------------------------------------------------------------------------------


def test_a_first_list_adds_all_its_entries() -> None:
    assert outcomes(row(), OTHER) == {"added": 2}
    entry = CplEntry.objects.get(firmware_version="00020311")
    assert (entry.model, entry.manufacturer, entry.removed_date) == ("41A00102", "2F01", None)
    assert CplImport.objects.get().added == 2


def test_a_full_list_removes_what_it_does_not_name_and_restores_what_is_back() -> None:
    imported(row(), OTHER, THIRD)
    assert outcomes(row(), OTHER) == {"removed": 1, "unchanged": 2}
    assert CplEntry.objects.get(firmware_version="00020313").removed_date is not None
    assert outcomes(row(), OTHER, THIRD) == {"restored": 1, "unchanged": 2}
    assert CplEntry.objects.get(firmware_version="00020313").removed_date is None
    assert steps()[3:] == [("00020313", "removed"), ("00020313", "restored")]


def test_what_changed_of_an_entry_is_in_its_history() -> None:
    imported(row())
    assert outcomes(row(gbcs_version="4.2", status="Expired", esme_variant="AD")) == {"changed": 1}
    change = CplEntryChange.objects.get(step=CplStep.CHANGED)
    assert change.changed == {
        "gbcs_version": ["4.1", "4.2"],
        "status": ["Active", "Expired"],
        "esme_variant": ["", "AD"],
    }


def test_the_same_list_again_changes_nothing_and_leaves_no_trace() -> None:
    imported(row(), OTHER)
    before = (list(CplEntry.objects.values()), CplImport.objects.count(), AuditEvent.objects.count())
    assert outcomes(OTHER, row()) == {"unchanged": 2}
    assert (list(CplEntry.objects.values()), CplImport.objects.count(), AuditEvent.objects.count()) == before


def test_the_sha256_of_the_file_is_kept_and_in_the_audit_log() -> None:
    imported(row())
    kept = CplImport.objects.get()
    event = AuditEvent.objects.get(event="products.imported")
    assert len(kept.sha256) == 64
    assert (event.reference, event.detail["sha256"], event.detail["added"]) == ("cpl.csv", kept.sha256, 1)


def test_a_file_with_anything_wrong_is_rejected_whole() -> None:
    said: list[Finding] = []
    assert imported(row(), row(device_type="IHD"), said=said).is_refused
    assert not CplEntry.objects.exists()
    assert [(each.line, each.field) for each in said] == [(3, "device_type")]


# --- MP202 ----------------------------------------------------------------------------------------------------


def test_with_mp202_the_smets_version_is_part_of_the_key() -> None:
    both = row(device_type="PPMID"), row(device_type="PPMID", smets_version="SMETS1")
    assert outcomes(*both) == {"added": 2}
    assert outcomes(both[0], row(device_type="PPMID", smets_version="SMETS V1.2")) == {
        "added": 1,
        "removed": 1,
        "unchanged": 1,
    }


def test_without_mp202_the_smets_version_is_a_fact_like_others(settings: LazySettings) -> None:
    settings.MP202 = False
    imported(row())
    assert outcomes(row(smets_version="SMETS V5.0")) == {"changed": 1}
    assert CplEntry.objects.get().smets_version == "SMETS V5.0"
    assert imported(row(), row(smets_version="SMETS1")).is_refused


# --- A list that is suspiciously empty --------------------------------------------------------------------------


def test_more_than_half_is_removed_only_if_that_is_said(path: Path) -> None:
    run(path, row(), OTHER, THIRD)
    refused = run(path, row())
    assert refused.status == 1
    assert refused.findings[0]["message"] == (
        "2 of the 3 entries on the list are not in the file, and would be removed."
    )
    assert not CplEntry.objects.exclude(removed_date=None).exists()
    assert run(path, row(), remove_many=True).status == 0
    assert CplEntry.objects.exclude(removed_date=None).count() == 2


def test_half_is_not_more_than_half(path: Path) -> None:
    run(path, row(), OTHER)
    assert run(path, row()).status == 0


# --- Device Models ----------------------------------------------------------------------------------------------


def _statuses(model: DeviceModel) -> tuple[int | None, int | None, str]:
    model.refresh_from_db()
    return model.cpl_status, model.firmware_status, model.gbcs_version


def test_device_models_take_status_and_gbcs_version_of_their_entry() -> None:
    model = DeviceModelFactory.create(gbcs_version="")
    another = DeviceModelFactory.create(firmware_version="FFFFFFFF")
    imported(row(status="Cancelled"))
    assert _statuses(model) == (ProductStatus.CANCELLED, ProductStatus.CANCELLED, "4.1")
    assert _statuses(another) == (None, None, "")
    imported(OTHER)
    assert _statuses(model) == (ProductStatus.WITHDRAWN, ProductStatus.WITHDRAWN, "4.1")
    imported(row(), OTHER)
    assert _statuses(model)[0] == ProductStatus.ACTIVE


def test_a_gpf_goes_with_its_hubs_entry() -> None:
    model = DeviceModelFactory.create(device_type=DeviceType.GPF, smets_version="CHTS V1.4")
    imported(row(device_type="CHF", smets_version="CHTS V1.4"))
    assert _statuses(model)[0] == ProductStatus.ACTIVE


@pytest.mark.parametrize(
    ("version", "is_matched", "is_matched_without"),
    [
        ("SMETS V4.2", True, True),
        ("smetsV4.2", True, True),
        ("SMETS V5.0", False, True),
        ("SMETS2+", True, True),
        ("SMETS1", False, True),
        ("", True, True),
    ],
)
def test_which_versions_an_entry_is_about(
    settings: LazySettings, version: str, is_matched: bool, is_matched_without: bool
) -> None:
    model = DeviceModelFactory.create(smets_version=version)
    imported(row())
    assert (_statuses(model)[0] == ProductStatus.ACTIVE) is is_matched
    settings.MP202 = False
    imported(row(gbcs_version="4.2"))
    assert (_statuses(model)[0] == ProductStatus.ACTIVE) is is_matched_without


# --- The dry run ------------------------------------------------------------------------------------------------


@pytest.fixture
def devices() -> None:
    """Make three devices of the first entry's model that would be suspended, and three that would not."""
    point = MeterPointFactory.create()
    DeviceFactory.create(smi_status=SmiStatus.COMMISSIONED, import_meter_point=point)
    DeviceFactory.create(
        smi_status=SmiStatus.COMMISSIONED, import_meter_point=point, export_meter_point=MeterPointFactory.create()
    )
    DeviceFactory.create(smi_status=SmiStatus.INSTALLED_NOT_COMMISSIONED)
    for status in (SmiStatus.PENDING, SmiStatus.WHITELISTED, SmiStatus.DECOMMISSIONED):
        DeviceFactory.create(smi_status=status)


@pytest.mark.usefixtures("devices")
def test_a_dry_run_counts_devices_and_meter_points_and_changes_nothing() -> None:
    imported(row(), OTHER)
    summary = imported(OTHER, is_rehearsal=True)
    assert summary.consequences is not None
    ((entry, touched),) = summary.consequences.by_entry
    assert (entry.firmware_version, touched) == ("00020311", Touched(devices=3, meter_points=2))
    assert summary.consequences.suspended == Touched(3, 2)
    assert summary.consequences.restored == Touched()
    assert not CplEntry.objects.exclude(removed_date=None).exists()
    assert CplImport.objects.count() == 1


@pytest.mark.usefixtures("devices")
def test_the_command_says_what_would_follow(path: Path) -> None:
    run(path, row(), OTHER)
    said = run(path, OTHER, dry_run=True)
    assert said.status == 0
    assert "2F01 41A00102, firmware 00020311 (SMETS V4.2): suspend 3 devices at 2 meter points." in said.said
    assert "In all: suspend 3 devices at 2 meter points; restore 0 devices at 0 meter points." in said.said
    assert "1 removed, 0 restored, 1 there already. This was a dry run: nothing was changed." in said.said


@pytest.mark.usefixtures("devices")
def test_a_dry_run_counts_even_what_it_refuses(path: Path) -> None:
    run(path, row(), OTHER)
    said = run(path, row(firmware_version="99999999"), dry_run=True)
    assert said.status == 1
    assert "suspend 3 devices" in said.said
    assert len(said.findings) == 1


@pytest.mark.parametrize(("points", "files"), [(0, 0), (1, 1), (20_000, 1), (20_001, 2)])
def test_meter_points_are_told_in_files_of_the_mpas_limit(points: int, files: int) -> None:
    assert Touched(devices=points, meter_points=points).files == files


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("import_cpl", str(tmp_path / "none.csv"))
