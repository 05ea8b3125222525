"""People and the Job Type Roles they hold."""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from ssi.access.roles import CONFIRMED_BY_DCC, JobTypeRole
from ssi.accounts.models.parties import Party, UserId
from ssi.db import SsiModel


class PersonManager(BaseUserManager["Person"]):
    """Makes people, and finds them by e-mail address whatever its case."""

    def create_person(self, *, email: str, name: str, password: str | None = None, **facts: Any) -> "Person":
        """Create an account; without a password it must be set through the e-mailed link."""
        person = self.model(email=email.strip().lower(), name=name, **facts)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        """Find by e-mail address, in any case."""
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody who signs in: User Personnel of one Party, or DCC's staff (`is_dcc_staff`, then no Party).

    `is_feed` marks the account of DCC's feed: a system that brings DUIS messages through the API and never signs
    in on screen. It is nobody's: neither of DCC's staff nor of a Party.
    """

    audit_name: ClassVar[str] = "person"

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120)
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    is_dcc_staff = models.BooleanField("DCC staff", default=False)
    is_feed = models.BooleanField("DCC's feed", default=False, editable=False)
    is_active = models.BooleanField("may sign in", default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    sessions_ended_at = models.DateTimeField(null=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_dcc_staff=True, is_feed=False, party__isnull=True)
                | Q(is_dcc_staff=False, is_feed=True, party__isnull=True)
                | Q(is_dcc_staff=False, is_feed=False, party__isnull=False),
                name="dcc_staff_and_the_feed_have_no_party_others_have_one",
                violation_error_message="DCC staff and DCC's feed belong to no party; everyone else to one.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    @property
    def audit_ref(self) -> str:
        """Return the e-mail address."""
        return self.email

    def get_full_name(self) -> str:
        """Return the name; Django's admin asks for it."""
        return self.name

    def get_short_name(self) -> str:
        """Return the name; Django's admin asks for it."""
        return self.name

    @property
    def is_staff(self) -> bool:
        """Tell Django's admin who is let in: DCC's staff alone, never the feed."""
        return self.is_active and self.is_dcc_staff

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Tell Django's admin that the desk sees its pages; what it may change each page's actions decide."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Tell Django's admin that the desk sees every registered app."""
        return self.is_staff


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Grants, by whether they count."""

    def in_force(self) -> Self:
        """Return grants that count now: not ended, confirmed where DCC must, the party still in the market."""
        confirmed = Q(confirmed_at__isnull=False) | ~Q(job_type_role__in=CONFIRMED_BY_DCC)
        return self.filter(confirmed, ended_at__isnull=True, acting_for__party__left_date__isnull=True)


class RoleGrant(SsiModel):
    """A person holds a Job Type Role for one User ID. ARO and SRO count only once DCC has confirmed them."""

    audit_name: ClassVar[str] = "role_grant"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    acting_for = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="grants", verbose_name="User ID")
    job_type_role = models.CharField("Job Type Role", max_length=8, choices=JobTypeRole.choices)
    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.CharField(max_length=254)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=254, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=254, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "role grant"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "acting_for", "job_type_role"],
                condition=Q(ended_at__isnull=True),
                name="one_open_grant_per_person_user_id_and_role",
                violation_error_message="This person holds that Job Type Role for that User ID already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.job_type_role} for {self.acting_for_id}"

    @property
    def audit_ref(self) -> str:
        """Return whose grant of what it is."""
        return f"{self.person.email} {self.job_type_role} {self.acting_for_id}"

    @property
    def needs_confirmation(self) -> bool:
        """Tell whether DCC has still to confirm it before it counts."""
        return self.job_type_role in CONFIRMED_BY_DCC and self.confirmed_at is None
