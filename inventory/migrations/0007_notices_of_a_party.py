"""A party's notices in the order in which they are read, in the place of an index by party alone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_officers_before_the_register"),
        ("inventory", "0006_removals_told"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="housekeepingnotice",
            index=models.Index(fields=["party", "-id"], name="housekeeping_notice_of_party"),
        ),
        migrations.AlterField(
            model_name="housekeepingnotice",
            name="party",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.party",
            ),
        ),
    ]
