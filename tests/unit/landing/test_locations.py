"""The same exports from folders, S3, SFTP and memory give the same rows, and each is fetched once."""

import dataclasses
import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from place_cases import (
    BAD,
    FILES,
    GOOD,
    HEADER,
    SETTLED,
    connect_s3,
    connect_sftp,
    deliver_locally,
    deliver_to_memory,
    files_of,
    landed,
    load_all,
    rows,
    source_at,
)
from pydantic import SecretStr

from support.stores import S3, Sftp
from touchline import deliveries, steps, warehouse
from touchline.errors import TouchlineError
from touchline.landing.spool import fetched
from touchline.landing.stores import RemoteFile
from touchline.mapping import Source
from touchline.settings import Settings

ROOT = Path(__file__).parents[3]
PLACES = ("a file URL", "a folder below landing", "s3", "sftp", "memory")


@pytest.fixture(autouse=True)
def _empty_memory() -> Iterator[None]:
    yield
    fsspec.filesystem("memory").store.clear()


@pytest.fixture(scope="module")
def landed_locally(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, dict[str, Any]]:
    """What `FILES` bring from the landing folder, and the warehouse that holds it."""
    home = tmp_path_factory.mktemp("local") / "home"
    settings = Settings(home=home, project_dir=ROOT, database_url=SecretStr(make_database()))
    warehouse.migrate(settings)
    deliver_locally(settings.landing_dir, FILES)
    load_all(settings, source_at(None))
    return settings, landed(settings)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Callable[[str, Settings], Source]:
    """Delivers `FILES` to a place and gives the source that reads them there."""

    def deliver(kind: str, settings: Settings) -> Source:
        patch = request.getfixturevalue("monkeypatch")
        if kind == "s3":
            server: S3 = request.getfixturevalue("s3_server")
            for name, content in FILES.items():
                server.put(f"pre fix/{name}", content)
            connect_s3(patch, server)
            return source_at("s3://exports/pre fix", "my_s3")
        if kind == "sftp":
            sftp: Sftp = request.getfixturevalue("sftp_server")
            deliver_locally(sftp.folder / "pre fix", FILES)
            connect_sftp(patch, sftp)
            return source_at(f"{sftp.url}/pre fix/", "my_sftp")
        if kind == "memory":
            deliver_to_memory(FILES)
            return source_at("memory://shop")
        folder = settings.landing_dir / "pre fix" if "below" in kind else settings.home / "else where"
        deliver_locally(folder, FILES)
        return source_at("pre fix" if "below" in kind else folder.as_uri())

    return deliver


@pytest.mark.parametrize("kind", PLACES)
def test_the_same_rows_from_everywhere(
    kind: str, settings: Settings, landed_locally: tuple[Settings, Any], place: Callable[[str, Settings], Source]
) -> None:
    local, expected = landed_locally
    shutil.copytree(local.secrets_dir, settings.secrets_dir, dirs_exist_ok=True)
    source = place(kind, settings)
    outcomes = load_all(settings, source)
    assert [(o.file_name, o.records, o.loaded, o.quarantined) for o in outcomes] == [
        ("in/contacts_1.csv", 201, 200, 1),
        ("in/contacts_2.csv.gz", 2, 1, 1),
        ("in/deep/contacts_3.csv", 1, 1, 0),
    ]
    assert landed(settings) == expected
    assert not list(settings.spool_dir.glob("fetched-*"))
    assert [outcome.is_new for outcome in load_all(settings, source)] == [False, False, False]
    assert rows(settings, "select count(*) from ops.loads") == [(3,)]


class TestFetching:
    """What goes over the line."""

    @pytest.fixture
    def source(self, sftp_server: Sftp, monkeypatch: pytest.MonkeyPatch) -> Source:
        deliver_locally(sftp_server.folder, FILES)
        connect_sftp(monkeypatch, sftp_server)
        return source_at(sftp_server.url, "my_sftp", files=["in/contacts_*.csv", "in/contacts_*.csv*"])

    def test_sftp_is_listed_once_a_run_and_each_file_opened_once_for_good(
        self, settings: Settings, sftp_server: Sftp, source: Source
    ) -> None:
        load_all(settings, source)
        assert sorted(sftp_server.opened) == ["in/contacts_1.csv", "in/contacts_2.csv.gz"]
        assert sorted(sftp_server.listed) == ["", "in"]
        load_all(settings, source)
        assert len(sftp_server.opened) == 2
        assert sorted(sftp_server.listed) == ["", "", "in", "in"]

    def test_a_renamed_file_is_fetched_once_and_then_known(
        self, settings: Settings, sftp_server: Sftp, source: Source
    ) -> None:
        load_all(settings, source)
        shutil.copy2(sftp_server.folder / "in/contacts_1.csv", sftp_server.folder / "in/contacts_4.csv")
        for _ in range(2):
            assert not any(outcome.is_new for outcome in load_all(settings, source))
            assert sorted(sftp_server.opened)[2:] == ["in/contacts_4.csv"]

    def test_another_size_or_time_is_read_anew(self, settings: Settings, sftp_server: Sftp, source: Source) -> None:
        load_all(settings, source)
        path = sftp_server.folder / "in/contacts_1.csv"
        path.write_bytes(path.read_bytes().replace(b"Anna", b"Erna"))  # as many bytes
        os.utime(path, (SETTLED + 1, SETTLED + 1))
        assert [outcome.is_new for outcome in load_all(settings, source)] == [True, False]

    def test_a_refused_file_is_known_to_the_mapping_that_refused_it(
        self, settings: Settings, sftp_server: Sftp, source: Source
    ) -> None:
        deliver_locally(sftp_server.folder, {"in/contacts_0.csv": gzip.compress(HEADER.encode())[:-9]})
        refused = load_all(settings, source)[0]
        assert refused.state == "refused"
        assert f"{sftp_server.url}/in/contacts_0.csv" in str(refused.reason)
        assert str(settings.spool_dir) not in str(refused.reason)
        engine = warehouse.engine(settings)
        file = files_of(settings, source)[0]
        known = deliveries.find(engine, file, file.stamp)
        assert known == dataclasses.replace(refused, is_new=False)
        mended = source_at(source.location, "my_sftp", timezone="Europe/Paris")
        file = files_of(settings, mended)[0]
        assert deliveries.find(engine, file, file.stamp) is None
        # The limits that refused it may be others now: whoever asks for a load gets one.
        assert load_all(settings, source)[0].is_new

    def test_s3_is_listed_once_a_run(self, settings: Settings, s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(10, 22):
            s3_server.put(f"in/contacts_{number:02}.csv", (HEADER + GOOD.format(number)).encode())
        s3_server.put("elsewhere/contacts_1.csv", b"never read")
        connect_s3(monkeypatch, s3_server)
        source = source_at("s3://exports", "my_s3", files=["in/contacts_*.csv", "in/*_1*.csv"])
        assert [file.name for file in files_of(settings, source)] == [f"in/contacts_{n:02}.csv" for n in range(10, 22)]
        assert s3_server.requests(b"list-type") == 1
        assert s3_server.requests(b"contacts_") == 0
        load_all(settings, source)
        asked = s3_server.requests(b"contacts_")
        assert asked >= 12
        load_all(settings, source)
        assert s3_server.requests(b"contacts_") == asked

    def test_s3_same_size_at_the_same_second_has_another_tag(
        self, settings: Settings, s3_server: S3, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect_s3(monkeypatch, s3_server)
        source = source_at("s3://exports", "my_s3")
        for name in "ab":
            s3_server.put("in/contacts_1.csv", (HEADER + GOOD.format(name)).encode())
            assert [outcome.is_new for outcome in load_all(settings, source)] == [True]


class TestCopies:
    """The private copy of a remote file."""

    @pytest.fixture
    def file(self, settings: Settings) -> RemoteFile:
        deliver_to_memory(FILES)
        path = files_of(settings, source_at("memory://shop"))[0].path
        assert isinstance(path, RemoteFile)
        return path

    def test_it_is_private_and_gone_afterwards(self, settings: Settings, file: RemoteFile) -> None:
        with fetched(file) as (path, _):
            assert path.parent == settings.spool_dir
            assert oct(path.stat().st_mode) == "0o100600"
            assert oct(path.parent.stat().st_mode) == "0o40700"
            assert path.read_bytes() == FILES["in/contacts_1.csv"]
        with pytest.raises(ZeroDivisionError), fetched(file) as (path, _):
            raise ZeroDivisionError
        assert [found.name for found in settings.spool_dir.iterdir()] == [".lock"]

    def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(
        self, settings: Settings, file: RemoteFile
    ) -> None:
        with fetched(file) as (in_use, _):
            orphan = settings.spool_dir / "fetched-orphan.csv"
            orphan.write_bytes(b"personal")
            with fetched(file):
                assert not orphan.exists()
                assert in_use.exists()

    def test_a_disk_too_small_is_told_before_a_byte_is_fetched(
        self, settings: Settings, file: RemoteFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 2**28))
        with pytest.raises(TouchlineError, match="TOUCHLINE_SPOOL"), fetched(file):
            pass
        assert not list(settings.spool_dir.glob("fetched-*"))


def test_a_local_file_that_changes_while_it_is_read_is_not_loaded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from touchline.landing import load

    deliver_locally(settings.landing_dir, {"in/contacts_1.csv": (HEADER + BAD + GOOD).encode()})
    [file] = files_of(settings, source_at(None))
    planned = load.plan

    def plan_and_grow(*arguments: object) -> object:
        with file.path.open("a") as stream:  # type: ignore[union-attr]
            stream.write(GOOD.format("late"))
        return planned(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(load, "plan", plan_and_grow)
    with pytest.raises(TouchlineError, match="changed while it was read"):
        steps.load_export(settings, file)
    monkeypatch.undo()
    assert rows(settings, "select count(*) from ops.loads") == [(0,)]
    assert rows(settings, "select count(*) from raw.crm_contacts") == [(0,)]
    assert steps.load_export(settings, file).loaded == 2
