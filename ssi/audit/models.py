"""The audit log: append-only and hash-chained by the database itself, so that raw SQL is caught as well."""

import pgtrigger
from django.db import models

DIGEST = """
sha256(convert_to(jsonb_build_array(
    encode({previous}, 'hex'), {row}.id, to_char({row}.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    {row}.event, {row}.person_id, {row}.person_email, {row}.party_name, {row}.acting_user_id,
    {row}.acting_user_role, {row}.via, {row}.about, {row}.reference, {row}.detail
)::text, 'UTF8'))
"""
"""SQL of one event's digest: over the digest before it and every column of its own. An array keeps nulls apart."""

CHAIN_LOCK = 0x55_1A_0D_17
"""Key of the transaction lock that puts events in one line; held from an action's last step to its commit."""

GENESIS = r"'\x00'::bytea"

_CHAIN = f"""
PERFORM pg_advisory_xact_lock({CHAIN_LOCK});
SELECT id, digest INTO previous FROM audit_auditevent ORDER BY id DESC LIMIT 1;
NEW.id := coalesce(previous.id, 0) + 1;
NEW.at := clock_timestamp();
NEW.digest := {DIGEST.format(previous=f"coalesce(previous.digest, {GENESIS})", row="NEW")};
RETURN NEW;
"""  # noqa: S608 - built from this module's own constants


class AuditEvent(models.Model):
    """One thing somebody did. Has no foreign keys: it must outlive whatever it speaks of.

    `id` is gapless and set by the database, as are `at` and `digest`. `event` is "noun.verb"; `about` and
    `reference` name the thing by its public reference; `detail` holds facts, never a secret.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=80)
    person_id = models.BigIntegerField(null=True)
    person_email = models.CharField(max_length=254, blank=True)
    party_name = models.CharField(max_length=120, blank=True)
    acting_user_id = models.CharField(max_length=23, blank=True)
    acting_user_role = models.CharField(max_length=8, blank=True)
    via = models.CharField(max_length=16)
    about = models.CharField(max_length=60)
    reference = models.CharField(max_length=320)
    detail = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["about", "reference", "id"], name="audit_by_thing"),
            models.Index(fields=["person_id", "id"], name="audit_by_person"),
            models.Index(fields=["-id"], condition=models.Q(about="security"), name="audit_of_security"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="chain",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("previous", "RECORD")],
                func=_CHAIN,
            ),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'The audit log cannot be emptied.';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.event} {self.reference}"
