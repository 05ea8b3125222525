"""Obligations: each time an installing supplier is asked, one clock (SEC App AC 4.16(c))."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from incidents.models.choices import ObligationEnd
from incidents.models.install_code_requests import InstallCodeRequest
from ssi.accounts.models import UserId
from ssi.db import SsiModel


class Obligation(SsiModel):
    """One asking of one installing supplier, with its clock; a request that changes hands has several.

    `asked_at` is when it became theirs, `notified_at` when they were told: from then the five Working Days run.
    `first_due_date` is the due date as first computed; `due_date` follows the calendar. Once ended, `working_days`
    is the number of Working Days from the notice to the end, and `in_time` whether that was by the due date; both
    are null if the clock never ran, but for an answer, which then took none. `answered_wrongly` is set when the
    raiser says that the code given is wrong.
    """

    audit_name: ClassVar[str] = "obligation"

    request = models.ForeignKey(InstallCodeRequest, on_delete=models.CASCADE, related_name="obligations")
    installer = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True)
    first_due_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=24, choices=ObligationEnd.choices, blank=True)
    answered_wrongly = models.BooleanField(default=False)
    working_days = models.SmallIntegerField(null=True)
    in_time = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(ended_at__isnull=True), name="one_running_clock_per_request"
            )
        ]
        indexes = [
            models.Index(fields=["installer", "asked_at"], name="obligation_by_installer"),
            models.Index(fields=["asked_at"], name="obligation_by_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.installer_id} asked {self.asked_at:%Y-%m-%d}"


class ReminderDigest(SsiModel):
    """That the reminders of a day went out to a User ID, or to the service desk where `user_id` is null.

    The row is written with its e-mails in one transaction: whoever comes second finds it and sends nothing.
    """

    on_date = models.DateField()
    user_id = models.ForeignKey(UserId, null=True, on_delete=models.CASCADE, related_name="+", db_column="user_id")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["on_date", "user_id"], name="one_digest_per_user_id_and_day", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"reminders of {self.on_date}"
