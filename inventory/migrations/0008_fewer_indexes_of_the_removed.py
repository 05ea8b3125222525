"""Two indexes where removed devices had four, built while others write: housekeeping adds to each by the million.

The key begins with the Device ID, by which they are looked up, so that neither needs an index of its own. By User ID
the newest comes last: PostgreSQL then fills one page after the other, and finds what is old enough to go User ID by
User ID. Django's model keeps `id` as its key.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

TABLE = "inventory_removeddevice"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inventory", "0007_notices_of_a_party")]

    operations = [
        AddIndexConcurrently(
            model_name="removeddevice",
            index=models.Index(fields=["notified_by", "removed_at", "id"], name="removed_device_by_user_and_age"),
        ),
        RemoveIndexConcurrently(model_name="removeddevice", name="removed_device_by_user_id"),
        migrations.RunSQL(
            f"CREATE UNIQUE INDEX CONCURRENTLY removed_device_key ON {TABLE} (device_id, id)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_pkey,"
            f" ADD CONSTRAINT {TABLE}_pkey PRIMARY KEY USING INDEX removed_device_key",
            f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_pkey, ADD CONSTRAINT {TABLE}_pkey PRIMARY KEY (id)",
        ),
        RemoveIndexConcurrently(model_name="removeddevice", name="removed_device_by_id"),
        RemoveIndexConcurrently(model_name="removeddevice", name="removed_device_by_age"),
    ]
