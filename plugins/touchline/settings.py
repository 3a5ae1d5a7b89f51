"""All configuration, read once from TOUCHLINE_* environment variables."""

import getpass
import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from platformdirs import user_state_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, computed_field
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from touchline.errors import TouchlineError


def _project_dir() -> Path:
    """The folder that holds dags/, dbt_project/ and expectations/: the checkout, or what the wheel carries."""
    package = Path(__file__).resolve().parent
    checkout = package.parents[1]
    return checkout if (checkout / "dbt_project").is_dir() else package / "_project"


class AlertRoute(BaseModel):
    """Apprise URLs by severity; `warning` and `digest` default to those of `critical`."""

    model_config = ConfigDict(extra="forbid")

    critical: list[SecretStr]
    warning: list[SecretStr] | None = None
    digest: list[SecretStr] | None = None
    second: list[SecretStr] = Field(default_factory=list)
    """Tried in turn when one of the others does not answer."""

    @property
    def urls(self) -> list[SecretStr]:
        """All of them."""
        return [*self.critical, *(self.warning or ()), *(self.digest or ()), *self.second]


class Settings(BaseSettings):
    """Where things lie and how to reach them; every field is an environment variable TOUCHLINE_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="TOUCHLINE_", extra="ignore", env_ignore_empty=True)

    home: Path = Field(default_factory=lambda: user_state_path("touchline"))
    """State: embedded Postgres, secrets, landing folder, reports, logs."""
    project_dir: Path = Field(default_factory=_project_dir)
    database_url: SecretStr | None = None
    """SQLAlchemy URL of a Postgres ≥ 15; unset means the embedded server."""
    watcher_url: SecretStr | None = None
    """URL of a log-in that may only look at the ledger, for a web interface that holds no other; unset: the above."""
    landing: Path | None = None
    spool: Path | None = None
    """Folder for the copies of remote files while they are read; they hold personal data."""
    sources: Path | None = None
    alert_urls: list[SecretStr] = Field(default_factory=list)
    """Apprise URLs (a JSON list) that receive data-quality alerts."""
    alert_second_urls: list[SecretStr] = Field(default_factory=list)
    """Apprise URLs tried in turn when one of those does not answer."""
    alert_routes: dict[str, AlertRoute] = Field(default_factory=dict)
    """Channels by `alert_route` of the sources (JSON); `default` is that of the others and of builds."""
    heartbeat_url: SecretStr | None = None
    """Asked (GET) after each good run: a monitor elsewhere misses it when this machine is down."""
    overdue_hours: float = Field(default=26, gt=0)
    """An alert goes out when no run has ended well for so long."""
    approvers: list[Annotated[str, Field(pattern=r"^[\w.@-]+$")]] = Field(default_factory=list)
    """Users of the web interface (a JSON list) who may approve what others ask for; none named: whoever may answer."""
    runbook_url: str = "docs/runbook.md"
    """Where the people who get alerts read the runbook."""
    landing_pool: str = "default_pool"
    """Airflow's pool for the tasks that load files; it must exist. Each may need half a gigabyte."""
    openlineage_url: SecretStr | None = None
    """Where Airflow sends lineage events (OpenLineage over HTTP), if the extra `openlineage` is installed."""
    pg_bin: Path | None = None
    keys: SecretStr | None = None
    """The vault's keys as one JSON document (`touchline keys backup` writes it); unset: files below `home`."""
    keys_file: Path | None = None
    """A file that holds that document."""
    min_free_gib: float = Field(default=2, ge=0)
    """`touchline doctor` calls less free disk wrong."""
    keep_versions_days: int = Field(default=90, ge=1)
    """Older versions of raw rows are kept at least so long after a newer one was loaded."""
    keep_history_days: int = Field(default=90, ge=1)
    """Detail of what ran (frozen sets, results of audits) is kept at least so long."""
    keep_airflow_days: int = Field(default=30, ge=1)
    """Airflow's run history and logs are kept so long."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def landing_dir(self) -> Path:
        return self.landing or self.home / "landing"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sources_dir(self) -> Path:
        return self.sources or self.project_dir / "dags" / "sources"

    @property
    def spool_dir(self) -> Path:
        return self.spool or self.home / "spool"

    @property
    def reports_dir(self) -> Path:
        return self.home / "reports"

    @property
    def logs_dir(self) -> Path:
        return self.home / "logs"

    @property
    def secrets_dir(self) -> Path:
        return self.home / "secrets"

    @property
    def erasures_dir(self) -> Path:
        return self.home / "erasures"

    @property
    def expectations_dir(self) -> Path:
        return self.project_dir / "expectations"

    @property
    def contracts_dir(self) -> Path:
        return self.expectations_dir / "contracts"

    @property
    def dbt_project_dir(self) -> Path:
        return self.project_dir / "dbt_project"


def user_name() -> str:
    """Who runs this process; a user id without an entry in passwd (containers have such) goes by its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process-wide settings. Raises TouchlineError naming the variable that cannot be read, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"TOUCHLINE_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
        raise TouchlineError(f"A setting cannot be read: {wrong}", where="environment") from None
    except SettingsError as error:
        name = str(error).rpartition("field ")[2].partition(" ")[0].strip('"').upper()
        raise TouchlineError(f"TOUCHLINE_{name} is not JSON", where="environment", todo="quote it as JSON") from None
