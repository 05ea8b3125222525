"""Changing details of one device: what is written, and what follows."""

import pytest
from django.utils import timezone

from inventory.actions.details import change_details
from inventory.models import DeviceDetailChange
from inventory.models.choices import DccServiceStatus, Detail, EsmeVariant, SmiStatus
from tests.factories.inventory import DeviceFactory, MeterPointFactory

pytestmark = pytest.mark.django_db


def test_each_detail_that_changed_leaves_a_row_of_history() -> None:
    device = DeviceFactory.create(esme_variant=EsmeVariant.A)
    point = MeterPointFactory.create()

    changed = change_details(
        device,
        at=timezone.now(),
        because="SR 8.4",
        told_by=device.notified_by_id,
        esme_variant=EsmeVariant.BD,
        import_meter_point=point,
        device_model=device.device_model,
    )

    assert changed == [Detail.ESME_VARIANT, Detail.IMPORT_METER_POINT]
    device.refresh_from_db()
    assert (device.esme_variant, device.import_meter_point) == (EsmeVariant.BD, point)
    rows = DeviceDetailChange.objects.order_by("field").values_list("field", "before", "after", "told_by")
    assert list(rows) == [
        (Detail.ESME_VARIANT, EsmeVariant.A, EsmeVariant.BD, device.notified_by_id),
        (Detail.IMPORT_METER_POINT, None, point.pk, device.notified_by_id),
    ]


def test_nothing_changed_leaves_no_trace() -> None:
    device = DeviceFactory.create(esme_variant=EsmeVariant.A)

    assert not change_details(
        device, at=timezone.now(), because="SR 8.4", told_by=None, esme_variant=EsmeVariant.A
    )
    assert not DeviceDetailChange.objects.exists()


def test_the_dcc_service_status_of_both_meter_points_follows() -> None:
    old, new = MeterPointFactory.create(dcc_service_status=DccServiceStatus.ACTIVE), MeterPointFactory.create()
    device = DeviceFactory.create(smi_status=SmiStatus.COMMISSIONED, import_meter_point=old)

    change_details(device, at=timezone.now(), because="SR 8.4", told_by=None, import_meter_point=new)

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.dcc_service_status, new.dcc_service_status) == (
        DccServiceStatus.NOT_ACTIVE,
        DccServiceStatus.ACTIVE,
    )


def test_what_is_no_detail_is_refused() -> None:
    with pytest.raises(TypeError, match="smi_status"):
        change_details(
            DeviceFactory.create(), at=timezone.now(), because="", told_by=None, smi_status=SmiStatus.COMMISSIONED
        )
