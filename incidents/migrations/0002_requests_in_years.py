"""Keep the Requests for Install Code in years, their keys telling the year in which they were raised.

What is there becomes one partition, `_before`, under the keys it has: nothing is copied, nothing renumbered. What
must be unique over all years is held by two narrow tables that triggers keep (`incidents/models/keys.py`).
"""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

import ssi.db
import ssi.eui64
from ssi.partitions import keep_years, keys_of

TABLE = "incidents_installcoderequest"
BEFORE = f"{TABLE}_before"
AHEAD = 1
OPEN = "('new', 'assigned', 'answered', 'with_service_desk')"

INDEXES = f"""
SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = '{TABLE}'::regclass AND NOT indisunique ORDER BY relname
"""  # noqa: S608 - ours
FOREIGN_KEYS = f"""
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND {{}} = '{TABLE}'::regclass ORDER BY conrelid, conname
"""  # noqa: S608 - ours

DROP_UNIQUE = f"""
ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_reference_key;
DROP INDEX one_open_request_per_raising_party_and_device, {TABLE}_reference_8e294da2_like;
"""
PUT_ASIDE = f"""
ALTER TABLE {TABLE} ALTER COLUMN id DROP IDENTITY;
ALTER TABLE {TABLE} RENAME TO {BEFORE};
ALTER INDEX {TABLE}_pkey RENAME TO {BEFORE}_pkey;
"""
# The year is that of London. The numbers go on through all years; there are 10^12 of them.
CREATE = f"""
CREATE TABLE {TABLE} (LIKE {BEFORE} INCLUDING CONSTRAINTS INCLUDING STORAGE) PARTITION BY RANGE (id);
CREATE SEQUENCE {TABLE}_id_seq AS bigint MAXVALUE 999999999999 START WITH {{}} OWNED BY {TABLE}.id;
CREATE FUNCTION {TABLE}_new_id() RETURNS bigint LANGUAGE sql VOLATILE RETURN
    (extract(year FROM now() AT TIME ZONE 'Europe/London')::bigint - 2000) * 1000000000000
    + nextval('{TABLE}_id_seq');
ALTER TABLE {TABLE} ALTER COLUMN id SET DEFAULT {TABLE}_new_id();
ALTER TABLE {TABLE} ADD PRIMARY KEY (id);
"""
NARROW = f"""
CREATE TABLE incidents_requestreference (reference varchar(15) NOT NULL, request_id bigint NOT NULL);
CREATE TABLE incidents_openrequest (
    raised_by_party_id bigint NOT NULL, device_id bigint NOT NULL, request_id bigint NOT NULL
);
INSERT INTO incidents_requestreference SELECT reference, id FROM {BEFORE} ORDER BY reference;
INSERT INTO incidents_openrequest SELECT raised_by_party_id, device_id, id FROM {BEFORE} WHERE state IN {OPEN}
    ORDER BY raised_by_party_id, device_id;
ALTER TABLE incidents_requestreference ADD CONSTRAINT {TABLE}_reference_key PRIMARY KEY (reference);
ALTER TABLE incidents_openrequest ADD CONSTRAINT one_open_request_per_raising_party_and_device
    PRIMARY KEY (raised_by_party_id, device_id);
"""  # noqa: S608 - ours

# Rows come sorted into the second table, so that no two who raise many wait for each other. Moves are rare beside
# other updates, so they alone call a function, row by row. To delete, the keys are asked for each row, however
# little the planner knows of how many there are.
TRIGGERS = f"""
CREATE FUNCTION {TABLE}_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incidents_requestreference (reference, request_id) SELECT reference, id FROM added;
    INSERT INTO incidents_openrequest (raised_by_party_id, device_id, request_id)
    SELECT raised_by_party_id, device_id, id FROM added WHERE state IN {OPEN}
    ORDER BY raised_by_party_id, device_id;
    RETURN NULL;
END $$;
CREATE TRIGGER keys_of_added AFTER INSERT ON {TABLE} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_added();

CREATE FUNCTION {TABLE}_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.reference <> NEW.reference THEN
        UPDATE incidents_requestreference SET reference = NEW.reference WHERE reference = OLD.reference;
    END IF;
    IF OLD.state IN {OPEN} THEN
        DELETE FROM incidents_openrequest
        WHERE raised_by_party_id = OLD.raised_by_party_id AND device_id = OLD.device_id;
    END IF;
    IF NEW.state IN {OPEN} THEN
        INSERT INTO incidents_openrequest (raised_by_party_id, device_id, request_id)
        VALUES (NEW.raised_by_party_id, NEW.device_id, NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keys_of_moved
    AFTER UPDATE OF state, reference, raised_by_party_id, device_id ON {TABLE} FOR EACH ROW
    WHEN ((OLD.state IN {OPEN}) <> (NEW.state IN {OPEN}) OR OLD.reference <> NEW.reference
        OR OLD.raised_by_party_id <> NEW.raised_by_party_id OR OLD.device_id <> NEW.device_id)
    EXECUTE FUNCTION {TABLE}_moved();

CREATE FUNCTION {TABLE}_removed() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off AS $$
BEGIN
    DELETE FROM incidents_openrequest one USING removed
    WHERE one.raised_by_party_id = removed.raised_by_party_id AND one.device_id = removed.device_id
        AND one.request_id = removed.id;
    DELETE FROM incidents_requestreference one USING removed WHERE one.reference = removed.reference;
    RETURN NULL;
END $$;
CREATE TRIGGER keys_of_removed AFTER DELETE ON {TABLE} REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_removed();

CREATE FUNCTION {TABLE}_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM incidents_openrequest;
    DELETE FROM incidents_requestreference;
    RETURN NULL;
END $$;
CREATE TRIGGER keys_of_emptied AFTER TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_emptied();
"""  # noqa: S608 - ours


def into_years(apps, schema_editor):
    """Put a table in partitions where the requests were, the requests into it, and their keys beside it."""
    today = timezone.localdate()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"SELECT nextval(pg_get_serial_sequence('{TABLE}', 'id')), max(id) FROM {TABLE}")  # noqa: S608 - ours
        next_key, last = cursor.fetchone()
        cursor.execute(DROP_UNIQUE)
        indexes = _rows(cursor, INDEXES)
        outgoing, incoming = (_rows(cursor, FOREIGN_KEYS.format(end)) for end in ("conrelid", "confrelid"))
        for table, name, _ in incoming:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(PUT_ASIDE)
        cursor.execute(CREATE.format(next_key))
        for name, statement in indexes:
            cursor.execute(f"ALTER INDEX {name} RENAME TO {name}_before")
            cursor.execute(statement)
        cursor.execute(NARROW)
        for _, name, key in outgoing:
            cursor.execute(f"ALTER TABLE {TABLE} ADD CONSTRAINT {name} {key}")
        _put_before(cursor, last)
        cursor.execute(
            f"CREATE TABLE {TABLE}_rest PARTITION OF {TABLE} FOR VALUES FROM ({keys_of(today)}) TO (MAXVALUE)"
        )
        for table, name, key in incoming:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {key}")
        cursor.execute(TRIGGERS)
    keep_years(TABLE, today=today, back=0, ahead=AHEAD)


def _rows(cursor, query):
    cursor.execute(query)
    return cursor.fetchall()


def _put_before(cursor, last):
    """Attach the table of before, whose keys are small; an empty one goes."""
    if last is None:
        cursor.execute(f"DROP TABLE {BEFORE}")
    else:
        cursor.execute(
            f"ALTER TABLE {TABLE} ATTACH PARTITION {BEFORE} FOR VALUES FROM (MINVALUE) TO (1000000000000)"
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("incidents", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(
                    model_name="installcoderequest", name="one_open_request_per_raising_party_and_device"
                ),
                migrations.AlterField(
                    model_name="installcoderequest",
                    name="reference",
                    field=models.CharField(default=ssi.db.new_reference, editable=False, max_length=15),
                ),
                migrations.CreateModel(
                    name="RequestReference",
                    fields=[
                        ("reference", models.CharField(max_length=15, primary_key=True, serialize=False)),
                        (
                            "request",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.installcoderequest",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="OpenRequest",
                    fields=[
                        (
                            "request",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="incidents.installcoderequest",
                            ),
                        ),
                        ("device_id", ssi.eui64.Eui64Field(verbose_name="Device ID")),
                        (
                            "raised_by_party",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.party",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("raised_by_party", "device_id"),
                                name="one_open_request_per_raising_party_and_device",
                            )
                        ],
                    },
                ),
            ],
            database_operations=[migrations.RunPython(into_years)],
        ),
    ]
