"""The embedded servers, for real: they start, keep data, die with their owner and come back."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from ssi import embedded
from ssi.embedded import binaries, processes
from ssi.embedded.postgres import PostgresDidNotStart, PrivateFolderTaken
from ssi.embedded.servers import needs_no_database

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture(autouse=True)
def no_servers_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SSI_SECRET_KEY", "SSI_CODE_KEYS", "SSI_RECEIPT_KEY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("SSI_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def servers() -> Iterator[embedded.Servers]:
    servers = embedded.Servers(embedded.data_dir(), durable=False)
    assert servers.own("a test")
    yield servers
    servers.stop()


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def wait_until_gone(*pids: int) -> None:
    deadline = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, pids))


def write(number: int) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def read() -> list[int]:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM kept ORDER BY number")]


def restart(servers: embedded.Servers) -> None:
    os.environ["DATABASE_URL"] = os.environ["REDIS_URL"] = ""
    servers.start()


def run_command(code: str, **environment: str) -> subprocess.Popen[str]:
    """Run Python code inside `environment_for_command`, as manage.py does."""
    program = (
        "import os, sys, time, psycopg\nfrom ssi import embedded\n"
        f"with embedded.environment_for_command(['manage.py', 'migrate']):\n    {code}\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        cwd=embedded.ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_both_servers_answer_and_data_outlives_them(servers: embedded.Servers) -> None:
    servers.start()
    write(1)
    assert redis.from_url(os.environ["REDIS_URL"]).ping()
    assert servers.postgres.process
    assert servers.valkey.process
    pids = servers.postgres.process.pid, servers.valkey.process.pid
    servers.stop()
    wait_until_gone(*pids)
    assert not servers.postgres.socket_folder.exists()
    assert servers.own("a test")
    restart(servers)
    assert read() == [1]


def test_servers_of_the_environment_are_used_as_they_are(
    servers: embedded.Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example/ssi")
    monkeypatch.setenv("REDIS_URL", "redis://broker.example/0")
    servers.start()
    assert servers.postgres.process is None
    assert servers.valkey.process is None
    assert os.environ["DATABASE_URL"] == "postgres://db.example/ssi"


def test_the_database_has_no_network_port_and_a_private_socket(servers: embedded.Servers) -> None:
    servers.start()
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT upper('\u00e4')").fetchone() == ("\u00c4",)
    assert stat.S_IMODE(servers.postgres.socket_folder.stat().st_mode) == 0o700


def test_durability_is_on_unless_the_data_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    servers = embedded.Servers(tmp_path)
    servers.start()
    try:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
    finally:
        servers.stop()


def test_the_broker_refuses_whoever_has_no_password(servers: embedded.Servers) -> None:
    servers.start()
    without = os.environ["REDIS_URL"].split("@")[1]
    with pytest.raises(redis.AuthenticationError):
        redis.from_url(f"redis://{without}").ping()
    for name in ("valkey.conf", "url"):
        assert stat.S_IMODE((servers.valkey.folder / name).stat().st_mode) == 0o600


def test_a_second_owner_is_told_who_is_first(servers: embedded.Servers) -> None:
    second = embedded.Servers(servers.folder)
    assert not second.own("another")
    refusal = second.refuse_second()
    assert "already in use by a test (process" in refusal.message
    assert "SSI_DATA_DIR=" in refusal.way_out


def test_a_killed_server_recovers_what_was_committed(servers: embedded.Servers) -> None:
    servers.postgres.durable = True
    servers.start()
    write(7)
    assert servers.postgres.process
    servers.postgres.process.kill()
    servers.postgres.process.wait()
    restart(servers)
    assert read() == [7]


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_hindrance(servers: embedded.Servers) -> None:
    servers.start()
    servers.stop()
    stale = servers.postgres.folder / "cluster" / "postmaster.pid"
    stale.write_text(f"{os.getppid()}\n{stale.parent}\n0\n5432\n/tmp\n\n0 0\nready\n")
    restart(servers)
    assert servers.postgres.answers()


def test_when_the_owner_is_killed_its_servers_end_and_the_next_owner_finds_the_data() -> None:
    owner = run_command(
        "c = psycopg.connect(os.environ['DATABASE_URL']); c.execute('CREATE TABLE kept AS SELECT 5 AS number'); "
        "c.commit(); print('up', flush=True); time.sleep(60)"
    )
    assert owner.stdout
    assert owner.stdout.readline() == "up\n"
    children = [child.pid for child in psutil.Process(owner.pid).children(recursive=True)]
    assert len(children) > 2
    owner.kill()
    owner.communicate()
    servers = embedded.Servers(embedded.data_dir(), durable=False)
    assert servers.own("a test")
    try:
        servers.start()
        wait_until_gone(*children)
        assert read() == [5]
    finally:
        servers.stop()


def test_a_server_left_without_its_owner_is_ended_first(servers: embedded.Servers) -> None:
    servers.start()
    left = servers.postgres.process
    assert left
    servers.postgres.process = None
    restart(servers)
    assert left.wait(10) == 0
    assert servers.postgres.answers()


def test_half_made_clusters_are_made_again(servers: embedded.Servers) -> None:
    (servers.postgres.folder / "cluster.new").mkdir(parents=True)
    (servers.postgres.folder / "cluster.new" / "PG_VERSION").write_text("18")
    servers.start()
    assert servers.postgres.answers()


def test_a_long_path_still_has_a_short_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    monkeypatch.setenv("SSI_DATA_DIR", str(deep / "data"))
    servers = embedded.Servers(embedded.data_dir(), durable=False)
    assert servers.own("a test")
    try:
        servers.start()
        assert servers.postgres.socket_folder.parent == Path("/tmp")
        assert servers.postgres.answers()
    finally:
        servers.stop()


@pytest.mark.parametrize("name", ["with spaces", "déjà vu", 'quo"ted', "it's", "50%", "a,b", "a\\b"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("SSI_DATA_DIR", str(tmp_path / name))
    servers = embedded.Servers(embedded.data_dir(), durable=False)
    try:
        servers.start()
        write(1)
        assert redis.from_url(os.environ["REDIS_URL"]).ping()
    finally:
        servers.stop()


def test_a_socket_folder_that_others_may_enter_is_refused(servers: embedded.Servers) -> None:
    servers.postgres.socket_folder.mkdir()
    servers.postgres.socket_folder.chmod(0o777)
    try:
        with pytest.raises(PrivateFolderTaken):
            servers.start()
    finally:
        servers.postgres.socket_folder.rmdir()


@needs_root
def test_root_runs_the_servers_without_roots_rights(servers: embedded.Servers) -> None:
    servers.start()
    assert servers.postgres.process
    rights = Path(f"/proc/{servers.postgres.process.pid}/uid_map").read_text()
    assert rights.strip() == ""  # a user namespace in which nobody, root included, is anybody


@needs_root
def test_files_change_hands_where_namespaces_are_gone(
    servers: embedded.Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers.start()
    write(4)
    servers.stop()
    monkeypatch.setattr(processes, "_may_have_namespace", lambda: False)
    restart(servers)
    assert read() == [4]


@needs_root
def test_root_becomes_nobody_where_there_are_no_user_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_may_have_namespace", lambda: False)
    folder = Path(tempfile.mkdtemp())  # private to root, as a home or a scratch folder is
    monkeypatch.setenv("SSI_DATA_DIR", str(folder / "data"))
    servers = embedded.Servers(embedded.data_dir(), durable=False)
    assert servers.own("a test")
    try:
        servers.start()
        write(3)
        assert servers.postgres.process
        assert psutil.Process(servers.postgres.process.pid).username() == "nobody"
        servers.stop()
        monkeypatch.undo()
        monkeypatch.setenv("DATABASE_URL", "")
        restart(servers)  # its files are nobody's now, so nobody runs it
        assert psutil.Process(servers.postgres.process.pid).username() == "nobody"
        assert read() == [3]
    finally:
        servers.stop()
        shutil.rmtree(folder)


def test_the_systems_programs_serve_where_the_wheels_do_not(
    servers: embedded.Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_wheel_postgres_folders", list)
    try:
        system = binaries.find_postgres()
    except binaries.NoPostgres:
        pytest.skip("this machine has no PostgreSQL of its own")
    servers.start()
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.info.server_version // 10_000 == system.major


def test_without_any_program_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_wheel_valkeys", list)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(binaries.NoValkey, match="set REDIS_URL"):
        binaries.find_valkey()
    with pytest.raises(binaries.NoPostgres, match="PostgreSQL 9 was found"):
        binaries.find_postgres(9)


def test_a_start_that_fails_says_what_the_server_said(servers: embedded.Servers) -> None:
    servers.start()
    servers.stop()
    (servers.postgres.folder / "cluster" / "postgresql.conf").write_text("no_such_setting = on\n")
    os.environ["DATABASE_URL"] = ""
    with pytest.raises(PostgresDidNotStart, match=r"postgres\.log"):
        servers.start()


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SSI_DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(embedded.DataFolderUnusable, match="Set SSI_DATA_DIR"):
        embedded.data_dir()


def test_a_command_starts_the_sleeping_servers_and_prints_only_its_own_words() -> None:
    command = run_command("print('token')")
    out, err = command.communicate(timeout=60)
    assert (out, err, command.returncode) == ("token\n", "", 0)


def test_the_owner_waits_for_commands_that_use_its_database() -> None:
    first = run_command("print('up', flush=True); input()")
    assert first.stdout
    assert first.stderr
    assert first.stdout.readline() == "up\n"
    second = run_command(
        "print('in', flush=True); input(); print(psycopg.connect(os.environ['DATABASE_URL']).info.dbname)"
    )
    assert second.stdout
    assert second.stdout.readline() == "in\n"
    assert first.stdin
    first.stdin.write("\n")
    first.stdin.flush()
    assert "still uses the database" in first.stderr.readline()
    out, err = second.communicate("\n", timeout=60)
    assert (out, second.returncode) == ("ssi\n", 0), err
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_a_command_visits_the_servers_that_run(servers: embedded.Servers) -> None:
    servers.start()
    write(11)
    command = run_command(
        "print(psycopg.connect(os.environ['DATABASE_URL']).execute('SELECT * FROM kept').fetchall())",
        DATABASE_URL="",
        REDIS_URL="",
    )
    out, err = command.communicate(timeout=60)
    assert (out, command.returncode) == ("[(11,)]\n", 0), err
    assert servers.postgres.answers()


def test_a_command_stopped_by_a_signal_leaves_no_server() -> None:
    command = run_command("print('up', flush=True); time.sleep(60)")
    assert command.stdout
    assert command.stdout.readline() == "up\n"
    children = [child.pid for child in psutil.Process(command.pid).children(recursive=True)]
    command.send_signal(signal.SIGTERM)
    command.communicate()
    wait_until_gone(*children)
    shutil.rmtree(embedded.Servers(embedded.data_dir()).postgres.socket_folder)


@pytest.mark.parametrize("words", [[], ["help"], ["migrate", "--help"], ["import_duis", "-h"], ["--version"]])
def test_commands_that_need_no_database_start_none(words: list[str]) -> None:
    assert needs_no_database(["manage.py", *words])


def test_commands_that_need_the_database_get_it() -> None:
    assert not needs_no_database(["manage.py", "migrate"])
