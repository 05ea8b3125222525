"""An index of the few events about security, built while others write: the log is large, and everybody writes to it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("audit", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("about", "security")), fields=["-id"], name="audit_of_security"
            ),
        ),
    ]
