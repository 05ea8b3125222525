"""The register of Senior and Authorised Responsible Officers: who nominated whom, and what DCC said."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.roles import JobTypeRole
from ssi.accounts.models.parties import Party, UserId
from ssi.accounts.models.people import Person, RoleGrant
from ssi.db import new_reference
from ssi.workflow import StateField, WorkflowModel, move


class Capacity(models.TextChoices):
    """In which capacity somebody nominates: AROs an SRO, SROs one of the others. Source: DP108."""

    DIRECTOR = "director", "Director"
    COMPANY_SECRETARY = "company_secretary", "Company Secretary"
    CISO = "ciso", "Chief Information Security Officer"
    SRO = "sro", "Senior Responsible Officer"
    BEFORE = "before", "Unknown: from before the register was kept"


class EndedBecause(models.TextChoices):
    """Why somebody is an officer no more; a choice, not a text, since it is kept for good."""

    LEFT = "left", "They left the company"
    OTHER_WORK = "other_work", "They have other work now"
    KEY_LOST = "key_lost", "Their signing key is lost, or somebody else may have it"
    MISTAKE = "mistake", "The entry was a mistake"
    OTHER = "other", "Another reason"


class Standing(models.TextChoices):
    """Where a nomination stands."""

    NOMINATED = "nominated", "Awaits DCC's confirmation"
    CONFIRMED = "confirmed", "In the register"
    REFUSED = "refused", "Refused by DCC"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ENDED = "ended", "Ended"


OPEN = (Standing.NOMINATED, Standing.CONFIRMED)
"""Standings in which an entry may still be moved; one such a person, User ID and Job Type Role."""


class OfficerQuerySet(models.QuerySet["Officer"]):
    """Entries of the register, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Narrow to those of the actor's own party; DCC's staff see all."""
        if actor.is_dcc or actor.is_system:
            return self.all()
        return self.filter(party=actor.party_id) if actor.party_id else self.none()


def _the_desk(officer: "Officer", actor: Actor) -> bool:
    """The DCC service desk."""
    return actor.may(Component.SERVICE_DESK)


def _an_sro_of_the_party(officer: "Officer", actor: Actor) -> bool:
    """An SRO of the party; of an SRO's own entry, the DCC service desk alone."""
    return (
        officer.job_type_role == JobTypeRole.ARO
        and actor.party_id == officer.party_id
        and actor.may(Component.ARO_NOMINATION)
    )


def _the_desk_or_an_sro(officer: "Officer", actor: Actor) -> bool:
    """The DCC service desk; of an ARO also an SRO of the party."""
    return _the_desk(officer, actor) or _an_sro_of_the_party(officer, actor)


class Officer(WorkflowModel):
    """An entry of the register: `email` is to be, or is, `job_type_role` (SRO or ARO) of the party for a User ID.

    SROs are registered by DCC, which records who nominated them in which capacity; an SRO nominates AROs, and DCC
    confirms. `person` and `grant` are null until then, but for what was granted before the register was kept. An
    entry is never deleted but ended. Source: DP108.
    """

    objects = OfficerQuerySet.as_manager()

    audit_name: ClassVar[str] = "officer"

    reference = models.CharField(max_length=15, unique=True, default=new_reference, editable=False)
    standing = StateField(max_length=12, choices=Standing.choices, default=Standing.NOMINATED)
    job_type_role = models.CharField(
        "Job Type Role",
        max_length=8,
        choices=[(role.value, role.label) for role in (JobTypeRole.SRO, JobTypeRole.ARO)],
    )
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="officers")
    acting_for = models.ForeignKey(
        UserId, on_delete=models.PROTECT, related_name="officers", verbose_name="User ID", db_index=False
    )
    email = models.EmailField("e-mail address")
    name = models.CharField(max_length=120)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    grant = models.OneToOneField(RoleGrant, null=True, on_delete=models.PROTECT, related_name="officer")
    nominated_by = models.CharField("nominated by", max_length=254)
    nominated_as = models.CharField("nominated by them as", max_length=20, choices=Capacity.choices)
    nominated_at = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=254, blank=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField("what DCC says", max_length=500, blank=True)
    ended_by = models.CharField(max_length=254, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=12, choices=EndedBecause.choices, blank=True)

    class Meta:
        verbose_name = "responsible officer"
        constraints = [
            models.UniqueConstraint(
                fields=["acting_for", "job_type_role", "email"],
                condition=Q(standing__in=["nominated", "confirmed"]),
                name="one_open_entry_per_officer",
            ),
            models.CheckConstraint(
                condition=Q(nominated_as="before")
                | Q(job_type_role="ARO", nominated_as="sro")
                | (Q(job_type_role="SRO") & ~Q(nominated_as="sro")),
                name="sros_nominate_aros_and_directors_sros",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.job_type_role} of {self.party}"

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference

    @move(standing, source=Standing.NOMINATED, target=Standing.CONFIRMED, permission=_the_desk)
    def confirm(self, *, person: Person, grant: RoleGrant, who: str, at: datetime) -> None:
        """DCC has matched the person; from now on the Job Type Role counts."""
        self.person, self.grant, self.decided_by, self.decided_at = person, grant, who, at

    @move(standing, source=Standing.NOMINATED, target=Standing.REFUSED, permission=_the_desk)
    def refuse(self, *, answer: str, who: str, at: datetime) -> None:
        """DCC says why not."""
        self.answer, self.decided_by, self.decided_at = answer, who, at

    @move(standing, source=Standing.NOMINATED, target=Standing.WITHDRAWN, permission=_an_sro_of_the_party)
    def withdraw(self, *, who: str, at: datetime) -> None:
        """The party wants it no more."""
        self.ended_by, self.ended_at = who, at

    @move(standing, source=Standing.CONFIRMED, target=Standing.ENDED, permission=_the_desk_or_an_sro)
    def end(self, *, because: EndedBecause, who: str, at: datetime) -> None:
        """The person acts in this role no more, from the next click on."""
        self.ended_because, self.ended_by, self.ended_at = because, who, at
