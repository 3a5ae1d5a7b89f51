"""`touchline doctor` names what is usually wrong with an installation; each fault is really made, one at a time."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from support.loading import CONTACTS, HEADER, contact, deliver, execute
from touchline import health, vault, warehouse
from touchline.errors import TouchlineError
from touchline.settings import AlertRoute, Settings, get_settings

ROOT = Path(__file__).resolve().parents[2]
Make = Callable[["Case"], Settings]


class Case:
    """A sound installation: its settings, its project (a copy) and its database."""

    def __init__(self, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.folder, self.monkeypatch = settings, folder, monkeypatch

    def having(self, **changes: object) -> Settings:
        return self.settings.model_copy(update=changes)

    @property
    def url(self) -> str:
        assert self.settings.database_url is not None
        return self.settings.database_url.get_secret_value()

    @property
    def source(self) -> Path:
        return self.settings.sources_dir / "shop_crm.yml"

    def project(self) -> Path:
        """A project of its own to break."""
        for name in ("dbt_project", "expectations"):
            shutil.copytree(ROOT / name, self.folder / "project" / name)
        return self.folder / "project"


@pytest.fixture(scope="module")
def sound(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation with one source and one load; each test works on a copy."""
    folder = tmp_path_factory.mktemp("sound")
    (folder / "sources").mkdir()
    (folder / "sources" / "shop_crm.yml").write_text(yaml.safe_dump(CONTACTS))
    made = Settings(
        home=folder / "home",
        project_dir=ROOT,
        database_url=SecretStr(make_database()),
        sources=folder / "sources",
        min_free_gib=0,
    )
    made.landing_dir.mkdir(parents=True)
    warehouse.migrate(made)
    deliver(made, "a.csv", HEADER + contact(1))
    return made


@pytest.fixture
def case(sound: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    for name in [name for name in os.environ if name.startswith("TOUCHLINE_")]:
        monkeypatch.delenv(name)
    for name in ("home", "sources"):
        shutil.copytree(sound.home.parent / name, tmp_path / name)
    assert sound.database_url is not None
    url = make_url(sound.database_url.get_secret_value())
    owner = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(
            text(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{url.database}'")
        )
        connection.execute(text(f"create database {url.database}_copy template {url.database}"))
    copy = SecretStr(url.set(database=f"{url.database}_copy").render_as_string(hide_password=False))
    yield Case(
        sound.model_copy(update={"home": tmp_path / "home", "sources": tmp_path / "sources", "database_url": copy}),
        tmp_path,
        monkeypatch,
    )
    with owner.connect() as connection:
        for name in (f"{url.database}_copy", f"{url.database}_copy_ascii"):
            connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"drop role if exists clerk_{url.database}_copy"))
    owner.dispose()


def contracts_elsewhere(case: Case) -> Settings:
    return case.having(project_dir=case.folder / "nowhere")


def no_dbt_project(case: Case) -> Settings:
    project = case.project()
    shutil.rmtree(project / "dbt_project")
    return case.having(project_dir=project)


def no_suite(case: Case) -> Settings:
    project = case.project()
    (project / "expectations" / "raw" / "crm" / "contacts.json").unlink()
    return case.having(project_dir=project)


def mistaken_suite(case: Case) -> Settings:
    project = case.project()
    (project / "expectations" / "raw" / "crm" / "contacts.json").write_text("{}")
    return case.having(project_dir=project)


def mistaken_source(case: Case) -> Settings:
    case.source.write_text(yaml.safe_dump(CONTACTS | {"timezone": "Mars/Olympus"}))
    return case.settings


def missing_source(case: Case) -> Settings:
    execute(case.settings, "update ops.loads set state = 'accepted'")
    other = CONTACTS | {"source": "other_crm", "exports": [CONTACTS["exports"][0] | {"files": ["other/*.csv"]}]}
    case.source.with_name("other_crm.yml").write_text(yaml.safe_dump(other))
    case.source.unlink()
    return case.settings


def two_claims(case: Case) -> Settings:
    case.source.with_name("other_crm.yml").write_text(yaml.safe_dump(CONTACTS | {"source": "other_crm"}))
    return case.settings


def no_landing(case: Case) -> Settings:
    return case.having(landing=case.folder / "nowhere")


def landing_is_a_file(case: Case) -> Settings:
    return case.having(landing=case.source)


def spool_in_landing(case: Case) -> Settings:
    return case.having(spool=case.settings.landing_dir / "copies")


def unreachable_location(case: Case) -> Settings:
    case.source.write_text(yaml.safe_dump(CONTACTS | {"location": "sftp://127.0.0.1:1/out", "connection": "box"}))
    return case.settings


def home_is_a_file(case: Case) -> Settings:
    return case.having(home=case.source, landing=case.settings.landing_dir)


def full_disk(case: Case) -> Settings:
    return case.having(min_free_gib=10**6)


def wrong_binaries(case: Case) -> Settings:
    case.monkeypatch.setenv("TOUCHLINE_PG_BIN", str(case.folder))
    fresh = {"database_url": None, "home": case.folder / "fresh", "landing": case.settings.landing_dir}
    return case.having(**fresh, pg_bin=case.folder)


def silent_database(case: Case) -> Settings:
    return case.having(database_url=SecretStr("postgresql+psycopg://me@127.0.0.1:1/touchline"))


def wrong_password(case: Case) -> Settings:
    url = make_url(case.url).set(password="wrong")
    return case.having(database_url=SecretStr(url.render_as_string(hide_password=False)))


def other_encoding(case: Case) -> Settings:
    name = f"{make_url(case.url).database}_ascii"
    owner = create_engine(case.url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        script = f"create database {name} encoding 'SQL_ASCII' locale 'C' locale_provider libc template template0"
        connection.execute(text(script))
    owner.dispose()
    url = make_url(case.url).set(database=name)
    return case.having(database_url=SecretStr(url.render_as_string(hide_password=False)))


def older_schema(case: Case) -> Settings:
    execute(case.settings, "delete from ops.migrations where name like '0012%'")
    return case.settings


def newer_schema(case: Case) -> Settings:
    execute(case.settings, "insert into ops.migrations values ('9001_of_tomorrow.sql', now())")
    return case.settings


def not_the_owner(case: Case) -> Settings:
    """A log-in that may read everything and act as nobody."""
    name = f"clerk_{make_url(case.url).database}"
    execute(
        case.settings,
        f"create role {name} login password 'secret'; grant pg_read_all_data to {name}",
    )
    url = make_url(case.url).set(username=name, password="secret")
    return case.having(database_url=SecretStr(url.render_as_string(hide_password=False)))


def another_reader_password(case: Case) -> Settings:
    """A state folder that was brought back from before."""
    (case.settings.secrets_dir / "bi_reader_password").write_text("of another time")
    return case.settings


def curious_readers(case: Case) -> Settings:
    execute(case.settings, "grant usage on schema vault to bi_reader")
    return case.settings


def foreign_view(case: Case) -> Settings:
    execute(case.settings, "create table marts.sold (x integer); create view public.sales as select x from marts.sold")
    return case.settings


def talkative_log(case: Case) -> Settings:
    execute(case.settings, f"alter database {make_url(case.url).database} set log_error_verbosity = 'default'")
    return case.settings


def lost_keys(case: Case) -> Settings:
    for path in case.settings.secrets_dir.glob("*key*"):
        path.unlink()
    return case.settings


def other_keys(case: Case) -> Settings:
    lost_keys(case)
    vault.load_keys(case.settings.secrets_dir)
    return case.settings


def keys_twice(case: Case) -> Settings:
    return case.having(keys=SecretStr("{}"), keys_file=case.folder / "keys.json")


def no_keys_file(case: Case) -> Settings:
    return case.having(keys_file=case.folder / "keys.json")


def open_secret(case: Case) -> Settings:
    next(case.settings.secrets_dir.glob("*key*")).chmod(0o644)
    return case.settings


def newer_key(case: Case) -> Settings:
    vault.rotate(case.settings)
    return case.settings


def strange_channel(case: Case) -> Settings:
    return case.having(alert_urls=[SecretStr("carrier-pigeon://roof")])


def strange_route(case: Case) -> Settings:
    return case.having(alert_routes={"tills": AlertRoute(critical=[SecretStr("carrier-pigeon://roof")])})


def misspelt_variable(case: Case) -> Settings:
    case.monkeypatch.setenv("TOUCHLINE_DATABSE_URL", "postgresql://elsewhere")
    return case.settings


FAULTS: list[tuple[Make, str, str, str]] = [
    (contracts_elsewhere, "sources", "No contract found", "TOUCHLINE_PROJECT_DIR"),
    (no_dbt_project, "dbt project", "dbt_project.yml is missing", "TOUCHLINE_PROJECT_DIR"),
    (no_suite, "suites", "No raw suite for shop_crm.contacts", "write it"),
    (mistaken_suite, "suites", "contacts.json", ""),
    (mistaken_source, "sources", "shop_crm.yml", "docs/mappings.md"),
    (missing_source, "loads", "Loads of shop_crm are there, but no source file", "bring the source file back"),
    (two_claims, "claims", "a.csv is claimed by other_crm, contacts and by shop_crm, contacts", "match less"),
    (no_landing, "landing folder", "missing", "create it"),
    (landing_is_a_file, "landing folder", "is not a folder", "create it"),
    (spool_in_landing, "spool", "lies in the landing folder", "TOUCHLINE_SPOOL"),
    (unreachable_location, "location of shop_crm", "box", ""),
    (home_is_a_file, "state folder", "File exists", "file or folder"),
    (full_disk, "free disk", "GiB free", "at least 1e+06 GiB"),
    (wrong_binaries, "postgres binaries", "", "TOUCHLINE_PG_BIN"),
    (silent_database, "warehouse", "does not answer", "TOUCHLINE_DATABASE_URL"),
    (wrong_password, "warehouse", "password authentication failed", "TOUCHLINE_DATABASE_URL"),
    (other_encoding, "warehouse", "encoding is SQL_ASCII", "encoding 'UTF8'"),
    (older_schema, "schema", "lacks 0012_maintenance.sql", "touchline upgrade"),
    (newer_schema, "schema", "9001_of_tomorrow.sql", "use that release"),
    (not_the_owner, "roles", "Nobody can act as touchline_loader", "touchline upgrade"),
    (another_reader_password, "roles", "Nobody can act as bi_reader", "touchline upgrade"),
    (curious_readers, "readers", "bi_reader may look into vault", "revoke usage on schema vault"),
    (foreign_view, "readers", "sales", "a wanted view is a dbt model"),
    (talkative_log, "server log", "log_error_verbosity = default", "log_error_verbosity = terse"),
    (lost_keys, "keys", "keys of this warehouse are missing", "touchline keys restore"),
    (other_keys, "keys", "is not the one that made this warehouse's data", "restore the keys"),
    (keys_twice, "keys", "both set", "set one of them"),
    (no_keys_file, "keys", "keys.json", ""),
    (open_secret, "secrets", "Others may read a secret", "chmod 600"),
    (newer_key, "tokens", "the newest is 2", "touchline retokenise"),
    (strange_channel, "alert channels", "URL 1 is none that Apprise understands", ""),
    (strange_route, "alert channels", "TOUCHLINE_ALERT_ROUTES, tills", ""),
    (misspelt_variable, "settings", "TOUCHLINE_DATABSE_URL is no setting", "did you mean TOUCHLINE_DATABASE_URL?"),
]
# What one fault brings with it.
FOLLOWING = {
    "contracts_elsewhere": {"suites", "dbt project"},
    "home_is_a_file": {"roles", "keys", "tokens", "free disk"},
    "wrong_binaries": {"warehouse"},
    "lost_keys": {"tokens"},
    "other_keys": {"tokens"},
    "keys_twice": {"tokens"},
    "no_keys_file": {"tokens"},
}


def test_a_sound_installation_has_nothing_wrong(case: Case) -> None:
    findings = health.doctor(case.settings)
    assert {item.check: item.found for item in findings if not item.is_ok} == {}
    assert len(findings) >= 18


@pytest.mark.parametrize(("make", "check", "found", "todo"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_is_named_with_what_to_do(case: Case, make: Make, check: str, found: str, todo: str) -> None:
    wrong = {item.check: item for item in health.doctor(make(case)) if not item.is_ok}
    assert found in wrong[check].found
    assert todo in wrong[check].todo
    assert wrong.keys() - {check} <= FOLLOWING.get(make.__name__, set())


def test_the_sources_of_the_project_are_sound(case: Case) -> None:
    """Their mappings use all that a mapping can say."""
    found = {item.check: item for item in health.doctor(case.having(sources=None))}
    assert [found[name].todo for name in ("sources", "suites", "claims") if not found[name].is_ok] == []


def test_at_least_twenty_faults_are_known() -> None:
    assert len({make for make, *_ in FAULTS}) >= 20


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("KEEP_VERSIONS_DAYS", "s3cr3t", "TOUCHLINE_KEEP_VERSIONS_DAYS: Input should be a valid integer"),
        ("ALERT_URLS", "json://user:s3cr3t@host", "TOUCHLINE_ALERT_URLS is not JSON"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_and_not_shown(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TOUCHLINE_{name}", value)
    with pytest.raises(TouchlineError) as caught:
        get_settings.__wrapped__()
    assert told in caught.value.what
    assert "s3cr3t" not in str(caught.value)
