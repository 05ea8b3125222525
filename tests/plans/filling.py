"""Large tables of an estate, filled set-based: what is there already, with other keys, owners and moments."""

from dataclasses import dataclass, field

from django.db import connection
from django.db.backends.utils import CursorWrapper

MANY = 12_000
"""More than the guard takes for a small table."""

PICKED = 10_900
"""Of a table's keys so many are chosen among, evenly."""

MODELLED_ON = 200
"""Rows that are there of which others are made."""

_ACCOUNTS = "(SELECT array_agg(id ORDER BY id) FROM accounts_person)"
_USER = "(SELECT array_agg(eui ORDER BY eui) FROM accounts_userid)[1 + n %% 30]"
_FILE = "(SELECT array_agg(id ORDER BY id) FROM inventory_servicestatusfile)[1 + n %% 30]"
_PARTIES = "(SELECT array_agg(id ORDER BY id) FROM accounts_party)"


def picked(table: str, column: str = "id") -> str:
    """Return SQL for a key of `table`, another for each n."""
    return f"(SELECT key FROM some_{table}_{column} WHERE number = 1 + n %% {PICKED})"


def reference(block: int) -> str:
    return f"'INC' || {900_000_000_000 + block * 1_000_000} + n"


@dataclass(frozen=True)
class Filling:
    """Rows that are added to `table`; columns not named are those of a row that is there, or none."""

    table: str
    rows: int = MANY
    columns: dict[str, str] = field(default_factory=dict)
    picks: tuple[tuple[str, str], ...] = ()
    of_nothing: bool = False


_DEVICE = ("inventory_device", "device_id")
_UPLOAD = ("uploads_upload", "id")
_REQUEST = ("incidents_installcoderequest", "id")
SHA256 = "md5('a' || n) || md5('b' || n)"
AGO = "now() - n * interval '7 minutes'"

FILLINGS = (
    Filling(
        "inventory_removeddevice",
        3 * MANY,
        {"notified_by": _USER, "device_id": "old.device_id + n", "removed_at": AGO},
    ),
    Filling("inventory_devicedetailchange", MANY, {"device_id": picked(*_DEVICE), "at": AGO}, (_DEVICE,)),
    Filling("inventory_servicestatuschange", MANY, {"file_id": _FILE, "at": "old.at - n * interval '1 minute'"}),
    Filling(
        "inventory_wancoverage",
        2 * MANY,
        {"uprn": "old.uprn + n", "post_code": "'ZE' || n %% 90 || ' ' || n %% 9 || 'XY'"},
    ),
    Filling(
        "inventory_sealedinstallcode", MANY, {"id": "gen_random_uuid()", "device_id": picked(*_DEVICE)}, (_DEVICE,)
    ),
    Filling("inventory_correctionbatch", MANY, {"reference": reference(1), "sha256": SHA256, "created_at": AGO}),
    Filling(
        "inventory_correctionrow",
        3 * MANY,
        {"batch_id": picked("inventory_correctionbatch"), "line": "100 + n"},
        (("inventory_correctionbatch", "id"),),
    ),
    Filling("inventory_housekeepingrun", 400, {"run_date": "old.run_date - n"}),
    Filling("incidents_bulkjob", MANY, {"reference": reference(3), "sha256": SHA256, "created_at": AGO}),
    Filling(
        "incidents_bulkrow",
        4 * MANY,
        {"job_id": picked("incidents_bulkjob"), "line": "100 + n", "device_id": picked(*_DEVICE)},
        (("incidents_bulkjob", "id"), _DEVICE),
    ),
    Filling(
        "incidents_workpack",
        MANY,
        {"reference": reference(4), "batch_id": picked("incidents_bulkjob"), "created_at": AGO},
        (("incidents_bulkjob", "id"),),
    ),
    Filling(
        "uploads_upload",
        MANY,
        {
            "user_id": _USER,
            "reference": reference(5),
            "sha256": SHA256,
            "state": "'rejected'",
            "received_at": AGO,
            "submitted_at": "NULL",
            "accepted_at": "NULL",
            "applied_at": "NULL",
        },
    ),
    Filling("uploads_threshold", 3 * MANY, {"upload_id": picked(*_UPLOAD)}, (_UPLOAD,)),
    Filling(
        "uploads_uploadfinding",
        3 * MANY,
        {
            "step": "'parse'",
            "code": "'E12'",
            "line": "n",
            "field": "''",
            "message": "'Wrong'",
            "suggestion": "'Right'",
            "upload_id": picked(*_UPLOAD),
        },
        (_UPLOAD,),
        of_nothing=True,
    ),
    Filling(
        "uploads_quarantineevent",
        MANY,
        {"user_id": _USER, "reference": reference(6), "event_ref": "old.event_ref + n", "began_at": AGO},
    ),
    Filling(
        "uploads_quarantinedcommunication",
        4 * MANY,
        {"event_id": picked("uploads_quarantineevent"), "counter": "1000000 + n"},
        (("uploads_quarantineevent", "id"),),
    ),
    Filling(
        "audit_auditevent",
        5 * MANY,
        {"id": "1000000 + n", "at": "now() - interval '3 days' + n * interval '1 second'"},
    ),
    Filling(
        "notifications_outboxmessage",
        3 * MANY,
        {
            "message_id": "'<' || n || '@example>'",
            "recipient": "'person' || n %% 500 || '@example.example'",
            "subject": "'Something waits'",
            "text": "'It waits.'",
            "html": "''",
            "event": "'incidents.asked'",
            "about": "'install_code_request'",
            "reference": reference(7),
            "created_at": AGO,
            "next_attempt_at": AGO,
            "attempts": "1",
            "last_error": "''",
            "delivered_at": f"CASE WHEN n %% 500 <> 0 THEN {AGO} END",
            "handled_at": f"CASE WHEN n %% 500 <> 0 THEN {AGO} END",
            "bounce": "''",
            "bounce_reports": "'{}'",
        },
        of_nothing=True,
    ),
    Filling(
        "notifications_digestitem",
        MANY,
        {
            "recipient": "'person' || n %% 500 || '@example.example'",
            "event": "'incidents.asked'",
            "about": "'install_code_request'",
            "reference": reference(8),
            "references": "'{}'",
            "size": "1",
            "created_at": AGO,
        },
        of_nothing=True,
    ),
    Filling(
        "incidents_escrowedcode",
        3 * MANY,
        {"device_id": picked(*_DEVICE), "deposited_at": AGO, "was_wrong": "false", "deposited_by_id": _USER},
        (_DEVICE,),
        of_nothing=True,
    ),
    Filling(
        "incidents_escrowrelease",
        11_000,
        {"released_at": AGO, "deposit_id": picked("incidents_escrowedcode"), "request_id": picked(*_REQUEST)},
        (("incidents_escrowedcode", "id"), _REQUEST),
        of_nothing=True,
    ),
    Filling(
        "web_idempotencykey",
        2 * MANY,
        {
            "person_id": f"{_ACCOUNTS}[1 + n %% 12]",
            "key": "n::text",
            "fingerprint": "''",
            "answer": "'{}'",
            "created_at": AGO,
        },
        of_nothing=True,
    ),
    Filling(
        "django_session",
        MANY,
        {"session_key": "md5(n::text)", "session_data": "''", "expire_date": "now()"},
        of_nothing=True,
    ),
    Filling(
        "incidents_partyday",
        11_500,
        {"party_id": f"{_PARTIES}[1 + n %% 30]", "on_date": "current_date - 2 - n / 30", "raised": "1"},
        of_nothing=True,
    ),
)
"""By size in life: the audit log, bulk rows and quarantined communications are the largest of them."""


def fill() -> None:
    """Add the rows, the parents before their children; neither triggers nor the audit chain see them."""
    with connection.cursor() as cursor:
        for filling in FILLINGS:
            _fill(cursor, filling)
        _housekeeping_notices(cursor)
        _older_messages(cursor)


def _fill(cursor: CursorWrapper, filling: Filling) -> None:
    for table, column in filling.picks:
        cursor.execute(f"DROP TABLE IF EXISTS some_{table}_{column}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE some_{table}_{column} AS"
            f" SELECT row_number() OVER (ORDER BY {column}) AS number, {column} AS key"
            f" FROM (SELECT {column}, row_number() OVER (ORDER BY {column}) AS place,"
            f" greatest(count(*) OVER () / {PICKED}, 1) AS step FROM {table}) AS each WHERE place %% step = 0",
            [],
        )
        cursor.execute(f"CREATE UNIQUE INDEX ON some_{table}_{column} (number)")
        cursor.execute(f"ANALYZE some_{table}_{column}")
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attidentity = '' AND attgenerated = '' ORDER BY attnum",
        [filling.table],
    )
    columns = [name for (name,) in cursor.fetchall()]
    if filling.of_nothing:
        columns = [name for name in columns if name in filling.columns]
    values = [filling.columns.get(name, f"old.{name}") for name in columns]
    old = ""
    if not filling.of_nothing:
        cursor.execute(f"SELECT least(count(*), {MODELLED_ON}) FROM {filling.table}")
        (many,) = cursor.fetchone()
        old = (
            f" JOIN (SELECT row_number() OVER () - 1 AS number, each.* FROM {filling.table} each LIMIT {many})"
            f" old ON old.number = n %% {many}"
        )
    cursor.execute(f"ALTER TABLE {filling.table} DISABLE TRIGGER USER")
    quoted = ", ".join(connection.ops.quote_name(name) for name in columns)
    cursor.execute(
        f"INSERT INTO {filling.table} ({quoted}) SELECT {', '.join(values)} FROM generate_series(1, %s) n{old}"
        " ON CONFLICT DO NOTHING",
        [filling.rows],
    )
    cursor.execute(f"ALTER TABLE {filling.table} ENABLE TRIGGER USER")


def _housekeeping_notices(cursor: CursorWrapper) -> None:
    """Add a notice to every party of every run."""
    cursor.execute(
        "INSERT INTO inventory_housekeepingnotice (reference, removed, run_id, party_id)"
        " SELECT 'INC' || 909000000000 + row_number() OVER (), 3, run.id, party.id"
        " FROM inventory_housekeepingrun run CROSS JOIN accounts_party party ON CONFLICT DO NOTHING"
    )


def _older_messages(cursor: CursorWrapper) -> None:
    """Add the months before to the Users' audit trails."""
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid ="
        " 'inventory_audittrailentry'::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''"
        " AND attname NOT IN ('id', 'at')"
    )
    columns = cursor.fetchone()[0]
    cursor.execute(
        f"INSERT INTO inventory_audittrailentry (at, {columns}) SELECT at - n * interval '17 minutes', {columns}"
        " FROM inventory_audittrailentry CROSS JOIN generate_series(1, 4) n"
    )
