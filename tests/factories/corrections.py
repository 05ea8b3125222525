"""Files of corrections, sent by people and worked off by the engine as by a worker."""

import io
from collections.abc import Sequence

from inventory.actions.corrections import batches, engine
from inventory.models import CorrectionBatch, Device
from inventory.models.choices import EsmeVariant, SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from tests.factories.inventory import DeviceFactory, MeterPointFactory
from tests.factories.registrations import RegistrationFactory


class File(io.BytesIO):
    """A file as a form hands it over."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.size: int | None = len(data)


def csv_of(*lines: tuple[object, object], header: str = "Device ID,ESME Variant") -> bytes:
    """Return a file with those lines: a Device ID, or what stands in its place, and a variant."""
    texts = [
        f"{device},{variant.duis if isinstance(variant, EsmeVariant) else variant}" for device, variant in lines
    ]
    return "\n".join([*filter(None, [header]), *texts, ""]).encode()


def sent(by: Actor, *lines: tuple[object, object], file_name: str = "variants.csv") -> CorrectionBatch:
    """Return a file of those lines that `by` sent, not yet looked at."""
    return batches.send(File(csv_of(*lines)), file_name=file_name, by=by)


def worked_off(batch: CorrectionBatch) -> CorrectionBatch:
    """Return a file after a worker has done all it can of it."""
    while engine.carry_on(batch.pk):
        pass
    return CorrectionBatch.objects.get(pk=batch.pk)


def checked(by: Actor, *lines: tuple[object, object]) -> CorrectionBatch:
    """Return a file of those lines, checked."""
    return worked_off(sent(by, *lines))


def applied(by: Actor, *lines: tuple[object, object]) -> CorrectionBatch:
    """Return a file of those lines, applied."""
    return worked_off(batches.apply(checked(by, *lines).reference, by=by))


def meter_of(
    supplier: Eui64 | None,
    status: SmiStatus = SmiStatus.COMMISSIONED,
    variant: EsmeVariant | None = EsmeVariant.A,
    **facts: object,
) -> Device:
    """Return an ESME at a meter point where `supplier` is registered as Import Supplier."""
    point = MeterPointFactory.create()
    if supplier is not None:
        RegistrationFactory.create(meter_point=point, user_id=UserId.objects.get(pk=supplier))
    return DeviceFactory.create(smi_status=status, esme_variant=variant, import_meter_point=point, **facts)


def meters_of(supplier: Eui64, number: int) -> Sequence[Device]:
    """Return several such meters, Commissioned, with variant A."""
    return [meter_of(supplier) for _ in range(number)]
