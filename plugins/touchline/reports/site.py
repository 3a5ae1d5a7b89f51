"""From the published marts to files: pages in each language, the CSV beside every figure, the list of all of it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from touchline.errors import TouchlineError
from touchline.reports import (
    consistency,
    contact_center,
    data_quality,
    effort,
    journeys,
    overview,
    people,
    priorities,
    profit,
    recovery,
    retention,
    segments,
    standards,
)
from touchline.reports.context import Context
from touchline.reports.definitions import Definitions
from touchline.reports.html import page_files
from touchline.reports.published import read_published
from touchline.reports.words import LANGUAGES, speaking
from touchline.settings import Settings

MODULES = (
    overview,
    priorities,
    journeys,
    contact_center,
    effort,
    recovery,
    standards,
    consistency,
    segments,
    people,
    profit,
    retention,
    data_quality,
)
MANIFEST = "manifest.json"


def write_site(settings: Settings, folder: Path) -> Path:
    """Render all pages in memory, then write them; a failure leaves the former site as it was."""
    queries: dict[str, str] = {}
    for module in MODULES:
        queries |= module.QUERIES
    context = Context(read_published(settings, queries), Definitions(settings.dbt_project_dir))
    files: dict[str, bytes] = {}
    for language in LANGUAGES:
        with speaking(language):
            files |= page_files([module.build(context) for module in MODULES], context)
    try:
        _write(folder, files, context.published.edition.build_id)
    except OSError as error:
        raise TouchlineError(
            f"The report could not be written: {error.strerror}",
            where=str(folder),
            todo="give a folder you may write to",
        ) from error
    return folder / "index.html"


def _write(folder: Path, files: Mapping[str, bytes], build_id: int) -> None:
    former = _former_files(folder)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.new")
        draft.write_bytes(content)
        draft.replace(path)
    # Only what an earlier report wrote is ours to remove.
    for name in former - files.keys():
        (folder / name).unlink(missing_ok=True)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = json.dumps({"build_id": build_id, "files": digests}, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(manifest + "\n", encoding="utf-8")


def _former_files(folder: Path) -> set[str]:
    """Names the last manifest lists that are safely inside the folder."""
    path = folder / MANIFEST
    try:
        names = json.loads(path.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    root = folder.resolve()
    return {name for name in names if (root / name).resolve().is_relative_to(root)}
