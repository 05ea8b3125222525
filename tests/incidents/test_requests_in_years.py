"""The Requests for Install Code in years: upgraded without a copy, unique over all years, newest first at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import IntegrityError, connection, transaction
from structlog.testing import capture_logs

from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests.raising import AlreadyRequested
from incidents.models import InstallCodeRequest, InstallCodeRequestEvent, OpenRequest, RequestReference
from incidents.models.choices import OPEN_STATES, State
from incidents.models.keys import is_taken
from incidents.partitions import TABLES
from ssi.accounts.models import Person
from ssi.partitions import KEYS_A_YEAR, keep_years, tend_one
from tests.factories.accounts import UserIdFactory
from tests.factories.incidents import raised, request_in
from tests.personas import actor_of
from tests.schemas import as_before, run

migration = import_module("incidents.migrations.0002_requests_in_years")
TABLE = InstallCodeRequest._meta.db_table
(REQUESTS,) = TABLES
OLD = ("incidents", "0001_initial")
CHILDREN = ("InstallCodeRequestEvent", "Obligation", "Contradiction", "EscrowRelease")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REFERENCE_KEY = f"{TABLE}_reference_key"
ONE_OPEN = "one_open_request_per_raising_party_and_device"


def where(key: int) -> str:
    ((name,),) = run(f"SELECT tableoid::regclass::text FROM {TABLE} WHERE id = {key}")
    return str(name).removeprefix(f"{TABLE}_")


def keys_beside() -> tuple[set[tuple[str, int]], set[tuple[int, int, int]]]:
    """Return what the narrow tables hold."""
    return (
        {(each.reference, each.request_id) for each in RequestReference.objects.all()},
        {
            (each.raised_by_party_id, each.device_id.as_bigint, each.request_id)
            for each in OpenRequest.objects.all()
        },
    )


def keys_wanted() -> tuple[set[tuple[str, int]], set[tuple[int, int, int]]]:
    """Return what they should hold."""
    requests = list(InstallCodeRequest.objects.all())
    return (
        {(each.reference, each.pk) for each in requests},
        {(each.raised_by_party_id, each.device_id.as_bigint, each.pk) for each in requests if each.is_open},
    )


def constraint_of(clash: IntegrityError) -> str:
    return str(clash.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def copy_of(request: InstallCodeRequest, **changed: Any) -> InstallCodeRequest:
    """Return a request like another, not saved, with a key and reference of its own unless they are given."""
    facts = {field.attname: getattr(request, field.attname) for field in request._meta.concrete_fields[1:]}
    return InstallCodeRequest(**facts | {"reference": "INC000000000009"} | changed)


# --- The upgrade -----------------------------------------------------------------------------------


@pytest.fixture
def before(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Apps]:
    """Make the tables as they were, on a day of 2026."""
    monkeypatch.setattr(migration.timezone, "localdate", lambda at=NOW: at.date())
    with as_before(OLD, "InstallCodeRequest", *CHILDREN) as apps:
        yield apps


def old_request(apps: Apps, device_id: str, state: str, number: int) -> Any:
    raiser, asked = UserIdFactory.create(), UserIdFactory.create()
    return apps.get_model("incidents", "InstallCodeRequest").objects.create(
        reference=f"INC{number:012d}",
        state=state,
        device_id=device_id,
        device_type=1,
        raised_by_id=raiser.pk,
        raised_by_party_id=raiser.party_id,
        raised_in_role="IS",
        responsibility_claimed_at=NOW,
        assigned_to_id=asked.pk,
    )


def upgrade() -> None:
    with connection.schema_editor() as editor:
        migration.into_years(None, editor)


def test_requests_become_the_partition_of_what_was_before(before: Apps) -> None:
    old = [
        old_request(before, f"90-B3-D5-1F-30-01-00-0{number}", state, number)
        for number, state in enumerate((*OPEN_STATES, "closed", "withdrawn"))
    ]
    step = before.get_model("incidents", "InstallCodeRequestEvent").objects.create(
        request_id=old[0].pk, event="raised", party_name="x"
    )
    ((file,),) = run(f"SELECT pg_relation_filenode('{TABLE}')")
    upgrade()
    assert run(f"SELECT pg_relation_filenode('{TABLE}_before')") == [(file,)]
    assert {where(each.pk) for each in old} == {"before"}
    assert keys_beside() == keys_wanted()
    assert InstallCodeRequestEvent.objects.get(pk=step.pk).request_id == old[0].pk
    run("SET CONSTRAINTS ALL IMMEDIATE")
    new = copy_of(InstallCodeRequest.objects.get(pk=old[4].pk), state=State.CLOSED)
    new.save(force_insert=True)
    assert where(new.pk) == f"{2000 + new.pk // KEYS_A_YEAR}"
    assert new.pk % KEYS_A_YEAR > max(each.pk for each in old)
    with pytest.raises(IntegrityError), transaction.atomic():
        InstallCodeRequestEvent.objects.create(request_id=12345, event="raised", party_name="x")
    for request in InstallCodeRequest.objects.filter(
        pk__in=[each.pk for each in old if each.state in OPEN_STATES]
    ):
        with pytest.raises(IntegrityError) as clash, transaction.atomic():
            copy_of(request).save(force_insert=True)
        assert constraint_of(clash.value) == REFERENCE_KEY  # the copies share the new one's reference
        with pytest.raises(IntegrityError) as clash, transaction.atomic():
            copy_of(request, reference="INC000000000077").save(force_insert=True)
        assert constraint_of(clash.value) == ONE_OPEN


def test_an_upgraded_table_is_as_a_new_one(before: Apps) -> None:
    """Same indexes, constraints, defaults and triggers, but for the partition of before."""
    old_request(before, "90-B3-D5-1F-30-01-00-07", "closed", 1)
    upgrade()
    assert shape_of("before") == shape_of("public")
    ((valid,),) = run(f"SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = 'before.{TABLE}'::regclass")
    assert valid


def shape_of(schema: str) -> list[str]:
    """Return the indexes, constraints, default and triggers of a schema's table, and the keys that lead to it."""
    table = f"'{schema}.{TABLE}'::regclass"
    rows = run(
        f"SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = {table}"
        " UNION ALL SELECT conname || conrelid::regclass || convalidated || pg_get_constraintdef(oid)"
        f"  FROM pg_constraint WHERE {table} IN (conrelid, confrelid) AND conparentid = 0"
        f"  AND NOT pg_get_constraintdef(oid) ~ '(escrowedcode|sealed)' "
        f" UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = {table} AND NOT tgisinternal"
        f" UNION ALL SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = {table}"
    )
    return sorted(str(row).replace("before.", "").replace("public.", "") for (row,) in rows)


def test_a_new_table_has_years_alone(before: Apps) -> None:
    upgrade()
    found = run(f"SELECT relid::regclass::text FROM pg_partition_tree('{TABLE}') WHERE isleaf ORDER BY 1")
    assert [name for (name,) in found] == [f"{TABLE}_{part}" for part in ("2026", "2027", "rest")]


# --- Unique over all years -------------------------------------------------------------------------


def last_year(request: InstallCodeRequest) -> InstallCodeRequest:
    """Put a request back by a year, with all that belongs to it."""
    day = date(2000 + request.pk // KEYS_A_YEAR, 1, 1)
    keep_years(TABLE, today=day, back=1, ahead=0)
    old = copy_of(request, id=request.pk - KEYS_A_YEAR, reference=request.reference)
    InstallCodeRequest.objects.filter(pk=request.pk).delete()
    old.save(force_insert=True)
    return old


@pytest.mark.django_db
def test_who_has_one_open_since_last_year_is_refused_another(gina: Person, ivan: Person) -> None:
    old = last_year(raised(gina, ivan))
    with pytest.raises(AlreadyRequested) as refusal:
        actions.raise_one(device_id=old.device_id, by=actor_of(gina))
    assert refusal.value.facts["reference"] == old.reference
    assert keys_beside() == keys_wanted()


@pytest.mark.django_db
def test_the_database_itself_refuses_it_under_the_names_that_are_caught(gina: Person, ivan: Person) -> None:
    old = last_year(raised(gina, ivan))
    for changed, name in (({"reference": old.reference, "state": State.CLOSED}, REFERENCE_KEY), ({}, ONE_OPEN)):
        with pytest.raises(IntegrityError) as clash, transaction.atomic():
            copy_of(old, **changed).save(force_insert=True)
        assert constraint_of(clash.value) == name
        assert is_taken(clash.value)


@pytest.mark.django_db
def test_another_constraint_is_not_taken_for_one_of_them(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    with pytest.raises(IntegrityError) as clash, transaction.atomic():
        copy_of(request, state=State.CLOSED, assigned_to_id=request.raised_by_id).save(force_insert=True)
    assert not is_taken(clash.value)


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
def test_keys_follow_every_move(gina: Person, ivan: Person, state: State) -> None:
    request = request_in(state, gina, ivan) if state != State.NEW else raised(gina, ivan)
    assert keys_beside() == keys_wanted()
    InstallCodeRequest.objects.filter(pk=request.pk).update(state="with_service_desk")
    assert keys_beside() == keys_wanted()
    InstallCodeRequest.objects.filter(pk=request.pk).update(state="closed", reference="INC000000000123")
    assert keys_beside() == keys_wanted()
    InstallCodeRequest.objects.all().delete()
    assert keys_beside() == (set(), set())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("changed", "name"),
    [({"reference": "INC000000000055", "state": State.CLOSED}, REFERENCE_KEY), ({}, ONE_OPEN)],
)
def test_of_two_sessions_one_wins_though_in_other_years(
    gina: Person, ivan: Person, changed: dict[str, Any], name: str
) -> None:
    old = raised(gina, ivan)
    keep_years(TABLE, today=date(2000 + old.pk // KEYS_A_YEAR, 1, 1), back=1, ahead=0)
    InstallCodeRequest.objects.filter(pk=old.pk).update(state="closed")
    ours = {"id": old.pk + 1, "reference": "INC000000000001", "state": State.ASSIGNED}
    theirs = {"id": old.pk - KEYS_A_YEAR, "reference": "INC000000000002", "state": State.ASSIGNED}
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            copy_of(old, **ours | changed).save(force_insert=True)
            other = pool.submit(_in_a_session, copy_of(old, **theirs | changed).save)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.3)
        clash = other.result()
    assert clash is not None
    assert constraint_of(clash) == name
    assert keys_beside() == keys_wanted()


def _in_a_session(save: Callable[..., None]) -> IntegrityError | None:
    try:
        save(force_insert=True)
    except IntegrityError as clash:
        return clash
    else:
        return None
    finally:
        connection.close()


# --- Found -----------------------------------------------------------------------------------------


@pytest.fixture
def three_years(gina: Person, ivan: Person) -> InstallCodeRequest:
    """Fill three years with closed requests like one; return it."""
    request = raised(gina, ivan)
    InstallCodeRequest.objects.filter(pk=request.pk).update(state="closed")
    keep_years(TABLE, today=date(2000 + request.pk // KEYS_A_YEAR, 1, 1), back=2, ahead=0)
    columns = ", ".join(str(field.column) for field in request._meta.concrete_fields[2:])
    run(
        f"INSERT INTO {TABLE} (id, reference, {columns})"
        f" SELECT id - year * {KEYS_A_YEAR} + 10 + n, 'INC' || lpad((year * 3000 + n)::text, 12, '0'), {columns}"
        f" FROM {TABLE}, generate_series(0, 2) year, generate_series(1, 3000) n"
    )
    run(f"ANALYZE {TABLE}")
    run("ANALYZE incidents_requestreference")
    return request


def leaves(plan: str) -> list[str]:
    """Return the lines of a plan that read a partition, unless they were never executed."""
    return [line for line in plan.splitlines() if f"on {TABLE}_" in line and "never executed" not in line]


def test_a_list_reads_the_newest_year_and_stops(three_years: InstallCodeRequest) -> None:
    mine = InstallCodeRequest.objects.filter(raised_by=three_years.raised_by_id).order_by("-id")[:50]
    plan = mine.explain(analyze=True)
    assert "Sort" not in plan
    assert "Merge Append" not in plan
    year = 2000 + three_years.pk // KEYS_A_YEAR
    assert [line for line in leaves(plan) if f"{TABLE}_{year}" in line]
    assert not [line for line in leaves(plan) if f"{TABLE}_{year - 1}" in line or f"{TABLE}_{year - 2}" in line]
    assert [each.pk for each in mine] == sorted((each.pk for each in mine), reverse=True)


@pytest.mark.parametrize("references", [1, 3])
def test_by_reference_only_the_years_of_those_named_are_looked_into(
    three_years: InstallCodeRequest, references: int
) -> None:
    for other_way in ("hashjoin", "mergejoin", "seqscan", "bitmapscan"):  # as good for 9,000 rows alone
        run(f"SET LOCAL enable_{other_way} = off")
    names = [f"INC{6000 + number:012d}" for number in range(1, references + 1)]
    found = InstallCodeRequest.objects.by_reference(*names)
    plan = found.explain(analyze=True)
    assert {each.reference for each in found} == set(names)
    (line,) = leaves(plan)
    assert f"{TABLE}_{2000 + three_years.pk // KEYS_A_YEAR - 2}" in line
    assert "Index" in line


# --- The clock -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_clock_makes_the_next_year_and_drops_none(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    tend_one(REQUESTS, date(2032, 11, 22))
    with capture_logs() as logs:
        done = tend_one(REQUESTS, date(2033, 1, 1))
    assert done is not None
    assert (done.made, done.dropped, done.strays) == ([f"{TABLE}_2034"], [], 0)
    assert [each["event"] for each in logs] == ["partitions"]
    assert InstallCodeRequest.objects.filter(pk=request.pk).exists()
