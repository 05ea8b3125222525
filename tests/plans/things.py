"""What stands in the addresses of pages about one thing: things that are there, each of which somebody may see."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.db import connection

from inventory.models import TrailMessage
from inventory.search.service_requests import address_key
from ssi.accounts.models import RoleGrant
from ssi.eui64 import Eui64
from tests.architecture.urls import Address

PARAMETER = re.compile(r"<(?:\w+:)?\w+>|\(\?P<\w+>.*?\)")

_QUERIES = {
    "incidents": """SELECT DISTINCT ON (state, raised_by_id) reference FROM incidents_installcoderequest
        WHERE raised_by_id IN (SELECT acting_for_id FROM accounts_rolegrant)
        ORDER BY state, raised_by_id, id DESC LIMIT 24""",
    "batches": "SELECT reference FROM incidents_bulkjob ORDER BY id LIMIT 2",
    "packs": "SELECT reference FROM incidents_workpack ORDER BY id LIMIT 4",
    "devices": """(SELECT device_id FROM inventory_device WHERE smi_status = 4 AND comms_hub_id IS NOT NULL
        AND import_meter_point_id IS NOT NULL ORDER BY device_id DESC LIMIT 1)
        UNION ALL (SELECT device_id FROM inventory_device WHERE device_type = 7 ORDER BY device_id LIMIT 1)
        UNION ALL (SELECT device_id FROM inventory_device device
        JOIN inventory_meterpoint point ON point.id = import_meter_point_id
        JOIN inventory_registration ON meter_point_id = point.id JOIN accounts_rolegrant ON acting_for_id = user_id
        WHERE smi_status = 4 AND esme_variant IS NOT NULL AND to_date IS NULL ORDER BY device_id LIMIT 1)
        UNION ALL (SELECT device_id FROM inventory_device JOIN accounts_rolegrant ON acting_for_id = notified_by_id
        WHERE smi_status = 1 ORDER BY device_id LIMIT 2)""",
    "mpxns": "SELECT mpxn FROM inventory_meterpoint ORDER BY id LIMIT 2",
    "corrections": "SELECT reference FROM inventory_correctionbatch ORDER BY id LIMIT 1",
    "products": "SELECT id FROM inventory_cplentry ORDER BY id LIMIT 1",
    "imports": "SELECT id FROM inventory_cplimport ORDER BY id LIMIT 1",
    "notices": """SELECT reference FROM inventory_housekeepingnotice
        WHERE party_id IN (SELECT party_id FROM accounts_person) ORDER BY id LIMIT 3""",
    "uploads": "SELECT reference FROM uploads_upload ORDER BY id LIMIT 3",
    "events": "SELECT reference FROM uploads_quarantineevent ORDER BY id LIMIT 3",
    "officers": "SELECT reference FROM accounts_officer ORDER BY id",
}


@dataclass(frozen=True)
class Things:
    """Keys of things as they stand in addresses, by what comes before them, the first that fits."""

    by_prefix: Mapping[str, Sequence[str]]
    texts: Mapping[str, str]
    """What is typed into a page's field, by its name."""

    def addresses(self, address: Address) -> Iterator[str]:
        """Yield the addresses of a page, one for each thing it can be about."""
        if not PARAMETER.search(address.route):
            yield address.url
            return
        for key in self._keys(address.route):
            first, *others = key.split("|")
            url = PARAMETER.sub(first, address.route, count=1)
            for other in (*others, *[first] * 3):
                url = PARAMETER.sub(other, url, count=1)
            yield url

    def _keys(self, route: str) -> Sequence[str]:
        if route.startswith("/admin/"):
            return self._of_the_desk(route)
        return next((keys for prefix, keys in self.by_prefix.items() if route.startswith(prefix)), ())

    @staticmethod
    def _of_the_desk(route: str) -> Sequence[str]:
        named = re.match(r"/admin/(\w+)/(\w+)/<", route)
        if named is None:
            return ("accounts",)
        model = apps.get_model(named[1], named[2])
        row = model._base_manager.order_by("pk").first()
        return (str(row.pk),) if row else ()


def things_of_the_estate() -> Things:
    """Return things that somebody may see each of."""
    found = {name: _column(query) for name, query in _QUERIES.items()}
    devices = [str(Eui64(int(each))) for each in found["devices"]]
    entry = TrailMessage.objects.filter(user_id__in=RoleGrant.objects.values("acting_for_id"))
    keys = [address_key(each) for each in entry.order_by("-at")[:2]]
    recipients = _column("SELECT recipient || '|' || number FROM inventory_servicestatusfile ORDER BY id LIMIT 2")
    of_requests = _of_requests(found["incidents"], found["batches"], found["packs"])
    uploads = found["uploads"]
    return Things(
        {
            **of_requests,
            "/devices/<eui64:device_id>/correct/<": [f"{each}|made" for each in devices],
            "/devices/": devices,
            "/dcc-service-status/files/": recipients,
            "/dcc-service-status/": found["mpxns"],
            "/service-requests/": keys,
            "/corrections/": found["corrections"],
            "/products/imports/": found["imports"],
            "/products/": found["products"],
            "/housekeeping/notices/": found["notices"],
            "/housekeeping/<": ["2026-12", "2027-02"],
            "/uploads/new/": ["adt", "exit_quarantine"],
            "/uploads/<reference:reference>/done/": [f"{each}|submitted" for each in uploads],
            "/uploads/": uploads,
            "/thresholds/": uploads,
            "/quarantine/": found["events"],
            "/officers/": found["officers"],
            "/api/v1/devices/": devices,
            "/api/v1/uploads/": uploads,
        },
        {"device_id": devices[0], "mpxn": found["mpxns"][0], "q": devices[0]},
    )


def _of_requests(requests: list[str], batches: list[str], packs: list[str]) -> dict[str, list[str]]:
    return {
        "/incidents/<reference:reference>/done/": [f"{requests[0]}|raised"],
        "/incidents/": requests,
        "/install-code-requests/batches/": batches,
        "/install-code-requests/packs/<reference:reference>/template.": [f"{each}|csv" for each in packs],
        "/install-code-requests/packs/": packs,
        "/install-code-requests/answers/": ["csv"],
        "/api/v1/install-code-requests/batches/": batches,
        "/api/v1/install-code-requests/": requests,
    }


def _column(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [str(row[0]) for row in cursor.fetchall()]
