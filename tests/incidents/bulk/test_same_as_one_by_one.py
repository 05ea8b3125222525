"""A list has the outcome its devices would have had one by one: state, texts, history, clock, refusal, log."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.actions.bulk import findings
from incidents.models import BulkRow, InstallCodeRequest
from inventory.models.choices import TYPE_2, DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole
from ssi.accounts.actions import parties, successions
from ssi.accounts.models import Person, UserId
from ssi.accounts.models.succession import TakenOverBecause
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage
from ssi.refusals import Refusal
from tests.factories.accounts import PartyFactory, PersonFactory, RoleGrantFactory, UserIdFactory
from tests.factories.batches import raised_in_bulk
from tests.factories.inventory import DeviceFactory
from tests.personas import actor_of

pytestmark = pytest.mark.django_db
PORTAL = Actor.system()
UNKNOWN = Eui64.parse("1E-5A-FF-00-00-00-00-01")
THEIR_OWN = {"id", "reference", "batch_id", "work_pack_id", "created_at", "responsibility_claimed_at"}
"""What may differ between one raised alone and one of a list."""


def user_id_of(person: Person) -> UserId:
    return UserId.objects.select_related("party").get(pk=actor_of(person).user.user_id)


def staffed(name: str, job_type_role: JobTypeRole = JobTypeRole.OPS, **person: Any) -> UserId:
    """Return the User ID of a new supplier with one person."""
    user_id = UserIdFactory.create(party=PartyFactory.create(name=name))
    somebody = PersonFactory.create(party=user_id.party, **person)
    RoleGrantFactory.create(person=somebody, acting_for=user_id, job_type_role=job_type_role)
    return user_id


def left(user_id: UserId) -> UserId:
    parties.mark_left(party_id=user_id.party_id, left_date=timezone.localdate(), by=PORTAL)
    return user_id


def taken_over(old: UserId, new: UserId) -> UserId:
    because = TakenOverBecause.SUPPLIER_OF_LAST_RESORT
    successions.enter(eui=old.eui, successor=new.eui, from_date=date(2026, 9, 8), because=because, by=PORTAL)
    return left(old)


def installers(raiser: Person, ivan: Person) -> list[UserId | None]:
    """Return one of each kind of notifying party."""
    here = user_id_of(ivan)
    colleague = UserIdFactory.create(party=user_id_of(raiser).party)
    new = staffed("Took over, then was taken over")
    gone_twice = taken_over(staffed("Gone twice"), new)
    taken_over(new, staffed("Its successor"))
    late = staffed("Left as well")
    gone_to_one_that_left = taken_over(staffed("Gone to one that left"), late)
    left(late)
    return [
        None,
        here,
        user_id_of(raiser),
        colleague,
        UserIdFactory.create(party=PartyFactory.create(name="Nobody there")),
        staffed("Only a viewer", JobTypeRole.VIEW),
        staffed("Nobody active", is_active=False),
        left(staffed("Gone")),
        taken_over(staffed("Gone to Brightgrid"), here),
        taken_over(staffed("Gone to the raiser"), user_id_of(raiser)),
        taken_over(staffed("Gone to nobody"), UserIdFactory.create()),
        gone_to_one_that_left,
        gone_twice,
    ]


@pytest.fixture
def devices(gina: Person, ivan: Person) -> list[Eui64]:
    """Return a device of every kind: each type, each status, each installer, unknown, asked for already."""
    here = user_id_of(ivan)
    typed = [
        DeviceFactory.create(device_type=device_type, notified_by=here, smi_status=status)
        for device_type in DeviceType
        for status in ([None] if device_type in TYPE_2 else list(SmiStatus))
    ]
    notified = [
        DeviceFactory.create(device_type=device_type, notified_by=installer)
        for installer in installers(gina, ivan)
        for device_type in (DeviceType.GSME, DeviceType.CHF)
    ]
    dated = [
        DeviceFactory.create(notified_by=here, notified_at=at)
        for at in (None, *(timezone.now() - timedelta(days=days) for days in (0, 1, 31, 3660)))
    ]
    other = UserIdFactory.create(party=user_id_of(gina).party)
    colleague = PersonFactory.create(party=other.party)
    RoleGrantFactory.create(person=colleague, acting_for=other)
    asked_for = [DeviceFactory.create(notified_by=here) for _ in range(3)]
    for device, raiser in zip(asked_for, (gina, colleague), strict=False):
        actions.raise_one(device_id=device.device_id, by=actor_of(raiser))
    return [UNKNOWN, *(each.device_id for each in [*typed, *notified, *dated, *asked_for])]


def test_a_list_has_the_outcome_of_its_devices_one_by_one(gina: Person, devices: list[Eui64]) -> None:
    alone = {device_id: outcome_alone(device_id, gina) for device_id in devices}
    in_bulk = outcomes_in_bulk(devices, gina)
    assert in_bulk == alone
    assert len({str(outcome) for outcome in alone.values()}) > 20  # they do differ


def test_each_installing_supplier_gets_the_e_mails_of_one_request(gina: Person, devices: list[Eui64]) -> None:
    """One by one there is an e-mail for each request and person; a list writes one for each pack and person."""
    with undone():
        one_by_one = {
            (asked, to)
            for device_id in devices
            if (request := raised_alone(device_id, gina)) is not None and (asked := request.assigned_to_id)
            for to in OutboxMessage.objects.filter(reference=request.reference).values_list("recipient", flat=True)
        }
    before = OutboxMessage.objects.count()
    job = raised_in_bulk(gina, devices)
    packs = {pack.reference: pack.installer_id for pack in job.work_packs.all()}
    written = OutboxMessage.objects.order_by("pk")[before:]
    assert sorted((packs[each.reference], each.recipient) for each in written) == sorted(one_by_one)
    assert {each.event for each in written} == {"work_pack.installer_asked"}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def raised_alone(device_id: Eui64, by: Person) -> InstallCodeRequest | None:
    try:
        return actions.raise_one(device_id=device_id, by=actor_of(by), needed_by_date=None)
    except Refusal:
        return None


def outcome_alone(device_id: Eui64, by: Person) -> Any:
    with undone():
        try:
            request = actions.raise_one(device_id=device_id, by=actor_of(by))
        except Refusal as refusal:
            return refusal.message, refusal.way_out
        return story_of(request)


def outcomes_in_bulk(devices: list[Eui64], by: Person) -> dict[Eui64, Any]:
    rows = BulkRow.objects.filter(job=raised_in_bulk(by, devices)).select_related("request").order_by("line")
    return {
        Eui64.parse(row.given): story_of(row.request) if row.request else findings.sentence(row) for row in rows
    }


def story_of(given: InstallCodeRequest) -> dict[str, Any]:
    """Return everything the tables hold about a request, but what is each one's own."""
    request = InstallCodeRequest.objects.get(pk=given.pk)
    fields = [field for field in request._meta.concrete_fields if field.attname not in THEIR_OWN]
    events = AuditEvent.objects.filter(about="install_code_request", reference=request.reference).order_by("id")
    return {
        **{field.attname: getattr(request, field.attname) for field in fields},
        "history": list(request.history.order_by("id").values_list("event", "party_name", "text")),
        "clocks": [
            (
                each.installer_id,
                each.asked_at == request.created_at,
                each.notified_at,
                each.due_date,
                each.ended_at,
            )
            for each in request.obligations.order_by("id")
        ],
        "log": list(
            events.values_list(
                "event", "person_id", "person_email", "party_name", "acting_user_id", "acting_user_role", "detail"
            )
        ),
    }
