"""Devices that want care from whoever writes them: of every kind, with texts that break a careless format."""

from datetime import UTC, datetime
from itertools import cycle

from inventory.models import Device
from inventory.models.choices import CspRegion, DeviceType, EsmeVariant, SmiStatus
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from tests.factories.accounts import PartyFactory, UserIdFactory
from tests.factories.inventory import DeviceFactory, DeviceModelFactory, MeterPointFactory
from tests.factories.registrations import RegistrationFactory

TEXTS = (
    '"',
    "\\",
    "\u2028",
    "é",
    "\U0001f50c",
    "a\tb",
    "\x7f",
    "</a>&",
    "'",
    "{0} %s",
    "=1+1",
    "+1",
    "-",
    "@x",
    "\tx",
    "\rx",
    "a,b",
    "\n",
    " x ",
    "",
)
MOMENTS = (
    datetime(2026, 7, 1, 16, tzinfo=UTC),
    datetime(2026, 7, 1, 16, 0, 1, 5, tzinfo=UTC),
    datetime(2026, 1, 1, 0, 0, 0, 120_000, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    None,
)


def ugly_devices(registered: UserId) -> list[Device]:
    """Return them; at every other meter point `registered` is the supplier."""
    moments, regions, variants = cycle(MOMENTS), cycle([*CspRegion, None]), cycle([*EsmeVariant, None])
    made: list[Device] = []
    for number, text in enumerate(TEXTS):
        point = MeterPointFactory.create(post_code=text, address_identifier=text, uprn=number or None)
        if number % 2:
            RegistrationFactory.create(meter_point=point, user_id=registered)
        for kind in DeviceType:
            model = DeviceModelFactory.create(
                device_type=kind, manufacturer=text, model=text, firmware_version="", smets_version=text
            )
            made.append(
                DeviceFactory.create(
                    device_type=kind,
                    device_model=model,
                    notified_by=UserIdFactory.create(party=PartyFactory.create(name=f"{text}{kind}")),
                    notified_at=next(moments),
                    status_since=next(moments),
                    esme_variant=next(variants) if kind == DeviceType.ESME else None,
                    csp_region=next(regions),
                    comms_hub=made[-1] if made else None,
                    import_meter_point=point if kind != DeviceType.CHF else None,
                    export_meter_point=MeterPointFactory.create(mpxn=text) if kind == DeviceType.ESME else None,
                )
            )
    made += [DeviceFactory.create(smi_status=status, notified_by=None) for status in SmiStatus]
    made.append(DeviceFactory.create(device_id=Eui64(-1), secondary_import_meter_point=MeterPointFactory.create()))
    return made
