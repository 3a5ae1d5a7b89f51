"""The live system: the warehouse's Postgres and Airflow, supervised, on loopback. Imports no airflow."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from touchline import warehouse
from touchline.errors import TouchlineError
from touchline.orchestration import supervisor
from touchline.orchestration.airflow_home import DEFAULT_PORT, HOST, USER, AirflowHome
from touchline.pg_binaries import wait_until
from touchline.server import EmbeddedServer
from touchline.settings import Settings

START_SECONDS = 240
STOP_SECONDS = 60


@dataclass(frozen=True)
class Access:
    """Where the web interface is, and which file holds its password."""

    url: str
    user: str
    password_file: Path

    def __str__(self) -> str:
        return f"Airflow: {self.url}  user: {self.user}  password: in {self.password_file}"


def up(settings: Settings, progress: Callable[[str], None] = lambda _: None, port: int = DEFAULT_PORT) -> Access:
    """Start the live system in the background and wait until every component is healthy; a no-op if it is up.

    Raises TouchlineError if the port is taken or a component does not become healthy; then nothing is left running.
    """
    home = AirflowHome(settings)
    if is_up(settings):
        progress("the live system is up already")
        return _access(home, _read_state(home).get("port", port))
    _check_port(port)
    _end_leftovers(home, _read_state(home))
    progress("starting Postgres")
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    settings.landing_dir.mkdir(parents=True, exist_ok=True)
    progress("preparing Airflow")
    home.prepare()
    progress("starting Airflow's components")
    try:
        _start(home, port)
    except BaseException:
        down(settings)  # an interrupt by the user included
        raise
    progress(f"drop exports into {settings.landing_dir}; new ones are built without another command")
    access = _access(home, port)
    progress(str(access))
    return access


def down(settings: Settings) -> None:
    """Stop everything `up` has started, then the embedded Postgres; a no-op if nothing runs.

    Tasks that run are ended; the next run does their work again.
    """
    home = AirflowHome(settings)
    state = _read_state(home)
    if "pid" in state and is_up(settings):
        with suppress(ProcessLookupError):
            os.kill(state["pid"], signal.SIGTERM)
    if not wait_until(lambda: not is_up(settings), STOP_SECONDS):
        raise TouchlineError(
            f"The supervisor did not stop in {STOP_SECONDS} s", where=str(_log(home)), todo="run `touchline down` again"
        )
    # The supervisor lets go of its lock a moment before it is gone.
    _end_leftovers(home, state)
    if not settings.database_url:
        EmbeddedServer(settings.home).stop()


def status(settings: Settings) -> dict[str, Any]:
    """Whether the live system is up and healthy, and each component's process id, health and restarts."""
    home = AirflowHome(settings)
    if not is_up(settings):
        return {"is_up": False, "is_healthy": False, "components": {}}
    state = _read_state(home)
    components = state.get("components", {})
    is_healthy = len(components) == len(supervisor.COMPONENTS) and all(
        item["is_healthy"] for item in components.values()
    )
    port = state.get("port", DEFAULT_PORT)
    return {"is_up": True, "is_healthy": is_healthy, "url": _access(home, port).url, "components": components}


def is_up(settings: Settings) -> bool:
    """Whether a supervisor lives: it holds its lock until it ends, however it ends."""
    path = supervisor.lock_file(AirflowHome(settings))
    if not path.exists():
        return False
    with path.open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _start(home: AirflowHome, port: int) -> None:
    command = [sys.executable, "-m", "touchline.orchestration.supervisor", str(port)]
    with _log(home).open("ab") as sink:
        process = subprocess.Popen(
            command,
            env=home.environment(port),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    # Before the supervisor does: whoever stops the system now must find it.
    supervisor.write_state(home, process.pid, port, {})
    deadline = time.monotonic() + START_SECONDS
    while not status(home.settings)["is_healthy"]:
        if process.poll() is not None or time.monotonic() > deadline:
            raise TouchlineError(
                "Airflow did not become healthy", where=f"{_sick(home)}; logs in {home.logs}", todo="read the logs"
            )
        time.sleep(0.5)


def _sick(home: AirflowHome) -> str:
    components = _read_state(home).get("components", {})
    sick = [name for name in supervisor.COMPONENTS if not components.get(name, {}).get("is_healthy")]
    return f"components: {', '.join(sick)}"


def _end_leftovers(home: AirflowHome, state: dict[str, Any]) -> None:
    """End what is left of the supervisor that wrote this state, and of what it had started."""
    if "pid" in state:
        supervisor.end_session(state["pid"], state["created_at"])
    supervisor.state_file(home).unlink(missing_ok=True)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise TouchlineError(
                f"Port {port} is taken: {error.strerror}", where=HOST, todo="free it, or choose another with --port"
            ) from None


def _access(home: AirflowHome, port: int) -> Access:
    return Access(f"http://{HOST}:{port}", USER, home.passwords)


def _log(home: AirflowHome) -> Path:
    return home.logs / "supervisor.log"


def _read_state(home: AirflowHome) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(supervisor.state_file(home).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return state
