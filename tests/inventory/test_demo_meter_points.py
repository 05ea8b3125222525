"""What the demo's meter points have been through agrees with their meters."""

from collections import Counter

import pytest
from django.core.management import call_command
from django.utils import timezone

from inventory.actions.meter_points import refresh_service_status
from inventory.models import (
    CoverageImport,
    MeterPoint,
    Registration,
    ServiceStatusChange,
    ServiceStatusFile,
    WanCoverage,
)
from inventory.models.choices import DccServiceStatus, RegistrationKind
from inventory.search import service_status as search
from inventory.search.coverage import Place, coverage_at
from inventory.service_status_files import content_of, digest_of

pytestmark = pytest.mark.django_db


def test_the_demos_meter_points_are_as_in_life() -> None:
    call_command("load_demo")
    _service_statuses_agree_with_the_meters()
    _files_were_made_and_some_changes_wait()
    _some_registrations_are_agreed_and_none_overlaps()
    _coverage_is_known_of_every_postcode()


def _service_statuses_agree_with_the_meters() -> None:
    statuses = Counter(MeterPoint.objects.values_list("dcc_service_status", flat=True))
    assert statuses[DccServiceStatus.ACTIVE] > 5_000
    assert statuses[DccServiceStatus.NOT_ACTIVE] > 50
    points = list(MeterPoint.objects.values_list("pk", flat=True))
    assert refresh_service_status(points, at=timezone.now(), because="test") == 0


def _files_were_made_and_some_changes_wait() -> None:
    assert ServiceStatusChange.objects.filter(file=None).exists()
    assert set(ServiceStatusFile.objects.values_list("number", flat=True)) == {1, 2}
    for file in ServiceStatusFile.objects.all():
        content = content_of(file, search.lines_of(file))
        assert digest_of(content) == file.sha256
        assert content.count(b"\r\nD,") == file.rows


def _some_registrations_are_agreed_and_none_overlaps() -> None:
    today = timezone.localdate()
    assert Registration.objects.filter(from_date__gt=today).count() > 20
    assert Registration.objects.filter(kind=RegistrationKind.ELECTRICITY_DISTRIBUTOR).count() > 100
    running = Registration.objects.filter(
        kind=RegistrationKind.IMPORT_SUPPLIER, to_date=None, from_date__lte=today
    )
    assert max(Counter(running.values_list("meter_point", flat=True)).values()) == 1


def _coverage_is_known_of_every_postcode() -> None:
    assert CoverageImport.objects.get().rows == WanCoverage.objects.count() > 2_000
    assert WanCoverage.objects.filter(technology=" ", anticipated_date__isnull=False).exists()
    for point in MeterPoint.objects.filter(mpxn__regex="^[0-9]{13}$").order_by("pk")[:5]:
        assert coverage_at(Place.typed(point.post_code)).rows
