"""Embedded Postgres: a real server under the state folder, reachable by a Unix socket only.

Our own code drives initdb and pg_ctl. The server outlives the process that started it; any process
of the same user may stop it.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg
from psycopg import errors, sql

from touchline import pg_binaries
from touchline.errors import TouchlineError
from touchline.pg_binaries import Account, find_binaries, wait_until
from touchline.secret_files import keep_secret, open_private, write_private

__all__ = ["EmbeddedServer", "find_binaries"]

SUPERUSER = "touchline"
PORT = 5432
# Not XDG_RUNTIME_DIR: cron jobs do not have it, and log-out removes it under a running server.
SOCKET_ROOT = Path("/tmp")  # noqa: S108 - the folder in it is ours alone, mode 0700, or we refuse
SOCKET_SECONDS = 5
WAIT_SECONDS = 120
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
INITDB_OPTIONS = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--data-checksums"]
NEWER_INITDB_OPTIONS = {
    # Our passwords are random: stretching them protects nothing, and costs whoever connects 2 ms of CPU.
    16: ["--set=scram_iterations=1"],
    17: ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
}
"""By the major version that has them first."""
SETTINGS = """\
# Rewritten at every start; change a setting with `alter system`, which wins over this file.
listen_addresses = ''
port = {port}
unix_socket_directories = '{self.socket_dir}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 512MB
work_mem = 64MB
max_wal_size = 4GB
jit = off
# A laptop setting: a crash may lose the last second of commits, never the consistency of the data.
synchronous_commit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
# The text and context of a failing statement may carry customer data or a password.
log_min_error_statement = panic
log_error_verbosity = terse
"""


class EmbeddedServer:
    """The Postgres server of one state folder: data in home/postgres, log in home/postgres.log."""

    def __init__(self, home: Path) -> None:
        self.home = home.expanduser().resolve()
        self.data = self.home / "postgres"
        self.log = self.home / "postgres.log"
        self.secret = self.home / "secrets" / "postgres_password"
        # Short, without spaces and the same in every process: a socket path over 107 bytes fails.
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        self.socket_dir = SOCKET_ROOT / f"touchline-{os.geteuid()}-{digest}"

    def pid(self) -> int | None:
        """Process id of the live server, None if it does not run."""
        return pg_binaries.postmaster_pid(self.data)

    def is_running(self) -> bool:
        """Whether the server lives (it may still be recovering; `start` waits until it answers)."""
        return self.pid() is not None

    def url(self, database: str = SUPERUSER) -> str:
        """SQLAlchemy URL of a database of this server; it holds the password: never log it."""
        login = f"{SUPERUSER}:{quote(self._password(), safe='')}"
        return f"postgresql+psycopg://{login}@/{quote(database, safe='')}?host={self.socket_dir}&port={PORT}"

    def start(self) -> None:
        """Bring the server up, with a new data folder if needed, and wait until it answers; else a no-op.

        Raises TouchlineError if no programs or account are found, or if it does not answer in time.
        """
        with self._lock():
            if self.is_running() and not self._has_socket():
                # Somebody cleaned up the folder for temporary files: nobody can reach this server any more.
                self._end("fast")
            if self.is_running() and self._answers():
                return
            self._launch()
            if not self._answers():
                raise self._failure("died while it started", "read the log and start it again")

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop the server and wait until it is gone; no-op if it does not run.

        `smart` waits for clients to leave, `fast` rolls their transactions back, `immediate` leaves
        recovery to the next start. Raises TouchlineError if it still lives after the wait.
        """
        if not self.home.exists():
            return
        with self._lock():
            self._end(mode)

    def _end(self, mode: Literal["smart", "fast", "immediate"]) -> None:
        pid = self.pid()
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, STOP_SIGNALS[mode])
        if not wait_until(lambda: not self.is_running(), WAIT_SECONDS):
            raise self._failure(f"did not stop in {WAIT_SECONDS} s", "close its clients and retry")
        shutil.rmtree(self.socket_dir, ignore_errors=True)

    def _has_socket(self) -> bool:
        # A server that is still starting has not made its socket yet.
        return wait_until((self.socket_dir / f".s.PGSQL.{PORT}").exists, SOCKET_SECONDS)

    def create_database(self, name: str) -> None:
        """Create an empty database on the running server; no-op if it exists."""
        with self._connect() as connection:
            if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                return
            # Another process may create it between the two statements.
            with suppress(errors.DuplicateDatabase, errors.UniqueViolation):
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    def _connect(self) -> psycopg.Connection:
        place = f"host={self.socket_dir} port={PORT} dbname=postgres"
        return psycopg.connect(place, user=SUPERUSER, password=self._password(), autocommit=True)

    def _password(self) -> str:
        try:
            return self.secret.read_text().strip()
        except OSError as error:
            raise TouchlineError(
                f"the password of the embedded Postgres cannot be read: {error.strerror}",
                where=str(self.secret),
                todo="start the server once, or put the file back from a backup, owned by you",
            ) from error

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time starts or stops the server; a process that dies lets go."""
        # Others may pass but not list: the server may run as another user; each entry has its own mode.
        self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        with open_private(self.home / "postgres.lock") as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield

    def _launch(self) -> None:
        binaries = find_binaries(self.data)
        account = pg_binaries.choose_account(self.home, binaries)
        self._prepare_socket_dir(account)
        if not self.data.exists():
            self._initialise(binaries, account)
        account.own(self.data)
        self._clear_stale_lock()
        write_private(self.data / "touchline.conf", SETTINGS.format(self=self, port=PORT), account.own)
        # PGDATA, not -D: pg_ctl would put the path through a shell.
        environment = pg_binaries.clean_environment(PGDATA=str(self.data))
        command = [str(binaries / "pg_ctl"), "start", "--silent", "--wait", f"--timeout={WAIT_SECONDS}"]
        with open_private(self.log) as log:
            answer = account.run(command, env=environment, stdout=log, stderr=log)
        if answer.returncode != 0:
            raise self._failure("did not start", "read the log and start it again")

    def _prepare_socket_dir(self, account: Account) -> None:
        with suppress(FileExistsError):
            self.socket_dir.mkdir(mode=0o700)
        found = self.socket_dir.lstat()
        is_private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if not is_private or found.st_uid not in (os.geteuid(), account.uid):
            raise TouchlineError(
                "the folder for the socket of Postgres is not a folder of our own, closed to others",
                where=str(self.socket_dir),
                todo="have it removed, or use another state folder",
            )
        account.own(self.socket_dir)

    def _initialise(self, binaries: Path, account: Account) -> None:
        """Create the data folder under a draft name first: it exists only once it is complete."""
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account.own(draft)
        pwfile = self.socket_dir / "password"
        write_private(pwfile, self._keep_password(), account.own)
        command = [str(binaries / "initdb"), f"--pgdata={draft}", f"--pwfile={pwfile}", *INITDB_OPTIONS]
        command.append(f"--username={SUPERUSER}")
        major = pg_binaries.major_version(binaries)
        command += [option for since, options in NEWER_INITDB_OPTIONS.items() if major >= since for option in options]
        try:
            answer = account.run(command, capture_output=True)
        finally:
            pwfile.unlink()
        if answer.returncode != 0:
            raise TouchlineError("initdb failed", where=f"{self.data}: {answer.stderr.strip()[-1000:]}")
        with (draft / "postgresql.conf").open("a") as main:
            main.write("include = 'touchline.conf'\n")
        draft.rename(self.data)

    def _keep_password(self) -> str:
        """The stored password, or a new one, stored before any server uses it."""
        keep_secret(self.secret, lambda: secrets.token_urlsafe(32))
        return self._password()

    def _clear_stale_lock(self) -> None:
        """Remove what a killed server left behind, once its last process is gone."""
        if not wait_until(lambda: not pg_binaries.processes_in(self.data), WAIT_SECONDS):
            raise self._failure("was killed, but its processes still run", "end them and start it again")
        for path in [self.data / "postmaster.pid", *self.socket_dir.glob(".s.PGSQL.*")]:
            path.unlink(missing_ok=True)

    def _answers(self) -> bool:
        """Wait until the server lets us in; False if it dies instead. Raises TouchlineError if it refuses."""
        wait_until(lambda: pg_binaries.is_ready(self.data) or not self.is_running(), WAIT_SECONDS)
        try:
            self._connect().close()
        except psycopg.OperationalError as error:
            # A server killed a moment ago looks alive until the system has cleared it away.
            if wait_until(lambda: not self.is_running(), 1):
                return False
            raise self._failure(f"does not let us in: {error}", "stop it and start it again") from error
        return True

    def _failure(self, what: str, todo: str) -> TouchlineError:
        lines = self.log.read_text(errors="replace").splitlines()[-5:] if self.log.exists() else []
        where = f"{self.data}; last lines of {self.log}: {' | '.join(lines)}"
        return TouchlineError(f"the embedded Postgres {what}", where=where, todo=todo)
