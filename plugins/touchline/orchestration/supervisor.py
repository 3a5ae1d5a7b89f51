"""The live system's parent process: starts Airflow's components, watches them, restarts them, stops them.

Runs as `python -m touchline.orchestration.supervisor PORT`, as the leader of a session: whatever it starts, down to
a task's own children, stays in that session, and nothing of it outlives the stop. Imports no airflow.
"""

import fcntl
import http.client
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from touchline.errors import TouchlineError
from touchline.orchestration.airflow_home import HOST, AirflowHome
from touchline.orchestration.components import Component
from touchline.pg_binaries import wait_until
from touchline.server import EmbeddedServer
from touchline.settings import Settings, get_settings

# No log servers: they would listen beyond loopback, and the api-server reads the logs from the same disk.
COMPONENTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
NEEDS_API = "scheduler"
"""Tasks that start before the api-server answers fail at once, so that the scheduler waits for it."""
TICK_SECONDS = 2.0
STOP_SECONDS = 20.0
END_SECONDS = 5.0

log = logging.getLogger(__name__)


class Supervisor:
    """Keeps Postgres and Airflow's four components alive until it is told to stop."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.server = None if settings.database_url else EmbeddedServer(settings.home)
        self.port = port
        self.home = AirflowHome(settings)
        environment = self.home.environment(port)
        self.components = [
            Component(name, [sys.executable, "-m", "airflow", *arguments], environment, self.home.logs / f"{name}.log")
            for name, arguments in COMPONENTS.items()
        ]
        self.stopping = threading.Event()

    def run(self) -> None:
        """Start everything, watch it, and stop it all on SIGTERM, SIGINT or SIGHUP."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            for component in self.components:
                if component.name != NEEDS_API:
                    component.start()
            while not self.stopping.wait(TICK_SECONDS):
                self._tick()
        finally:
            self._stop()

    def _tick(self) -> None:
        if self.server:
            _keep_running(self.server)
        health = read_health(self.port)
        for component in self.components:
            if component.process is not None:
                component.watch(health.get(component.name, False))
            elif health:
                component.start()
        self._write_state()

    def _write_state(self) -> None:
        components = {
            item.name: {
                "pid": item.process.pid if item.process else None,
                "is_alive": item.is_alive,
                "is_healthy": item.is_healthy,
                "restarts": item.restarts,
            }
            for item in self.components
        }
        write_state(self.home, os.getpid(), self.port, components)

    def _stop(self) -> None:
        for item in self.components:
            if item.is_alive and item.process:
                item.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for item in self.components:
            if item.process:
                with suppress(subprocess.TimeoutExpired):
                    item.process.wait(max(0.1, deadline - time.monotonic()))
        end_session(os.getpid(), psutil.Process().create_time())
        state_file(self.home).unlink(missing_ok=True)


def _keep_running(server: EmbeddedServer) -> None:
    # A cleaner of temporary folders may take the socket away from under a living server.
    is_reachable = any(server.socket_dir.glob(".s.PGSQL.*"))
    if server.is_running() and is_reachable:
        return
    log.error("Postgres %s and is started again", "has lost its socket" if server.is_running() else "is gone")
    try:
        server.stop()
        server.start()
    except TouchlineError as error:
        log.error("%s", error)


def read_health(port: int) -> dict[str, bool]:
    """Health by component name, from Airflow's own monitor; empty when the api-server does not answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/api/v2/monitor/health")
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    states = {name: _status(answer, name.replace("-", "_")) == "healthy" for name in COMPONENTS}
    return states | {"api-server": _status(answer, "metadatabase") == "healthy"}


def end_session(leader: int, created_at: float) -> None:
    """End every process of the session that `leader` (born at `created_at`) leads or led, except this one."""
    members = [process for process in psutil.process_iter() if _belongs(process, leader, created_at)]
    for end in (psutil.Process.terminate, psutil.Process.kill):
        for process in members:
            with suppress(psutil.NoSuchProcess):
                end(process)
        if wait_until(lambda: not any(is_alive(process) for process in members), END_SECONDS):
            return


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; a zombie is dead and only waits for its parent to take note."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def state_file(home: AirflowHome) -> Path:
    """What runs, as the supervisor last saw it."""
    return home.folder / "live.json"


def write_state(home: AirflowHome, pid: int, port: int, components: dict[str, Any]) -> None:
    """Note the supervisor's process and what it has started."""
    created_at = psutil.Process(pid).create_time()
    draft = state_file(home).with_suffix(f".{os.getpid()}")
    draft.write_text(
        json.dumps({"pid": pid, "created_at": created_at, "port": port, "components": components}), encoding="utf-8"
    )
    draft.replace(state_file(home))


def lock_file(home: AirflowHome) -> Path:
    """Locked by the supervisor as long as it lives."""
    return home.folder / "live.lock"


def _status(answer: dict[str, Any], name: str) -> str | None:
    part = answer.get(name)
    return part.get("status") if isinstance(part, dict) else None


def _belongs(process: psutil.Process, leader: int, created_at: float) -> bool:
    """A number used again for a younger session must not lead us to strangers."""
    try:
        if process.pid == os.getpid() or os.getsid(process.pid) != leader:
            return False
        return process.pid != leader or bool(process.create_time() == created_at)
    except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
        return False


def _main() -> None:
    settings = get_settings()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with lock_file(AirflowHome(settings)).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("another supervisor runs for this state folder")
        Supervisor(settings, int(sys.argv[1])).run()


if __name__ == "__main__":
    _main()
