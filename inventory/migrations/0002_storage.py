"""Leave room in each page, so that changing a device's status or variant stays on the page (heap-only updates)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE inventory_device SET (fillfactor = 80)",
            "ALTER TABLE inventory_device RESET (fillfactor)",
        )
    ]
