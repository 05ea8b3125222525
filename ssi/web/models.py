"""What the shared screens keep: which requests were already carried out."""

from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """One carried-out POST of one person: the same key and body again gives the same answer and no second effect.

    `fingerprint` is a keyed digest of what was sent; `answer` is never a secret (references and numbers only).
    """

    person_id = models.BigIntegerField()
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    answer = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "key"], name="one_effect_per_idempotency_key")]

    def __str__(self) -> str:
        return f"{self.key} of {self.person_id}"
