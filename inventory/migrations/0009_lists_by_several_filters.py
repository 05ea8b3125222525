"""Indexes by which each combination of a device list's filters is found, built while others write.

The index of a User's devices holds their models too, and so does the one of rarer statuses, which gets another beside
it that holds the User as well. MPxNs are never searched by their beginnings, so Django's index for that goes.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

_RARER = Q(smi_status__lt=4) | Q(smi_status__gt=4)
_LIKE = "inventory_meterpoint_mpxn_94551a01_like"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inventory", "0008_fewer_indexes_of_the_removed")]

    operations = [
        AddIndexConcurrently(
            model_name="device",
            index=models.Index(
                fields=["notified_by", "device_model", "device_id"],
                condition=Q(notified_by__isnull=False),
                name="device_by_user_and_model",
            ),
        ),
        RemoveIndexConcurrently(model_name="device", name="device_by_notifying_party"),
        AddIndexConcurrently(
            model_name="device",
            index=models.Index(
                fields=["smi_status", "device_model", "device_id"],
                condition=_RARER,
                name="device_by_status_and_model",
            ),
        ),
        AddIndexConcurrently(
            model_name="device",
            index=models.Index(
                fields=["smi_status", "notified_by", "device_model", "device_id"],
                condition=_RARER & Q(notified_by__isnull=False),
                name="device_by_status_and_user",
            ),
        ),
        RemoveIndexConcurrently(model_name="device", name="device_by_rarer_status"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="meterpoint",
                    name="mpxn",
                    field=models.CharField(max_length=13, verbose_name="MPxN"),
                ),
                migrations.AddConstraint(
                    model_name="meterpoint",
                    constraint=models.UniqueConstraint(fields=("mpxn",), name="inventory_meterpoint_mpxn_key"),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {_LIKE}",
                    f"CREATE INDEX CONCURRENTLY {_LIKE} ON inventory_meterpoint (mpxn varchar_pattern_ops)",
                )
            ],
        ),
    ]
