"""The demo's corrections: a file that was applied nine days ago, and one device that only DCC may correct."""

import hashlib
from datetime import timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from inventory.actions.corrections import batches, engine
from inventory.actions.corrections.reading import read
from inventory.models import CorrectionBatch, Device, DeviceDetailChange, ManualCorrection
from inventory.models.choices import DeviceType, EsmeVariant, SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.acting import actor_for, choices_of, default_choice
from ssi.accounts.models import Person
from ssi.eui64 import Eui64

SENDER: Final = "gina@northlight.example"
LINES: Final = 24
DAYS_AGO: Final = 9
ALSO: Final = ("1E-5A-01-40-00-00-FF-FF,A", "14 Alder Row,AD", "1E-5A-01-40-00-00-FF-F8,")
"""Lines of the file that cannot be used."""

# Commissioned meters that carry another variant than most of their model, with the one that most carry.
_UNLIKE_THEIR_MODEL: Final = """
WITH usual AS (
    SELECT device_model_id, mode() WITHIN GROUP (ORDER BY esme_variant) AS variant FROM inventory_device
    WHERE device_type = %(esme)s GROUP BY device_model_id
)
SELECT device.device_id, usual.variant FROM inventory_device device JOIN usual USING (device_model_id)
WHERE device.device_type = %(esme)s AND device.smi_status = %(commissioned)s
    AND device.notified_by_id = %(user)s AND device.esme_variant <> usual.variant
ORDER BY device.device_id LIMIT %(lines)s
"""


def load() -> str:
    """Apply a file and ask the desk for one correction; return a phrase for the terminal."""
    person = Person.objects.filter(email=SENDER).first()
    if person is None:
        return "no corrections"
    by = actor_for(person, default_choice(choices_of(person)), via="demo")
    batch = _applied(by)
    _ask_the_desk(by)
    return f"{batch.done} corrected ESME Variants"


def _applied(by: Actor) -> CorrectionBatch:
    with connection.cursor() as cursor:
        facts = {
            "esme": int(DeviceType.ESME),
            "commissioned": int(SmiStatus.COMMISSIONED),
            "user": by.user.user_id.as_bigint,
            "lines": LINES,
        }
        cursor.execute(_UNLIKE_THEIR_MODEL, facts)
        wrong = [f"{Eui64(device_id)},{EsmeVariant(variant).duis}" for device_id, variant in cursor.fetchall()]
    data = "\n".join(["Device ID,ESME Variant", *wrong, *ALSO]).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    batch = batches.begin(read(data), sha256=sha256, file_name="variants from the field.csv", by=by)
    engine.carry_out_here(batch.pk)
    batches.apply(batch.reference, by=by)
    engine.carry_out_here(batch.pk)
    then = timezone.now() - timedelta(days=DAYS_AGO)
    CorrectionBatch.objects.filter(pk=batch.pk).update(created_at=then, stage_at=then, applied_at=then)
    DeviceDetailChange.objects.filter(batch=batch).update(at=then)
    batch.refresh_from_db()
    return batch


def _ask_the_desk(by: Actor) -> None:
    """Ask for one correction, without an e-mail about something that nobody did."""
    theirs = Device.objects.filter(
        notified_by=by.user.user_id, device_type=DeviceType.GSME, smi_status=SmiStatus.COMMISSIONED
    )
    device = theirs.select_related("device_model").order_by("device_id").first()
    if device is None or by.person_id is None:
        return
    ManualCorrection.objects.create(
        device_id=device.pk,
        user_id_id=by.user.user_id,
        party_id=by.user.party_id,
        person_id=by.person_id,
        manufacturer=device.device_model.manufacturer,
        model=f"{device.device_model.model[:4]}00A3",
        reason="The label on the meter and our purchase records both say hardware version 00A3.",
        current_model=device.device_model,
        created_at=timezone.now() - timedelta(days=2),
    )
