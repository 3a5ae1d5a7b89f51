"""The live system as a user has it: up, files into the landing folder, published marts, down, nothing left."""

import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from support.receivers import free_port
from touchline import queries, synthetic
from touchline.errors import TouchlineError
from touchline.orchestration import live, supervisor
from touchline.orchestration.airflow_home import AirflowHome
from touchline.server import EmbeddedServer
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 900
"""Only an end to waiting: the system answers in a minute or two on an idle laptop."""


@pytest.fixture
def settings() -> Iterator[Settings]:
    """A state folder that any account can reach, as a user's is."""
    folder = Path(tempfile.mkdtemp(prefix="touchline-live-"))
    folder.chmod(0o711)
    made = Settings(home=folder / "home", project_dir=ROOT)
    yield made
    live.down(made)
    shutil.rmtree(folder)


@pytest.fixture
def port() -> int:
    return free_port()


def wait_for(what: str, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"{what} did not come about"
        time.sleep(1)


def purchases(settings: Settings) -> int:
    """What a reader of the published marts counts; 0 before the first publication."""
    try:
        _, rows = queries.read(settings, "select count(*) from fct_transactions")
    except TouchlineError:
        return 0
    return int(rows[0][0])


def components(settings: Settings) -> dict[str, int]:
    return {name: item["pid"] for name, item in live.status(settings)["components"].items()}


def drop(settings: Settings, days: int) -> None:
    """Deliver exports as senders do: written elsewhere, then moved in whole."""
    with tempfile.TemporaryDirectory(dir=settings.home) as folder:
        made = synthetic.generate(Path(folder), seed=7, customers=100, days=days, end=date(2026, 6, 30))
        for file in made.files:
            target = settings.landing_dir / file.path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.path.rename(target)


def test_dropped_files_become_published_marts_without_another_command(settings: Settings, port: int) -> None:
    access = live.up(settings, port=port)
    assert access.url == f"http://127.0.0.1:{port}"
    assert stat.S_IMODE(access.password_file.stat().st_mode) == 0o600
    status = live.status(settings)
    assert status["is_healthy"]
    assert set(status["components"]) == set(supervisor.COMPONENTS)
    session = [process for process in psutil.process_iter() if same_session(process, settings)]
    assert {address for process in session for address in listening(process)} == {"127.0.0.1"}
    assert live.up(settings, port=port) == access  # a second call changes nothing
    with pytest.raises(TouchlineError, match="taken"):
        live.up(settings.model_copy(update={"home": settings.home.with_name("other")}), port=port)

    drop(settings, days=30)
    wait_for("a first publication", lambda: purchases(settings) > 0)

    killed = components(settings)["scheduler"]
    psutil.Process(killed).kill()
    wait_for("a new scheduler", lambda: components(settings)["scheduler"] != killed)
    EmbeddedServer(settings.home).stop("immediate")
    wait_for(
        "a healthy system", lambda: EmbeddedServer(settings.home).is_running() and live.status(settings)["is_healthy"]
    )

    before = purchases(settings)
    drop(settings, days=60)
    wait_for("a publication of the second delivery", lambda: purchases(settings) > before)

    started = [process for process in psutil.process_iter() if same_session(process, settings)]
    live.down(settings)
    live.down(settings)
    assert live.status(settings) == {"is_up": False, "is_healthy": False, "components": {}}
    assert [process for process in started if supervisor.is_alive(process)] == []
    assert not EmbeddedServer(settings.home).is_running()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def same_session(process: psutil.Process, settings: Settings) -> bool:
    """Whether the supervisor, or something it has started, however deep, is this process."""
    leader = psutil.Process(components(settings)["api-server"]).ppid()
    try:
        return os.getsid(process.pid) == leader
    except ProcessLookupError:
        return False


def listening(process: psutil.Process) -> set[str]:
    """Addresses a process listens at: none once it has ended."""
    try:
        connections = process.net_connections("tcp")
    except psutil.NoSuchProcess:
        return set()
    return {connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN}


def test_down_ends_what_a_killed_supervisor_left(settings: Settings, port: int) -> None:
    live.up(settings, port=port)
    orphans = [psutil.Process(pid) for pid in components(settings).values()]
    psutil.Process(orphans[0].ppid()).kill()
    wait_for("the supervisor's end", lambda: not live.is_up(settings))
    assert any(supervisor.is_alive(process) for process in orphans)
    live.down(settings)
    assert not any(supervisor.is_alive(process) for process in orphans)
    assert not supervisor.state_file(AirflowHome(settings)).exists()
