"""Rendering: the same bytes each time, one build only, and nobody else's files touched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import marts_by_hand as by_hand
import pytest
from pydantic import SecretStr
from warehouse_fixture import publish_marts

from touchline import queries, reports, warehouse
from touchline.errors import TouchlineError
from touchline.reports.published import read_published
from touchline.server import EmbeddedServer
from touchline.settings import Settings


@pytest.fixture
def other_warehouse(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """An empty, migrated warehouse beside the published one, on the same server."""
    server = EmbeddedServer(settings.home)
    server.create_database(request.node.name)
    other = settings.model_copy(update={"database_url": SecretStr(server.url(request.node.name))})
    warehouse.migrate(other)
    return other


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_same_marts_same_bytes(settings: Settings, site: Path, tmp_path: Path) -> None:
    assert reports.render(settings, tmp_path / "again") == tmp_path / "again" / "index.html"
    assert contents(tmp_path / "again") == contents(site)


def test_only_files_of_an_earlier_report_are_removed(settings: Settings, site: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("data/gone.csv", "data/mine.csv"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("x", encoding="utf-8")
    (tmp_path / "manifest.json").write_text('{"files": {"data/gone.csv": "", "../outside.csv": ""}}', encoding="utf-8")
    reports.render(settings, tmp_path)
    assert contents(tmp_path) == contents(site) | {"data/mine.csv": b"x"}
    assert outside.exists()


def test_nothing_published_is_told(other_warehouse: Settings, tmp_path: Path) -> None:
    with pytest.raises(TouchlineError, match="Nothing is published yet"):
        reports.render(other_warehouse, tmp_path)
    assert contents(tmp_path) == {}


def test_a_publication_amid_reading_starts_it_anew(other_warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three touchpoints are published, then one: a reading that began before the second must show only the second."""
    touches = [row for row in by_hand.touchpoints() if row["brand"] == by_hand.FULL]
    as_of = {by_hand.FULL: by_hand.AS_OF}
    publish_marts(other_warehouse, {"fct_touchpoints": touches[:3]}, as_of)
    interrupted = publish_after(other_warehouse, "first", {"fct_touchpoints": touches[:1]}, as_of)
    monkeypatch.setattr(queries, "read", interrupted)
    count = "select brand, count(*) as n from fct_touchpoints group by brand"
    published = read_published(other_warehouse, {"first": f"{count} -- first", "second": count})
    assert (published.edition.build_id, published.edition.publication_id) == (2, 2)
    assert [published.marts[name][0]["n"] for name in ("first", "second")] == [1, 1]


def publish_after(
    settings: Settings, mark: str, marts: dict[str, Any], as_of: dict[str, Any]
) -> Callable[[Settings, str], tuple[list[str], list[tuple[Any, ...]]]]:
    """The real reader, and a real publication right after the first query that carries the mark."""
    original, marks = queries.read, [mark]

    def read(settings_: Settings, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        answer = original(settings_, sql)
        if marks and sql.endswith(marks[0]):
            marks.clear()
            publish_marts(settings, marts, as_of)
        return answer

    return read
