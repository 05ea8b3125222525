"""What the service desk is alerted to, because nobody can verify a raiser when it asks (MP121 R5)."""

from django.db import models
from django.db.models import Q

from incidents.models.install_code_requests import InstallCodeRequest
from ssi.accounts.models import Party
from ssi.db import SsiModel


class Contradiction(SsiModel):
    """Registration data contradict the raiser's claim on `request`; gone again when later data bear it out.

    `told_at` is when the desk was e-mailed about it: once, with all others of the day.
    """

    request = models.OneToOneField(
        InstallCodeRequest, on_delete=models.CASCADE, primary_key=True, related_name="contradiction"
    )
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["request"], condition=Q(told_at__isnull=True), name="contradiction_to_tell"),
            models.Index(fields=["told_at"], condition=Q(told_at__isnull=False), name="contradiction_told"),
        ]

    def __str__(self) -> str:
        return f"claim of {self.request_id} contradicted"


class AskingAlert(SsiModel):
    """A party asked for far more codes than it gained meter points: one alert a week, which begins on `from_date`.

    `asked` and `gained` are what was counted over the days before `raised_at`.
    """

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+", db_index=False)
    from_date = models.DateField("week from")
    raised_at = models.DateTimeField()
    asked = models.PositiveIntegerField()
    gained = models.PositiveIntegerField()

    class Meta:
        verbose_name = "alert about asking"
        verbose_name_plural = "alerts about asking"
        constraints = [models.UniqueConstraint(fields=["party", "from_date"], name="one_alert_per_party_and_week")]
        indexes = [models.Index(fields=["from_date"], name="asking_alert_by_week")]

    def __str__(self) -> str:
        return f"{self.party_id}: {self.asked} asked, {self.gained} gained"
