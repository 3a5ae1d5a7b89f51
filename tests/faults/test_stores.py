"""What can go wrong between a store and the landing: told with location and remedy, nothing half-loaded, no secrets."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from support.receivers import free_port
from support.stores import LOGIN, PASSWORD, S3, Sftp
from touchline import connections, health, pipeline, steps
from touchline.errors import TouchlineError
from touchline.landing import trial
from touchline.landing.discover import survey
from touchline.landing.places import place_of
from touchline.landing.spool import fetched
from touchline.landing.store_errors import LocationError
from touchline.landing.stores import RemoteFile, Store
from touchline.mapping import Source
from touchline.scaffold import new_source
from touchline.settings import Settings
from touchline.warehouse import engine

ROOT = Path(__file__).parents[2]
CSV = b"id\n1\n"
SETTLED = 1_780_000_000
LOADED_DRIVERS = sys.modules["fsspec.registry"]._registry


def source_at(location: str, connection: str | None = None, files: str = "*.csv*") -> Source:
    export = {"name": "contacts", "files": [files], "into": [{"entity": "contacts"}]}
    return Source.model_validate(
        {
            "source": "shop",
            "kind": "crm",
            "description": "test",
            "owner": "test",
            "location": location,
            "connection": connection,
            "exports": [export],
        }
    )


@pytest.fixture
def bare(tmp_path: Path) -> Settings:
    """Settings without a warehouse."""
    return Settings(home=tmp_path / "home", project_dir=ROOT)


def put(sftp: Sftp, name: str, content: bytes = CSV, changed_at: float = SETTLED) -> Path:
    path = sftp.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (changed_at, changed_at))
    return path


def connect(patch: pytest.MonkeyPatch, name: str, **given: Any) -> None:
    patch.setenv(f"TOUCHLINE_CONNECTION_{name.upper()}", json.dumps({"login": LOGIN, "password": PASSWORD} | given))


def connect_sftp(patch: pytest.MonkeyPatch, server: Sftp, **given: Any) -> None:
    connect(patch, "box", **({"extra": {"host_key": server.host_key}} | given))


def connect_s3(patch: pytest.MonkeyPatch, server: S3, **extra: Any) -> None:
    connect(patch, "box", extra={"endpoint_url": server.endpoint, "region_name": "us-east-1"} | extra)


def files_at(settings: Settings, source: Source) -> list[RemoteFile]:
    place = place_of(source, settings, connections.environment(settings.secrets_dir))
    return [file.path for file in survey([source], place).files if isinstance(file.path, RemoteFile)]


@contextmanager
def location_error(match: str, where: str) -> Iterator[None]:
    """Expect an error that names the location and what to do, and no secret."""
    with pytest.raises(TouchlineError, match=match) as raised:
        yield
    assert where in (raised.value.where or "")
    assert raised.value.todo
    assert PASSWORD not in str(raised.value)


class TestSftp:
    @pytest.fixture
    def source(self, sftp_server: Sftp, monkeypatch: pytest.MonkeyPatch) -> Source:
        connect_sftp(monkeypatch, sftp_server)
        return source_at(sftp_server.url, "box")

    def test_an_unknown_host_key_ends_it_before_a_password_is_sent(
        self, bare: Settings, sftp_server: Sftp, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(sftp_server, "a.csv")
        monkeypatch.setenv("HOME", str(bare.home))  # nobody's known_hosts
        other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Yx2dVpvQYkC6PwJ0yHVc2vF6q3bX5iHwX8v6k2l0M"
        for extra in ({}, {"no_host_key_check": "true"}, {"host_key": other}):
            connect_sftp(monkeypatch, sftp_server, extra=extra)
            with location_error("host key is not known", sftp_server.url):
                files_at(bare, source)
        assert sftp_server.log_ins == []

    def test_known_hosts_of_the_user_count(
        self, bare: Settings, sftp_server: Sftp, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(sftp_server, "a.csv")
        known = bare.home / ".ssh" / "known_hosts"
        known.parent.mkdir(parents=True)
        port = sftp_server.url.rpartition(":")[2]
        known.write_text(f"[127.0.0.1]:{port} {sftp_server.host_key}\n")
        monkeypatch.setenv("HOME", str(bare.home))
        connect_sftp(monkeypatch, sftp_server, extra={})
        assert [file.name for file in files_at(bare, source)] == ["a.csv"]

    def test_a_wrong_password_is_told_without_it(
        self, bare: Settings, sftp_server: Sftp, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect_sftp(monkeypatch, sftp_server, password=PASSWORD[::-1])
        with location_error("log-in was refused", sftp_server.url):
            files_at(bare, source)

    def test_a_file_that_may_not_be_read(self, bare: Settings, sftp_server: Sftp, source: Source) -> None:
        put(sftp_server, "a.csv")
        [file] = files_at(bare, source)
        sftp_server.forbidden = "a.csv"
        with location_error("Access is refused", f"{sftp_server.url}/a.csv"), fetched(file):
            pass

    def test_a_missing_folder(self, bare: Settings, sftp_server: Sftp, source: Source) -> None:
        put(sftp_server, "there/a.csv")
        with location_error("no such bucket, folder", f"{sftp_server.url}/gone"):
            files_at(bare, source_at(f"{sftp_server.url}/gone", "box"))
        assert files_at(bare, source_at(f"{sftp_server.url}/there", "box", "not_yet/*.csv")) == []

    def test_nobody_answers_and_no_such_host(self, bare: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        connect(monkeypatch, "box")
        for host, match in ((f"127.0.0.1:{free_port()}", "does not answer"), ("no-such-host.invalid", "unknown")):
            with location_error(match, f"sftp://{host}/x"):
                files_at(bare, source_at(f"sftp://{host}/x", "box"))

    def test_a_secret_goes_to_its_own_host_only(self, bare: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        connect(monkeypatch, "box", host="sftp.example.com")
        with location_error("for another host", "sftp://127.0.0.1"):
            files_at(bare, source_at("sftp://127.0.0.1/x", "box"))

    def test_a_connection_that_breaks_in_the_middle_leaves_nothing(
        self, bare: Settings, sftp_server: Sftp, source: Source
    ) -> None:
        put(sftp_server, "a.csv", b"x" * 3_000_000)
        [file] = files_at(bare, source)
        assert sftp_server.line
        sftp_server.line.cut_after = 1_000_000
        with location_error("connection broke", f"{sftp_server.url}/a.csv"), fetched(file):
            pass
        assert [path.name for path in bare.spool_dir.iterdir()] == [".lock"]
        sftp_server.line.cut_after = None
        [file] = files_at(bare, source)
        with fetched(file) as (path, _):
            assert path.stat().st_size == 3_000_000

    def test_a_file_that_grows_while_it_is_read_is_noticed(
        self, bare: Settings, sftp_server: Sftp, source: Source
    ) -> None:
        put(sftp_server, "a.csv")
        [file] = files_at(bare, source)
        sftp_server.grows = "a.csv"
        with location_error("changed while it was read", f"{sftp_server.url}/a.csv"), fetched(file):
            pass

    def test_links_strange_names_and_unfinished_files(
        self, bare: Settings, sftp_server: Sftp, source: Source, tmp_path: Path
    ) -> None:
        names = ['"; drop table x;--.csv', "{{ 1 }}.csv", "=1+1.csv", "a\nb.csv", "$(id).csv", "*.csv", "名.csv"]
        for name in [*names, "a.csv.part", os.fsdecode(b"\xff.csv"), ".hidden.csv"]:
            put(sftp_server, name)
        put(sftp_server, "fresh.csv", changed_at=time.time())
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "secret.csv").write_bytes(CSV)
        (sftp_server.folder / "link.csv").symlink_to(sftp_server.folder / "=1+1.csv")
        (sftp_server.folder / "linked").symlink_to(tmp_path / "outside")
        (sftp_server.folder / "folder.csv").mkdir()
        place = place_of(source, bare, connections.environment(bare.secrets_dir))
        assert [file.name for file in survey([source], place).files] == sorted(names)
        assert {file.name: file.reason for file in survey([source], place).waiting} == {
            "\\udcff.csv": "its name is not UTF-8",
            "a.csv.part": "has the name of an unfinished file",
            "fresh.csv": "is still being written",
            "link.csv": "is a link, which is not followed",
        }
        assert files_at(bare, source_at(sftp_server.url, "box", "linked/*.csv")) == []
        assert files_at(bare, source_at(sftp_server.url, "box", "**/secret.csv")) == []

    @pytest.mark.parametrize("pattern", ["../*.csv", "/etc/*", "a/../../*", "a//*"])
    def test_patterns_do_not_lead_outside(
        self, bare: Settings, sftp_server: Sftp, source: Source, pattern: str
    ) -> None:
        with pytest.raises(TouchlineError, match="pattern"):
            files_at(bare, source_at(sftp_server.url, "box", pattern))

    def test_a_large_file_is_not_held_in_memory(self, bare: Settings, sftp_server: Sftp, source: Source) -> None:
        with put(sftp_server, "a.csv").open("ab") as large:
            large.truncate(300_000_000)
        os.utime(sftp_server.folder / "a.csv", (SETTLED, SETTLED))
        script = (
            "import resource, sys; from touchline.landing.stores import Store;"
            "from touchline.landing.spool import fetched; from touchline import connections; from pathlib import Path;"
            "store = Store(sys.argv[1], connections.environment(Path('/none'))('box'), Path(sys.argv[2]));"
            "rss = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
            "[file] = store.files('*.csv'); before = rss();"
            "copy = fetched(file); path, _ = copy.__enter__();"
            "print(path.stat().st_size, (rss() - before) // 1024)"
        )
        run = subprocess.run(
            [sys.executable, "-c", script, sftp_server.url, str(bare.spool_dir)],
            env=os.environ | {"PYTHONPATH": str(ROOT / "plugins")},
            capture_output=True,
            text=True,
            check=True,
        )
        size, megabytes = map(int, run.stdout.split())
        assert size == 300_000_000
        assert megabytes < 100, "of 300"


class TestS3:
    @pytest.fixture
    def source(self, s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> Source:
        connect_s3(monkeypatch, s3_server)
        return source_at("s3://exports/in", "box")

    def test_a_missing_bucket_is_told_and_an_empty_prefix_is_no_fault(self, bare: Settings, source: Source) -> None:
        with location_error("no such bucket", "s3://no-such-bucket"):
            files_at(bare, source_at("s3://no-such-bucket/in", "box"))
        assert files_at(bare, source) == []

    def test_a_connection_that_breaks_in_the_middle_leaves_nothing(
        self, bare: Settings, s3_server: S3, source: Source
    ) -> None:
        s3_server.put("in/a.csv", b"x" * 3_000_000)
        [file] = files_at(bare, source)
        s3_server.line.cut_after = 1_000_000
        with location_error("connection broke", "s3://exports/in/a.csv"), fetched(file):
            pass
        assert [path.name for path in bare.spool_dir.iterdir()] == [".lock"]
        s3_server.line.cut_after = None
        with fetched(file) as (path, _):
            assert path.stat().st_size == 3_000_000

    def test_a_file_replaced_after_it_was_listed_is_noticed(
        self, bare: Settings, s3_server: S3, source: Source
    ) -> None:
        s3_server.put("in/a.csv", CSV)
        [file] = files_at(bare, source)
        s3_server.put("in/a.csv", CSV[::-1])
        with location_error("changed while it was read", "s3://exports/in/a.csv"), fetched(file):
            pass

    def test_keys_are_only_data(self, bare: Settings, s3_server: S3, source: Source) -> None:
        names = ['"; drop table x;--.csv', "=1+1.csv", "[1].csv", "a b.csv", "名.csv", "{{ 1 }}.csv"]
        for key in [
            *(f"in/{name}" for name in names),
            "in/.hidden.csv",
            "in/../../a.csv",
            "in//b.csv",
            "in/folder.csv/",
        ]:
            s3_server.put(key, CSV)
        found = files_at(bare, source)
        assert [file.name for file in found] == sorted(names)
        for file in found:
            with fetched(file) as (path, _):
                assert path.parent == bare.spool_dir
                assert path.read_bytes() == CSV

    def test_a_store_that_refuses_the_log_in(
        self, bare: Settings, s3_server: S3, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        s3_server.check_log_ins(after="0")
        with location_error("Access is refused", "s3://exports/in"):
            files_at(bare, source)

    def test_no_credentials_at_all(self, bare: Settings, s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("HOME", str(bare.home))
        extra = {"endpoint_url": s3_server.endpoint, "region_name": "us-east-1"}
        monkeypatch.setenv("TOUCHLINE_CONNECTION_BOX", json.dumps({"extra": extra}))
        with location_error("No credentials", "s3://exports/in"):
            files_at(bare, source_at("s3://exports/in", "box"))


@pytest.mark.parametrize(("location", "module", "extra"), [("s3://b", "s3fs", "s3"), ("sftp://h/x", "sshfs", "sftp")])
def test_a_missing_driver_says_what_to_install(
    bare: Settings, monkeypatch: pytest.MonkeyPatch, location: str, module: str, extra: str
) -> None:
    for name in (module, f"{module}.spec", f"{module}.core"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(LOADED_DRIVERS, location.partition(":")[0], raising=False)
    with pytest.raises(LocationError, match="is not installed") as raised:
        Store(location, None, bare.spool_dir)
    assert raised.value.todo == f"pip install 'touchline[{extra}]'"


def test_a_driver_that_trusts_any_host_is_not_used(bare: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """fsspec has an SFTP driver of its own, which adds unknown host keys by itself."""
    monkeypatch.setitem(LOADED_DRIVERS, "sftp", MemoryFileSystem)  # any class that is not of sshfs
    with pytest.raises(LocationError, match="is not installed"):
        Store("sftp://h/x", None, bare.spool_dir)


def test_check_export_fetches_a_url(
    bare: Settings, sftp_server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_sftp(monkeypatch, sftp_server)
    content = b"contact_id,created_at\n1,2026-01-01T00:00:00Z\n2,never\n"
    put(sftp_server, "out/a.csv", content)
    source = source_at(f"{sftp_server.url}/out", "box")
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "shop.yml").write_text(json.dumps(source.model_dump(mode="json", by_alias=True, exclude_unset=True)))
    settings = bare.model_copy(update={"sources": sources})
    checked = trial.check_export(settings, "shop", f"{sftp_server.url}/out/a.csv", None)
    assert (checked.records, checked.loaded, checked.quarantined) == (2, 1, 1)
    assert [path.name for path in settings.spool_dir.iterdir()] == [".lock"]


def test_new_source_reads_the_head_of_a_url_and_names_location_and_connection(
    bare: Settings, sftp_server: Sftp, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_sftp(monkeypatch, sftp_server)
    records = "".join(f"c{n},2026-01-01T00:00:{n % 60:02}Z,a{n}@example.com\n" for n in range(2000))
    put(sftp_server, "out/contacts_2026-01.csv", b"contact_id,created_at,email\n" + records.encode())
    settings = bare.model_copy(update={"sources": bare.home / "sources"})
    url = f"{sftp_server.url}/out/contacts_2026-01.csv"
    written = new_source(settings, "shop", url, connection="box")
    [source] = steps.read_sources(settings)
    assert (source.location, source.connection) == (f"{sftp_server.url}/out", "box")
    assert source.exports[0].files == ("contacts_*.csv*",)
    assert trial.check_export(settings, "shop", url, None).loaded == 2000
    assert written.path.parent == settings.sources_dir


def test_doctor_lists_each_location(
    settings: Settings, sftp_server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_sftp(monkeypatch, sftp_server)
    put(sftp_server, "a.csv")
    for name, connection in (("good", "box"), ("bad", "unknown")):
        document = source_at(sftp_server.url, connection).model_dump(mode="json", by_alias=True, exclude_unset=True)
        (tmp_path / f"{name}.yml").write_text(json.dumps(document | {"source": name}))
    findings = {f.check: f for f in health.doctor(settings.model_copy(update={"sources": tmp_path}))}
    assert findings["location of good"].is_ok
    assert "1 file(s), 0 waiting" in findings["location of good"].found
    assert not findings["location of bad"].is_ok
    assert "TOUCHLINE_CONNECTION_UNKNOWN" in findings["location of bad"].todo


def test_one_dead_location_does_not_stop_the_others_and_no_secret_is_written_anywhere(
    settings: Settings,
    sftp_server: Sftp,
    s3_server: S3,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    connect_sftp(monkeypatch, sftp_server)
    connect(monkeypatch, "s3", extra={"endpoint_url": s3_server.endpoint, "aws_session_token": "t0ken-" + PASSWORD})
    connect(monkeypatch, "dead")
    put(sftp_server, "a.csv", b"contact_id,created_at\n1,2026-01-01T00:00:00Z\n")
    put(sftp_server, "b.csv", b"no such column\n")
    s3_server.put("a.csv", b"contact_id,created_at\n2,2026-01-01T00:00:00Z\n")
    sources = tmp_path / "sources"
    sources.mkdir()
    dead = f"sftp://127.0.0.1:{free_port()}/x"
    places = {"a_dead": (dead, "dead"), "b_sftp": (sftp_server.url, "box"), "c_s3": ("s3://exports", "s3")}
    for name, place in places.items():
        document = source_at(*place).model_dump(mode="json", by_alias=True, exclude_unset=True) | {"source": name}
        (sources / f"{name}.yml").write_text(json.dumps(document))
    monkeypatch.setattr(steps, "is_build_needed", lambda _: False)  # landing alone is told of here
    caplog.set_level(logging.DEBUG)
    summary = pipeline.run(settings.model_copy(update={"sources": sources}))
    assert [(load.source, load.state) for load in summary.loads] == [
        ("b_sftp", "loaded"), ("b_sftp", "refused"), ("c_s3", "loaded"),
    ]  # fmt: skip
    assert not summary.is_ok
    assert any(dead in problem for problem in summary.problems)
    written = [caplog.text, json.dumps(summary.to_json(), default=str)]
    with engine(settings).connect() as connection:
        tables = connection.exec_driver_sql("select tablename from pg_tables where schemaname = 'ops'").scalars().all()
        written += [str(connection.exec_driver_sql(f"select * from ops.{table}").all()) for table in tables]
    assert not [text for text in written if PASSWORD in text]
