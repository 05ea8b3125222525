"""A removed device's row is its N8 in the audit trail as well: nothing is written a second time for each device."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

import ssi.eui64

# Constants alone beside the columns: PostgreSQL then asks the index of each table for the newest, and merges them.
AUDIT_TRAIL = """
CREATE VIEW inventory_audittrail AS
SELECT id, at, user_id, device_id, target, counter, kind, srv, code, detail, suggestion
FROM inventory_audittrailentry
UNION ALL
SELECT id, removed_at, notified_by, device_id, NULL::bigint, NULL::numeric(20, 0), 4::smallint, ''::varchar(8),
    'N8'::varchar(24),
    'Device removed from the Smart Metering Inventory by housekeeping: this '
    || (ARRAY['ESME', 'GSME', 'CHF', 'GPF', 'PPMID', 'HCALCS', 'IHD', 'CAD'])[device_type]
    || ' had been Pending for more than ' || pending_months
    || CASE pending_months WHEN 1 THEN ' month.' ELSE ' months.' END,
    'If it is still to be installed, pre-notify it again (SR 12.2).'::text
FROM inventory_removeddevice
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_status_history_in_months")]

    operations = [
        migrations.AddField(
            model_name="removeddevice", name="pending_months", field=models.SmallIntegerField(null=True)
        ),
        migrations.RemoveIndex(model_name="removeddevice", name="removed_device_by_age"),
        migrations.AddIndex(
            model_name="removeddevice", index=BrinIndex(fields=["removed_at"], name="removed_device_by_age")
        ),
        migrations.RunSQL(AUDIT_TRAIL, "DROP VIEW inventory_audittrail"),
        migrations.CreateModel(
            name="TrailMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("at", models.DateTimeField()),
                ("user_id", ssi.eui64.Eui64Field(verbose_name="User ID")),
                ("device_id", ssi.eui64.Eui64Field(null=True, verbose_name="Device ID")),
                ("target", ssi.eui64.Eui64Field(null=True, verbose_name="target of the RequestID")),
                ("counter", models.DecimalField(decimal_places=0, max_digits=20, null=True)),
                (
                    "kind",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Service Request"),
                            (2, "Service Response"),
                            (3, "Device alert"),
                            (4, "DCC alert"),
                            (5, "Signed Pre-Command"),
                        ]
                    ),
                ),
                ("srv", models.CharField(blank=True, max_length=8, verbose_name="Service Reference Variant")),
                ("code", models.CharField(max_length=24)),
                ("detail", models.TextField()),
                ("suggestion", models.TextField(blank=True)),
            ],
            options={"db_table": "inventory_audittrail", "managed": False},
        ),
    ]
