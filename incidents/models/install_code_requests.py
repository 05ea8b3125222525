"""The Request for Install Code: its facts, its states, and its history (MP121; SEC App AC 4.16)."""

from datetime import date, datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from incidents import rules
from incidents.models.bulk import BulkJob, WorkPack
from incidents.models.choices import OPEN_STATES, Event, Outcome, Responsibility, State
from incidents.models.keys import RequestReference
from inventory.models import SealedInstallCode
from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.models import Party, UserId
from ssi.db import REFERENCE_LENGTH, SsiModel, new_reference
from ssi.eui64 import Eui64Field
from ssi.workflow import StateField, WorkflowModel, move


def overdue_now() -> Q:
    """Return the rule for what is overdue: the clock runs, and the due date, in London, has passed."""
    return Q(state=State.ASSIGNED, notified_at__isnull=False, due_date__lt=timezone.localdate())


class InstallCodeRequestQuerySet(models.QuerySet["InstallCodeRequest"]):
    """Requests, by who may see them and how they are asked for."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what `actor` may know of: raised by, or assigned to, the User ID acted for; all for the desk."""
        if actor.is_dcc or actor.is_system:
            return self
        if actor.user_id is None:
            return self.none()
        return self.filter(Q(raised_by=actor.user_id) | Q(assigned_to=actor.user_id))

    def by_reference(self, *references: str) -> Self:
        """Return those with a reference, found by way of the key under which each lies (`RequestReference`)."""
        if len(references) == 1:
            named = RequestReference.objects.filter(reference=references[0])
            return self.filter(pk=Subquery(named.values("request_id")))
        return self.filter(pk__in=RequestReference.objects.filter(reference__in=references).values("request_id"))

    def open(self) -> Self:
        """Return those nobody has closed or withdrawn."""
        return self.filter(state__in=OPEN_STATES)

    def running(self) -> Self:
        """Return those whose clock runs: the installing supplier was told and has not answered."""
        return self.filter(state=State.ASSIGNED, notified_at__isnull=False)

    def overdue(self) -> Self:
        """Return those that should have been answered by now (see `is_overdue`)."""
        return self.filter(overdue_now())

    def not_notified(self, *, asked_before: datetime) -> Self:
        """Return those whose installing supplier was asked before a moment and not told yet: no clock runs."""
        return self.filter(
            state=State.ASSIGNED,
            notified_at__isnull=True,
            obligations__ended_at__isnull=True,
            obligations__asked_at__lt=asked_before,
        )


def reveals_at_first() -> int:
    """Return how often a code may be read before the desk has to unlock it (setting SSI_REVEALS_ALLOWED)."""
    return settings.SSI_REVEALS_ALLOWED


class InstallCodeRequest(WorkflowModel):
    """A gaining supplier asks the installing supplier for one device's install code.

    `assigned_because` is the reason shown on the page. `notified_at` is when the installing supplier was told,
    apart from `created_at`; `due_date` follows it (five Working Days, SEC App AC 4.16(c)). The claim to be, now or
    soon, the Responsible Supplier is the raiser's word, recorded because nobody can check it then (MP121);
    `responsibility` is what registration data said of it later. `notified_at` and `due_date` are those of the
    running `Obligation`; before the notice the due date is provisional. `settled_status` is the SMI Status that
    the device took while the request was open, after which its code is hardly needed any more.

    The table grows without end and lies in partitions by year (`ssi/partitions.py`): the key tells the year in
    which it was raised. That a reference is unique, and that a party has one open request for a device, is held
    beside it (`incidents/models/keys.py`); look for references by `by_reference`.
    """

    audit_name: ClassVar[str] = "install_code_request"

    reference = models.CharField(max_length=REFERENCE_LENGTH, default=new_reference, editable=False)
    state = StateField(choices=State.choices, default=State.NEW)
    device_id = Eui64Field("Device ID")
    device_type = models.PositiveSmallIntegerField(choices=DeviceType.choices)
    mpxn = models.CharField("MPxN", max_length=13, blank=True)
    needed_by_date = models.DateField(null=True, blank=True)
    raised_by = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_index=False)
    raised_by_party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    raised_in_role = models.CharField("User Role", max_length=8)
    responsibility_claimed_at = models.DateTimeField()
    assigned_to = models.ForeignKey(UserId, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    assigned_because = models.CharField(max_length=300, blank=True)
    with_desk_because = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    notified_at = models.DateTimeField(null=True)
    due_date = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    install_code = models.ForeignKey(SealedInstallCode, null=True, on_delete=models.SET_NULL, related_name="+")
    reveals = models.PositiveSmallIntegerField(default=0)
    reveals_allowed = models.PositiveSmallIntegerField(default=reveals_at_first)
    batch = models.ForeignKey(BulkJob, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    work_pack = models.ForeignKey(WorkPack, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    settled_status = models.PositiveSmallIntegerField(null=True, choices=SmiStatus.choices)
    settled_at = models.DateTimeField(null=True)
    responsibility = models.CharField(
        max_length=12, choices=Responsibility.choices, default=Responsibility.UNCHECKED
    )

    objects = InstallCodeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "Request for Install Code"
        verbose_name_plural = "Requests for Install Code"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=State.ASSIGNED) | Q(assigned_to__isnull=False),
                name="an_assigned_request_has_an_installing_supplier",
            ),
            models.CheckConstraint(condition=~Q(raised_by=F("assigned_to")), name="nobody_is_asked_by_themselves"),
        ]
        indexes = [
            models.Index(fields=["raised_by", "-id"], name="request_by_raiser"),
            models.Index(fields=["assigned_to", "-id"], name="request_by_installer"),
            models.Index(fields=["raised_by", "state", "-id"], name="request_by_raiser_and_state"),
            models.Index(fields=["assigned_to", "state", "-id"], name="request_by_installer_state"),
            models.Index(fields=["state", "-id"], name="request_by_state"),
            models.Index(fields=["due_date", "id"], condition=Q(state=State.ASSIGNED), name="request_by_due_date"),
            models.Index(
                fields=["-id"],
                condition=Q(state=State.ASSIGNED, notified_at__isnull=True),
                name="request_awaiting_notice",
            ),
            models.Index(fields=["device_id", "-id"], name="request_by_device"),
            models.Index(fields=["batch", "id"], condition=Q(batch__isnull=False), name="request_by_batch"),
            models.Index(
                fields=["work_pack", "id"], condition=Q(work_pack__isnull=False), name="request_by_work_pack"
            ),
            models.Index(
                fields=["-id"],
                condition=Q(responsibility=Responsibility.CONTRADICTED),
                name="request_contradicted",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference

    def get_absolute_url(self) -> str:
        """Return the request's page; e-mails link here and nowhere else."""
        return reverse("incidents:incident", args=[self.reference])

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to do something about it."""
        return self.state in OPEN_STATES

    @property
    def awaits_notice(self) -> bool:
        """Tell whether somebody is asked who has not been told yet: the due date is provisional."""
        return bool(self.state == State.ASSIGNED and self.notified_at is None)

    @property
    def clock_runs(self) -> bool:
        """Tell whether the installing supplier was told and has to answer by the due date."""
        return bool(self.state == State.ASSIGNED and self.notified_at is not None)

    @property
    def is_overdue(self) -> bool:
        """Tell whether the clock runs and the due date, in London, has passed (`overdue_now`)."""
        return self.clock_runs and self.due_date is not None and self.due_date < timezone.localdate()

    @move(state, source=State.NEW, target=State.ASSIGNED, permission=rules.by_portal)
    def assign(self, *, to: UserId, because: str, due_date: date) -> None:
        """Give it to the installing supplier; `because` is shown on the page (MP121 R6, R8)."""
        self._ask(to, because, due_date)

    @move(
        state,
        source=[State.ASSIGNED, State.WITH_SERVICE_DESK],
        target=State.ASSIGNED,
        permission=rules.by_desk,
    )
    def reroute(self, *, to: UserId, because: str, due_date: date) -> None:
        """The desk alone gives it to another User ID (MP121 PIA 4). The clock starts anew."""
        self._ask(to, because, due_date)

    def _ask(self, to: UserId, because: str, due_date: date) -> None:
        self.assigned_to = to
        self.assigned_because = because
        self.with_desk_because = ""
        self.notified_at = None
        self.due_date = due_date

    @move(
        state,
        source=[State.NEW, State.ASSIGNED],
        target=State.WITH_SERVICE_DESK,
        permission=rules.by_portal,
    )
    def send_to_desk(self, *, because: str) -> None:
        """Give it to the DCC service desk: no installing supplier can be found, or it has left (MP121 R7)."""
        self.with_desk_because = because
        self.due_date = None

    @move(state, source=State.ASSIGNED, target=State.ANSWERED, permission=rules.by_installer)
    def answer(self, *, code: SealedInstallCode, at: datetime) -> None:
        """The installing supplier gives the sealed code (SEC App AC 4.16(c))."""
        self._take(code, at)

    @move(state, source=State.ASSIGNED, target=State.ANSWERED, permission=rules.by_portal)
    def release(self, *, code: SealedInstallCode, at: datetime) -> None:
        """A code that the installing supplier deposited answers, by its own rule (MP281)."""
        self._take(code, at)

    def _take(self, code: SealedInstallCode, at: datetime) -> None:
        self.install_code = code
        self.answered_at = at
        self.reveals = 0
        self.reveals_allowed = reveals_at_first()

    @move(state, source=State.ASSIGNED, target=State.WITH_SERVICE_DESK, permission=rules.by_installer)
    def decline(self, *, because: str) -> None:
        """The installing supplier cannot answer; only the desk decides who is asked next."""
        self.with_desk_because = because
        self.due_date = None

    @move(state, source=State.ANSWERED, target=State.ASSIGNED, permission=rules.by_closer)
    def return_to_installer(self, *, due_date: date) -> None:
        """The code is wrong: the installing supplier is asked again, with a new clock."""
        self.install_code = None
        self.answered_at = None
        self.notified_at = None
        self.due_date = due_date

    @move(state, source=State.ANSWERED, target=State.CLOSED, permission=rules.by_closer)
    def close(self, *, outcome: Outcome, at: datetime) -> None:
        """Only the gaining supplier closes (MP121). Nobody reads the code any more; it is erased later."""
        self.outcome = outcome
        self.ended_at = at

    @move(
        state,
        source=[State.ASSIGNED, State.WITH_SERVICE_DESK],
        target=State.WITHDRAWN,
        permission=rules.by_raiser,
    )
    def withdraw(self, *, at: datetime) -> None:
        """The gaining supplier needs it no more."""
        self.ended_at = at


class InstallCodeRequestEvent(SsiModel):
    """One line of a request's history, as both parties and the desk read it: the party, never the person.

    `text` is a note or a reason in words; it is checked to hold no install code. `party` is null for the portal.
    """

    request = models.ForeignKey(InstallCodeRequest, on_delete=models.CASCADE, related_name="history")
    at = models.DateTimeField(default=timezone.now)
    event = models.CharField(max_length=24, choices=Event.choices)
    party_name = models.CharField(max_length=120)
    text = models.TextField(blank=True)

    class Meta:
        verbose_name = "step in a request's history"
        indexes = [models.Index(fields=["request", "id"], name="history_of_request")]

    def __str__(self) -> str:
        return f"{self.get_event_display()} {self.at:%Y-%m-%d}"
