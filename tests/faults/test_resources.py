"""The warehouse goes away or is full in the midst of a load: told in bounded time; the next run makes it good."""

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from support.commands import touchline
from support.deliveries import SALES, Deliveries, sales
from support.network import Proxy, proxy
from touchline import pg_binaries, warehouse
from touchline.errors import TouchlineError
from touchline.server import PORT, EmbeddedServer
from touchline.settings import Settings
from touchline.warehouse import PATIENCE, Role

RECORDS = 60_000
MIDST = 2_000_000
"""Bytes; COPY sends about 150 for each of the records."""
IMPATIENT = {"keepalives_idle": "1", "keepalives_interval": "1", "keepalives_count": "2", "tcp_user_timeout": "3000"}
FAR_TOO_LONG = 120
"""Seconds; kernels give up a silent connection after 2 hours (waiting) or 15 minutes (sending)."""


def socket_of(server: EmbeddedServer) -> Path:
    return server.socket_dir / f".s.PGSQL.{PORT}"


def through(entry: Proxy, deliveries: Deliveries, **options: str) -> Deliveries:
    """The same warehouse, reached over TCP."""
    assert deliveries.settings.database_url is not None
    url = make_url(deliveries.settings.database_url.get_secret_value())
    query = {key: value for key, value in url.query.items() if key not in ("host", "port")}
    url = url.set(host="127.0.0.1", port=entry.port, query=query | options)
    database_url = SecretStr(url.render_as_string(hide_password=False))
    return Deliveries(deliveries.settings.model_copy(update={"database_url": database_url}))


def error_of(action: Callable[[], object]) -> str:
    """What a failing action says; it fails within bounds, or the test does."""
    told: list[str] = []

    def attempt() -> None:
        try:
            action()
        except TouchlineError as error:
            told.append(str(error))

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(FAR_TOO_LONG)
    assert not thread.is_alive(), "it hangs"
    assert told, "it did not fail with a TouchlineError"
    return told[0]


def loads_whole(deliveries: Deliveries) -> None:
    """An ordinary next run loads every record; nothing of the failed attempt is left."""
    assert deliveries.rows("select (select count(*) from raw.pos_transactions), (select count(*) from ops.loads)") == [
        (0, 0)
    ]
    [outcome] = deliveries.land()
    assert (outcome.state, outcome.is_new, outcome.loaded) == ("loaded", True, RECORDS)
    assert deliveries.rows("select count(*), count(distinct transaction_id) from raw.pos_transactions") == [
        (RECORDS, RECORDS)
    ]


@pytest.fixture
def till(deliveries: Deliveries) -> Deliveries:
    deliveries.add_source("till", "pos", "transactions")
    deliveries.put("till/a.csv", SALES + sales(RECORDS))
    return deliveries


class TestHalfOpenConnection:
    def test_a_load_whose_server_fell_silent_ends_with_a_clear_error(
        self, till: Deliveries, embedded_server: EmbeddedServer
    ) -> None:
        with proxy(socket_of(embedded_server), MIDST, Proxy.fall_silent) as entry:
            told = error_of(through(entry, till, **IMPATIENT).land)
        assert told.startswith("The connection to the warehouse was lost: ")
        assert "Where: while till/a.csv was loaded" in told
        assert "then run again: what was under way has left nothing behind" in told
        loads_whole(till)

    def test_waiting_for_an_answer_ends_too(self, till: Deliveries, embedded_server: EmbeddedServer) -> None:
        """Nothing is under way that could be missed: only keep-alive packets notice."""
        with proxy(socket_of(embedded_server)) as entry:
            settings = through(entry, till, **IMPATIENT).settings

            def wait() -> None:
                try:
                    with warehouse.engine(settings).connect() as connection:
                        threading.Timer(1, entry.fall_silent).start()
                        connection.exec_driver_sql("select pg_sleep(3600)")
                except Exception as error:
                    raise warehouse.lost(error, "here") from error

            assert "Connection timed out" in error_of(wait)

    def test_a_server_that_takes_connections_and_says_nothing_is_told(
        self, till: Deliveries, embedded_server: EmbeddedServer
    ) -> None:
        with proxy(socket_of(embedded_server)) as entry:
            entry.fall_silent()
            settings = through(entry, till, connect_timeout="2").settings
            assert "The warehouse does not answer" in error_of(lambda: warehouse.ensure_server(settings))

    @pytest.mark.parametrize("role", [None, *Role])
    def test_both_ends_are_patient_for_a_minute_and_what_a_url_says_wins(
        self, settings: Settings, role: Role | None
    ) -> None:
        query = warehouse.database_url(settings, role).query
        assert {name: query[name] for name in PATIENCE} == PATIENCE
        assert "tcp_keepalives_idle=30" in query["options"]
        url = "postgresql://u@h/d?connect_timeout=99&options=-c%20work_mem%3D1MB"
        given = settings.model_copy(update={"database_url": SecretStr(url)})
        own = warehouse.database_url(given, role).query
        assert (own["connect_timeout"], "-c work_mem=1MB" in own["options"]) == ("99", True)

    def test_sessions_work_under_their_role_all_the_same(self, settings: Settings) -> None:
        with warehouse.engine(settings, Role.LOADER).connect() as connection:
            assert connection.exec_driver_sql("select current_user").scalar() == "touchline_loader"


class TestRestartOfTheDatabase:
    @pytest.fixture
    def server(self) -> Iterator[EmbeddedServer]:
        folder = Path(tempfile.mkdtemp(prefix="touchline-test-"))
        folder.chmod(0o711)
        server = EmbeddedServer(folder / "home")
        server.start()
        yield server
        server.stop("immediate")
        shutil.rmtree(folder)

    def test_a_load_is_lost_as_a_whole_and_made_good(self, server: EmbeddedServer, tmp_path: Path) -> None:
        """First an orderly restart in the midst of COPY, then a crash."""
        server.create_database("touchline")
        settings = Settings(home=tmp_path / "home", database_url=SecretStr(server.url("touchline")))
        warehouse.migrate(settings)
        till = Deliveries.of(settings, tmp_path)
        till.add_source("till", "pos", "transactions")
        till.put("till/a.csv", SALES + sales(RECORDS))
        modes = []
        for mode in ("fast", "immediate"):
            is_back = threading.Event()

            def restart(_: Proxy, mode: str = mode, is_back: threading.Event = is_back) -> None:
                server.stop(mode)  # type: ignore[arg-type]
                server.start()
                modes.append(mode)
                is_back.set()

            with proxy(socket_of(server), MIDST, restart) as entry:
                told = error_of(through(entry, till).land)
            assert told.startswith("The connection to the warehouse was lost: ")
            assert "Where: while till/a.csv was loaded" in told
            # The load knows at once that its server is gone, and need not wait for the next one.
            assert is_back.wait(FAR_TOO_LONG)
        assert modes == ["fast", "immediate"]
        loads_whole(till)


class TestNoSpaceLeft:
    @pytest.fixture
    def disk(self) -> Iterator[Path]:
        """A file system of its own, in memory."""
        folder = Path(tempfile.mkdtemp(prefix="touchline-test-"))
        folder.chmod(0o755)
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(folder)], capture_output=True)
        if made.returncode != 0:
            folder.rmdir()
            pytest.skip(f"mounting a small file system is not allowed here: {made.stderr.decode().strip()}")
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()

    @pytest.fixture
    def small(self, disk: Path, embedded_server: EmbeddedServer, tmp_path: Path) -> Iterator[Deliveries]:
        """A warehouse whose tables lie on that disk, with 2 MiB left."""
        place = disk / "tables"
        place.mkdir(mode=0o700)
        binaries = pg_binaries.find_binaries(embedded_server.data)
        pg_binaries.choose_account(embedded_server.home, binaries).own(place)
        admin = embedded_server.url("postgres").replace("+psycopg", "")
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"create tablespace small location '{place}'")
            connection.execute("create database small tablespace small")
            settings = Settings(home=tmp_path / "home", database_url=SecretStr(embedded_server.url("small")))
            warehouse.migrate(settings)
            used = sum(file.stat().st_size for file in disk.rglob("*") if file.is_file())
            resize(disk, used + (2 << 20))
            yield Deliveries.of(settings, tmp_path)
            connection.execute("drop database small with (force)")
            connection.execute("drop tablespace small")

    def test_a_full_disk_is_told_and_made_good(self, small: Deliveries, disk: Path) -> None:
        small.add_source("till", "pos", "transactions")
        small.put("till/a.csv", SALES + sales(RECORDS))
        told = error_of(small.land)
        assert told.startswith("The warehouse has no space left: ")
        assert "Where: while till/a.csv was loaded" in told
        assert "free space on its disk, then run again" in told
        done = touchline(small.settings, "run")
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert "The warehouse has no space left" in " ".join(done.stderr.split())
        resize(disk, 256 << 20)
        loads_whole(small)

    def test_a_full_disk_of_our_own_is_told(self, disk: Path, settings: Settings) -> None:
        resize(disk, 1 << 20)
        done = touchline(settings, "generate", "--out", str(disk / "exports"), "--customers", "2000")
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert "No space left on device" in " ".join(done.stderr.split())


def resize(disk: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)
