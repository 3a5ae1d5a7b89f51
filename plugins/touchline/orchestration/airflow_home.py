"""Airflow's own corner of the state folder, and the environment every Airflow process gets. Imports no airflow."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql
from sqlalchemy.engine import URL

from touchline import warehouse
from touchline.errors import TouchlineError
from touchline.secret_files import keep_secret, write_private
from touchline.settings import Settings, user_name

DATABASE = "airflow"
HOST = "127.0.0.1"
DEFAULT_PORT = 8080
PARALLELISM = 4
USER = "admin"
PLUGIN = """\
\"\"\"Airflow finds Touchline's page here.\"\"\"

from touchline.orchestration.plugin import TouchlinePlugin as TouchlinePlugin
"""


@dataclass(frozen=True)
class AirflowHome:
    """Paths of one state folder's Airflow."""

    settings: Settings

    @property
    def folder(self) -> Path:
        return self.settings.home.expanduser().resolve() / "airflow"

    @property
    def logs(self) -> Path:
        return self.settings.logs_dir.expanduser().resolve() / "airflow"

    @property
    def plugins(self) -> Path:
        """Plugins of the user's own, and the line by which Airflow finds Touchline's page."""
        return self.folder / "plugins"

    @property
    def passwords(self) -> Path:
        """JSON file of the web interface's logins."""
        return self.settings.secrets_dir.expanduser().resolve() / "airflow_passwords.json"

    @property
    def others(self) -> list[str]:
        """Users beside the administrator: who may approve has a log-in."""
        return [name for name in self.settings.approvers if name != USER]

    def prepare(self) -> None:
        """Create folders, secrets and the metadata database, and bring its schema to this Airflow's version.

        The warehouse's server must run. Raises TouchlineError if the database cannot be prepared.
        """
        for folder in (self.folder, self.plugins, self.logs, self.settings.secrets_dir):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._keep_passwords()
        (self.plugins / "touchline_plugin.py").write_text(PLUGIN, encoding="utf-8")
        _create_database(self.settings)
        marker = self.folder / "schema_version"
        if not marker.exists() or marker.read_text(encoding="utf-8") != self._schema_version():
            self._migrate()
            marker.write_text(self._schema_version(), encoding="utf-8")

    def environment(self, port: int = DEFAULT_PORT) -> dict[str, str]:
        """This process's environment with all that Airflow and the tasks need. It holds secrets: never log it."""
        package_root = str(Path(__file__).resolve().parents[2])
        path = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        python_path = [package_root, *filter(None, [os.environ.get("PYTHONPATH")])]
        return (
            {name: value for name, value in os.environ.items() if not _is_of_airflow(name)}
            | {"PATH": os.pathsep.join(path), "PYTHONPATH": os.pathsep.join(python_path)}
            | _touchline_variables(self.settings)
            | _QUIET
            | self._lineage()
            # Airflow refuses to run as nobody in particular.
            | {"AIRFLOW_HOME": str(self.folder), "USER": user_name()}
            | {f"AIRFLOW__{name}": value for name, value in self._configuration(port).items()}
        )

    def _configuration(self, port: int) -> dict[str, str]:
        project = self.settings.project_dir.expanduser().resolve()
        return {
            "CORE__DAGS_FOLDER": str(project / "dags"),
            # The package is found through PYTHONPATH, and is no folder of plugins.
            "CORE__PLUGINS_FOLDER": str(self.plugins),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": str(PARALLELISM),
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "CORE__FERNET_KEY": self._secret("airflow_fernet_key", lambda: Fernet.generate_key().decode()),
            "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join([f"{USER}:admin", *(f"{name}:user" for name in self.others)]),
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.passwords),
            "CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
            "DATABASE__SQL_ALCHEMY_CONN": metadata_url(self.settings).render_as_string(hide_password=False),
            "API__HOST": HOST,
            "API__PORT": str(port),
            "API__BASE_URL": f"http://{HOST}:{port}",
            "API__SECRET_KEY": self._secret("airflow_secret_key", lambda: secrets.token_urlsafe(64)),
            "API_AUTH__JWT_SECRET": self._secret("airflow_jwt_secret", lambda: secrets.token_urlsafe(64)),
            # A busy laptop answers late; a task must not fail for it.
            "WORKERS__EXECUTION_API_TIMEOUT": "30",
            "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            # All runs on this machine: a task silent for a minute is dead, and its DAG must not wait for it longer.
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
            "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "60",
            "LOGGING__BASE_LOG_FOLDER": str(self.logs),
            "LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(self.logs / "dag_processor"),
            "LOGGING__LOGGING_LEVEL": "WARNING",
            "LOGGING__UVICORN_LOGGING_LEVEL": "WARNING",
            "LOGGING__COLORED_CONSOLE_LOG": "False",
            "LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
            "LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }

    def _lineage(self) -> dict[str, str]:
        """Where lineage events go, by the client's own variables; the provider sleeps while none is set."""
        if self.settings.openlineage_url is None:
            return {}
        url = self.settings.openlineage_url.get_secret_value()
        # Events name tasks and assets; the code of tasks is nobody's business.
        return {"OPENLINEAGE_URL": url, "OPENLINEAGE_AIRFLOW_DISABLE_SOURCE_CODE": "True"}

    def _keep_passwords(self) -> None:
        """Those there are stay; who may log in and has none gets one."""
        known = json.loads(self.passwords.read_text(encoding="utf-8")) if self.passwords.exists() else {}
        made = {name: secrets.token_urlsafe(24) for name in (USER, *self.others) if name not in known}
        if made:
            write_private(self.passwords, json.dumps(known | made))

    def _secret(self, name: str, make: Callable[[], str]) -> str:
        return keep_secret(self.settings.secrets_dir / name, make)

    def _migrate(self) -> None:
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        done = subprocess.run(
            command, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
            raise TouchlineError(f"Airflow's database could not be prepared: {tail}", where=f"database {DATABASE}")

    def _schema_version(self) -> str:
        """This Airflow's version, and the version the database says it has."""
        with psycopg.connect(warehouse.libpq_url(metadata_url(self.settings))) as connection:
            found = connection.execute("select to_regclass('alembic_version') is not null").fetchone()
            if found != (True,):
                return "none"
            row = connection.execute("select version_num from alembic_version").fetchone()
        return f"{version('apache-airflow-core')} {row}"


def _is_of_airflow(name: str) -> bool:
    """Whether a variable configures some Airflow; connections and variables of the user's own are let through."""
    return name.startswith("AIRFLOW_") and not name.startswith(("AIRFLOW_CONN_", "AIRFLOW_VAR_"))


_QUIET = {
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
    "GX_ANALYTICS_ENABLED": "false",
    "PYTHONUNBUFFERED": "1",
}


def metadata_url(settings: Settings) -> URL:
    """URL of Airflow's database: a second one on the warehouse's server. The driver is named for Airflow."""
    url = warehouse.database_url(settings).set(drivername="postgresql+psycopg2", database=DATABASE)
    # The asynchronous driver that Airflow derives from it knows none of libpq's settings.
    return url.difference_update_query([*warehouse.PATIENCE, "options"])


def _touchline_variables(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, so that every task sees the same ones."""
    optional = {name: getattr(settings, name) for name in ("landing", "spool", "sources", "pg_bin", "keys_file")}
    variables = {name.upper(): str(path.expanduser().resolve()) for name, path in optional.items() if path is not None}
    variables["HOME"] = str(settings.home.expanduser().resolve())
    variables["PROJECT_DIR"] = str(settings.project_dir.expanduser().resolve())
    variables["ALERT_URLS"] = json.dumps([url.get_secret_value() for url in settings.alert_urls])
    variables["APPROVERS"] = json.dumps(settings.approvers)
    if settings.database_url:
        variables["DATABASE_URL"] = settings.database_url.get_secret_value()
    if settings.keys:
        variables["KEYS"] = settings.keys.get_secret_value()
    return {f"TOUCHLINE_{name}": value for name, value in variables.items()}


def _create_database(settings: Settings) -> None:
    with psycopg.connect(warehouse.libpq_url(warehouse.database_url(settings)), autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
