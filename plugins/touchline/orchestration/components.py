"""One supervised process: started, watched, replaced when it dies or hangs."""

import logging
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

HUNG_SECONDS = 120.0
"""A component without a heartbeat for so long, since its start or its last one, is replaced."""
STEADY_SECONDS = 300.0
"""A component that lived this long is given the shortest pause again."""
MAX_DELAY_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass
class Component:
    """One Airflow process: its command, its log and how often it had to be restarted."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    healthy_at: float = 0.0
    is_healthy: bool = False
    restarts: int = 0
    _crashes: int = field(default=0, repr=False)
    _due_at: float = 0.0

    def start(self) -> None:
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, process_group=0
            )
        self.started_at = self.healthy_at = time.monotonic()
        self.is_healthy = False

    def watch(self, is_healthy: bool) -> None:
        """Note the health; replace the process once it has died or hung, after a growing pause."""
        now = time.monotonic()
        self.is_healthy = is_healthy and self.is_alive
        if self.is_healthy:
            self.healthy_at = now
        elif self.is_alive and now - self.healthy_at > HUNG_SECONDS:
            log.error("%s has shown no heartbeat for %.0f s and is replaced", self.name, now - self.healthy_at)
            self.kill()
        if not self.is_alive:
            self._restart(now)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _restart(self, now: float) -> None:
        if self._due_at == 0.0:
            self.kill()  # its workers would wait for a dead parent
            self._crashes = 0 if now - self.started_at > STEADY_SECONDS else self._crashes + 1
            delay = min(MAX_DELAY_SECONDS, 2.0**self._crashes)
            self._due_at = now + delay
            code = self.process.returncode if self.process else None
            log.error("%s ended with code %s; it is started again in %.0f s", self.name, code, delay)
        elif now >= self._due_at:
            self._due_at = 0.0
            self.restarts += 1
            self.start()
