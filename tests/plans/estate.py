"""An estate of 200,000 devices with all that has come together around it, and the demo's parties large in it."""

from io import StringIO

from django.core.management import call_command
from django.db import connection

from inventory.actions import reports, suspicions
from ssi.accounts.demo_accounts import DEMO_ACCOUNTS
from ssi.accounts.synthetic import SUPPLIERS
from tests.plans import filling

DEVICES, REQUESTS = 200_000, 12_000
_LARGE_PARTIES = (("northlight.example", 0), ("brightgrid.example", 1), ("harbourline.example", 2))
"""Whose accounts look at the pages, and which synthetic supplier's devices and requests become theirs."""

_TAKEN_OVER = {
    "inventory_device": "notified_by_id",
    "inventory_registration": "user_id",
    "incidents_installcoderequest": "assigned_to_id",
    "incidents_obligation": "installer_id",
}


def build() -> None:
    """Fill the empty tables of the connection's database, and let PostgreSQL look at them."""
    assert connection.get_autocommit()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FULL)")  # what tests before left behind would lie between our rows, and move plans
    call_command("load_demo", stderr=StringIO())
    call_command("load_synthetic", devices=DEVICES, incidents=REQUESTS, stderr=StringIO())
    _make_the_demo_parties_large()
    filling.fill()
    reports.refresh_device_counts()
    suspicions.refresh_suspicions()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _make_the_demo_parties_large() -> None:
    with connection.cursor() as cursor:
        for domain, number in _LARGE_PARTIES:
            email = next(each.email for each in DEMO_ACCOUNTS if each.email.endswith(domain))
            cursor.execute(
                "SELECT acting_for_id, user_id.party_id FROM accounts_rolegrant"
                " JOIN accounts_person person ON person.id = person_id"
                " JOIN accounts_userid user_id ON user_id.eui = acting_for_id WHERE email = %s LIMIT 1",
                [email],
            )
            ours, party = cursor.fetchone()
            theirs = SUPPLIERS[number].user_id.as_bigint
            for table, column in _TAKEN_OVER.items():
                cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {column} = %s", [ours, theirs])
            cursor.execute(
                "UPDATE incidents_installcoderequest SET raised_by_id = %s, raised_by_party_id = %s"
                " WHERE raised_by_id = %s",
                [ours, party, theirs],
            )
