"""One published warehouse, one rendered site, one browser for all tests of the pages."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import ledger_by_hand as ledger
import marts_by_hand as by_hand
import pytest
from warehouse_fixture import add_audit, add_loads, publish_marts, settings_at

from touchline import reports, warehouse
from touchline.server import EmbeddedServer
from touchline.settings import Settings


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """A warehouse whose published marts are those of marts_by_hand."""
    # The server may run under another account, for which pytest's own folders are closed.
    folder = Path(tempfile.mkdtemp(prefix="touchline-pages-"))
    folder.chmod(0o711)
    settings = settings_at(folder / "home")
    try:
        warehouse.ensure_server(settings)
        warehouse.migrate(settings)
        owner = warehouse.engine(settings)
        build_id = publish_marts(settings, by_hand.all_marts(), by_hand.AS_OFS)
        add_loads(owner, build_id, ledger.LOADS, ledger.REASONS, ledger.SOURCES)
        add_audit(owner, build_id, "passed_with_warnings", ledger.CHECKS)
        owner.dispose()
        yield settings
    finally:
        EmbeddedServer(settings.home).stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def site(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the rendered site."""
    return reports.render(settings, tmp_path_factory.mktemp("site")).parent
