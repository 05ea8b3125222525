"""How many requests each party has raised on each day: the counter of its daily quota."""

from django.db import models

from ssi.accounts.models import Party
from ssi.db import SsiModel


class PartyDay(SsiModel):
    """The requests a party has raised on a day, a day of Europe/London. Only `quotas.claim` writes it."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+", db_index=False)
    on_date = models.DateField()
    raised = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "on_date"], name="one_counter_per_party_and_day")]

    def __str__(self) -> str:
        return f"{self.party_id} on {self.on_date}"
