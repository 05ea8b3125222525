"""The demo's Requests for Install Code: some in every state, made by people's own actions, dated from today."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from django.utils import timezone

from incidents import demo_batches, demo_claims
from incidents.actions import install_code_requests as requests
from incidents.demo_dates import move_to, working_moment
from incidents.models import InstallCodeRequest
from incidents.models.choices import DeclineReason, Outcome
from incidents.rules import PERMITTED_STATUSES, TYPES_ASKED_FOR
from inventory.install_code import InstallCode
from inventory.models import Device
from inventory.models.choices import COMMS_HUB_PARTS
from ssi.access.actor import Actor
from ssi.accounts.acting import actor_for, choices_of, default_choice
from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage

SEED = 2_026
SUPPLIERS = ("gina@northlight.example", "ivan@brightgrid.example", "rhea@harbourline.example")
DAYS_AGO = {
    "waiting": (0, 8),
    "note": (1, 8),
    "returned": (3, 9),
    "answered": (2, 16),
    "declined": (3, 14),
    "closed": (8, 70),
    "withdrawn": (5, 60),
}
STORIES = (*DAYS_AGO, "waiting", "waiting", "closed", "closed", "answered")
REQUESTS_PER_PAIR = 14
REQUESTS_OF_THE_DEPARTED = 3
DECLINES = (DeclineReason.NOT_OUR_PRENOTIFICATION, DeclineReason.CODE_LOST, DeclineReason.DEVICE_SCRAPPED)
WITHDRAWALS = ("The customer moved out before the visit.", "Our engineer exchanged the meter.")
NOTES = (
    "The meter is behind a locked cupboard; the customer has the key until Friday.",
    "We gained this customer last week and have an appointment booked.",
    "Could you look in the delivery records of the older depot as well?",
)


@dataclass(frozen=True, slots=True)
class Plot:
    """What will happen to one device's request, and how many days ago it began."""

    device: Device
    raiser: Actor
    story: str
    days_ago: int


def load() -> str:
    """Raise requests between the suppliers and carry each along its story; return a phrase for the terminal."""
    if InstallCodeRequest.objects.exists():
        return ""
    random = Random(SEED)  # noqa: S311 - the same estate every time is the point
    actors = [_actor(email) for email in SUPPLIERS]
    people = {actor.user_id: actor for actor in actors}
    plots = [_plot(device, raiser, random) for raiser in actors for device in _devices_for(raiser, random)]
    for plot in sorted(plots, key=lambda plot: plot.days_ago, reverse=True):
        _tell(plot, people, random)
    demo_batches.load(actors, random)
    demo_claims.load()
    # The story is older than this copy: its e-mails are not to be sent now.
    OutboxMessage.objects.all().delete()
    return f"{InstallCodeRequest.objects.count()} Requests for Install Code"


def _actor(email: str) -> Actor:
    person = Person.objects.get(email=email)
    return replace(actor_for(person, default_choice(choices_of(person)), via="demo"), may_reveal=True)


def _devices_for(raiser: Actor, random: Random) -> Iterator[Device]:
    """Yield devices that others pre-notified: as many from each of them, few from who has left the market."""
    waiting = Device.objects.filter(
        smi_status__in=PERMITTED_STATUSES,
        device_type__in=TYPES_ASKED_FOR - COMMS_HUB_PARTS,
        notified_by__isnull=False,
    ).exclude(notified_by__party_id=raiser.user.party_id)
    installers = sorted(set(waiting.values_list("notified_by", "notified_by__party__left_date")))
    for installer, left_date in installers:
        devices = list(waiting.filter(notified_by=installer).order_by("device_id"))
        wanted = REQUESTS_PER_PAIR if left_date is None else REQUESTS_OF_THE_DEPARTED
        yield from random.sample(devices, min(wanted, len(devices)))


def _plot(device: Device, raiser: Actor, random: Random) -> Plot:
    story = random.choice(STORIES)
    soonest, longest = DAYS_AGO[story]
    return Plot(device, raiser, story, random.randint(soonest, longest))


def _tell(plot: Plot, people: dict[Eui64 | None, Actor], random: Random) -> None:
    """Raise the plot's request and play its story to the end; then move its dates into the past."""
    needed_by = timezone.localdate() + timedelta(days=random.randint(2, 20)) if random.randint(0, 2) == 0 else None
    request = requests.raise_one(
        device_id=plot.device.device_id,
        by=plot.raiser,
        note=random.choice((*NOTES, *[""] * 7)),
        needed_by_date=needed_by,
    )
    requests.notice_given(reference=request.reference, at=timezone.now())
    installer = people.get(request.assigned_to_id)
    if installer is not None:
        _play(plot.story, request.reference, plot.raiser, installer, random)
    move_to(request.reference, working_moment(plot.days_ago, random), plot.days_ago, random)


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
            requests.notice_given(reference=reference, at=timezone.now())
