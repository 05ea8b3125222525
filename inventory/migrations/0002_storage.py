"""Leave room in each page, so that a corrected ESME Variant stays on its page (heap-only updates).

719,000 meters carry a wrong one (SECMP0125). Columns of an index, such as the status, cannot profit. The same for
a registration's last day, which is written when the next supplier is known.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE inventory_device SET (fillfactor = 80)",
            "ALTER TABLE inventory_device RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "ALTER TABLE inventory_registration SET (fillfactor = 90)",
            "ALTER TABLE inventory_registration RESET (fillfactor)",
        ),
    ]
