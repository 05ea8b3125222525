"""The demo's Requests for Install Code: some in every state, made by people's own actions, dated from today."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from incidents.actions import install_code_requests as requests
from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import DeclineReason, Event, Outcome
from incidents.rules import PERMITTED_STATUSES, TYPES_WITH_A_CODE
from inventory.install_code import InstallCode
from inventory.models import Device
from ssi.access.actor import Actor
from ssi.accounts.acting import actor_for, choices_of, default_choice
from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage
from ssi.working_days import due

SEED = 2_026
SUPPLIERS = ("gina@northlight.example", "ivan@brightgrid.example", "rhea@harbourline.example")
STORIES = (
    "waiting",
    "waiting",
    "waiting",
    "answered",
    "answered",
    "closed",
    "declined",
    "withdrawn",
    "returned",
    "note",
)
REQUESTS_PER_PAIR = 14
DECLINES = (DeclineReason.NOT_OUR_PRENOTIFICATION, DeclineReason.CODE_LOST, DeclineReason.DEVICE_SCRAPPED)
WITHDRAWALS = ("The customer moved out before the visit.", "Our engineer exchanged the meter.")
NOTES = (
    "The meter is behind a locked cupboard; the customer has the key until Friday.",
    "We gained this customer last week and have an appointment booked.",
    "Could you look in the delivery records of the older depot as well?",
)


def load() -> str:
    """Raise requests between the suppliers and carry each along its story; return a phrase for the terminal."""
    if InstallCodeRequest.objects.exists():
        return ""
    random = Random(SEED)  # noqa: S311 - the same estate every time is the point
    actors = [_actor(email) for email in SUPPLIERS]
    people = {actor.user_id: actor for actor in actors}
    for raiser in actors:
        for device in _devices_for(raiser, random):
            _tell(device, raiser, people, random)
    # The story is older than this copy: its e-mails are not to be sent now.
    OutboxMessage.objects.all().delete()
    return f"{InstallCodeRequest.objects.count()} Requests for Install Code"


def _actor(email: str) -> Actor:
    person = Person.objects.get(email=email)
    return replace(actor_for(person, default_choice(choices_of(person)), via="demo"), may_reveal=True)


def _devices_for(raiser: Actor, random: Random) -> Iterator[Device]:
    """Yield devices that others pre-notified, the same number from each of them."""
    waiting = Device.objects.filter(
        smi_status__in=PERMITTED_STATUSES, device_type__in=TYPES_WITH_A_CODE, notified_by__isnull=False
    ).exclude(notified_by__party_id=raiser.user.party_id)
    installers = sorted(set(waiting.values_list("notified_by", flat=True)))
    for installer in installers:
        devices = list(waiting.filter(notified_by=installer).order_by("device_id"))
        yield from random.sample(devices, min(REQUESTS_PER_PAIR, len(devices)))


def _tell(device: Device, raiser: Actor, people: dict[Eui64 | None, Actor], random: Random) -> None:
    """Raise a request for `device` and play its story to the end; then move its dates into the past."""
    note = random.choice((*NOTES, *[""] * 7))
    request = requests.raise_one(device_id=device.device_id, by=raiser, note=note)
    story = random.choice(STORIES)
    installer = people.get(request.assigned_to_id)
    if installer is not None:
        _play(story, request.reference, raiser, installer, random)
    still_waiting = story in ("waiting", "note", "returned")
    days_ago = random.randint(1, 9) if still_waiting else random.randint(6, 70)
    _move_into_the_past(request.reference, days_ago, random)


def _play(story: str, reference: str, raiser: Actor, installer: Actor, random: Random) -> None:
    if story == "declined":
        requests.decline(reference=reference, reason=random.choice(DECLINES), by=installer)
    elif story == "withdrawn":
        requests.withdraw(reference=reference, reason=random.choice(WITHDRAWALS), by=raiser)
    elif story == "note":
        requests.add_note(reference=reference, text=random.choice(NOTES), by=raiser)
    elif story in ("answered", "closed", "returned"):
        code = InstallCode(random.randbytes(16))
        requests.answer(reference=reference, install_code=code.with_crc, by=installer)
        if story != "answered":
            outcome = Outcome.WORKED if story == "closed" else Outcome.WRONG_CODE
            requests.permit_reveal(reference=reference, reason="Commissioning visit", by=raiser)
            requests.close(reference=reference, outcome=outcome, by=raiser)


def _move_into_the_past(reference: str, days_ago: int, random: Random) -> None:
    """Set the dates as if it had been raised `days_ago`, with some hours between the steps of its history."""
    request = InstallCodeRequest.objects.get(reference=reference)
    raised_at = timezone.now() - timedelta(days=days_ago, minutes=random.randint(0, 500))
    moment = raised_at
    for step in request.history.order_by("id"):
        InstallCodeRequestEvent.objects.filter(pk=step.pk).update(at=min(moment, timezone.now()))
        moment += (
            timedelta(minutes=1) if step.event in (Event.RAISED, Event.NOTIFIED) else _pause(days_ago, random)
        )
    notified_at = raised_at + timedelta(minutes=2) if request.assigned_to_id else None
    InstallCodeRequest.objects.filter(pk=request.pk).update(
        created_at=raised_at,
        responsibility_claimed_at=raised_at,
        notified_at=notified_at,
        due_date=due(notified_at) if notified_at and request.due_date else None,
        answered_at=_shifted(request.answered_at, moment),
        ended_at=_shifted(request.ended_at, moment),
    )


def _pause(days_ago: int, random: Random) -> timedelta:
    return timedelta(hours=random.uniform(0.2, 1) * days_ago * 24 / 4)


def _shifted(at: datetime | None, moment: datetime) -> datetime | None:
    return min(moment, timezone.now()) if at else None
