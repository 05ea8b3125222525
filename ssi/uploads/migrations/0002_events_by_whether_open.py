"""Indexes for the lists of quarantine events that are open, or that have ended, built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("uploads", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="quarantineevent",
            index=models.Index(
                fields=["-began_at", "-id"],
                condition=Q(("held__gt", 0), ("decided__gt", 0), _connector="OR"),
                name="quarantine_event_open",
            ),
        ),
        AddIndexConcurrently(
            model_name="quarantineevent",
            index=models.Index(
                fields=["-began_at", "-id"],
                condition=Q(("decided", 0), ("held", 0)),
                name="quarantine_event_ended",
            ),
        ),
    ]
