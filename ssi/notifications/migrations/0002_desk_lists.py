"""Indexes for the desk's lists of e-mails, built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("notifications", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="outboxmessage",
            index=models.Index(fields=["recipient", "-id"], name="outbox_of_recipient"),
        ),
        AddIndexConcurrently(
            model_name="outboxmessage",
            index=models.Index(
                fields=["-dead_at", "-id"], condition=Q(("dead_at__isnull", False)), name="outbox_given_up"
            ),
        ),
        AddIndexConcurrently(
            model_name="outboxmessage",
            index=models.Index(
                fields=["-bounced_at", "-id"], condition=Q(("bounced_at__isnull", False)), name="outbox_bounced"
            ),
        ),
        AddIndexConcurrently(
            model_name="outboxmessage",
            index=models.Index(
                fields=["next_attempt_at"],
                condition=Q(
                    ("dead_at__isnull", True), ("delivered_at__isnull", True), Q(("last_error", ""), _negated=True)
                ),
                name="outbox_failing",
            ),
        ),
    ]
