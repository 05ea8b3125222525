"""However large the inventory is, a Service Request finds its devices by an index."""

import pytest
from django.utils import timezone

from inventory.duis.messages import InventoryQuery
from inventory.models import Device, MeterPoint, Registration
from inventory.models.choices import RegistrationKind
from ssi.eui64 import Eui64
from tests.inventory.service_requests.sending import request_id, send
from tests.inventory.test_query_plans import estate, served_by_an_index

__all__ = ["estate"]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["device_id", "mpxn", "uprn", "address"])
def test_an_inventory_query_reads_no_whole_table(estate: list[Eui64], key: str) -> None:
    device = Device.objects.filter(import_meter_point__isnull=False, comms_hub__isnull=False).order_by("-pk")[0]
    point = device.import_meter_point
    assert point is not None
    home = {"uprn": 100012345678, "post_code": "NL1 4QX", "address_identifier": "7"}
    MeterPoint.objects.filter(pk=point.pk).update(**home)
    Registration.objects.create(
        meter_point=point,
        user_id_id=estate[0],
        kind=RegistrationKind.IMPORT_SUPPLIER,
        from_date=timezone.localdate(),
    )
    keys = {
        "device_id": {"device_id": device.pk},
        "mpxn": {"mpxn": point.mpxn},
        "uprn": {"uprn": 100012345678},
        "address": {"post_code": "NL1 4QX", "address_identifier": "7"},
    }
    with served_by_an_index(key):
        answer = send(InventoryQuery(request_id(estate[0]), 8, **keys[key]), "8.2")  # type: ignore[arg-type]
    assert answer.response_code == "I0"
