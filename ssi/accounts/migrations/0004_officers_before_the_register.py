"""Enters who held ARO or SRO, or waited to be confirmed, before the register of officers was kept."""

from typing import Any

from django.db import migrations

AT_ONCE = 500


def enter_old_grants(apps: Any, schema_editor: Any) -> None:
    """Give each open grant of ARO or SRO its entry: in the register if it was confirmed, else a nomination.

    Such a nomination keeps the grant that waits, so that DCC's confirmation makes that very grant count.
    """
    old = (
        apps.get_model("accounts", "RoleGrant")
        .objects.filter(job_type_role__in=["ARO", "SRO"], ended_at__isnull=True, officer__isnull=True)
        .select_related("person", "acting_for")
        .order_by("pk")
    )
    officers = apps.get_model("accounts", "Officer").objects
    officers.bulk_create(
        (
            officers.model(
                standing="confirmed" if grant.confirmed_at else "nominated",
                job_type_role=grant.job_type_role,
                party_id=grant.acting_for.party_id,
                acting_for_id=grant.acting_for_id,
                email=grant.person.email.lower(),
                name=grant.person.name,
                person_id=grant.person_id,
                grant_id=grant.pk,
                nominated_by=grant.granted_by,
                nominated_as="before",
                nominated_at=grant.granted_at,
                decided_by=grant.confirmed_by,
                decided_at=grant.confirmed_at,
            )
            for grant in old
        ),
        batch_size=AT_ONCE,
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_officers")]

    operations = [migrations.RunPython(enter_old_grants, migrations.RunPython.noop)]
