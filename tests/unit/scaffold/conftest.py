"""A proposer that writes into a folder of its own, without a database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from touchline.scaffold import Written, new_source
from touchline.settings import Settings

ROOT = Path(__file__).parents[3]
Propose = Callable[..., Written]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The project's contracts and an empty folder of sources."""
    return Settings(home=tmp_path / "home", project_dir=ROOT, sources=tmp_path / "sources")


@pytest.fixture
def propose(settings: Settings, tmp_path: Path) -> Propose:
    """Proposes a source `shop` for a path, or for text or bytes that are written to a file first."""

    def run(
        content: Path | str | bytes, name: str = "shop", file_name: str = "export.csv", **options: object
    ) -> Written:
        if isinstance(content, Path):
            return new_source(settings, name, content, **options)
        path = tmp_path / file_name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return new_source(settings, name, path, **options)

    return run
