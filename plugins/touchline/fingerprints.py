"""Fingerprints of what shapes the marts beside their records: a table whose fingerprint differs is made in full."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine, text

from touchline import custody

_SOURCE_ATTRIBUTES = text(
    "select source, kind, brand, timezone, currency from ops.build_sources where build_id = :build_id order by source"
)


def code_fingerprint(dbt_project: Path, package: Path) -> str:
    """Digest of everything that shapes the marts: models, macros, seeds, project settings, Python steps."""
    return _digest_files(dbt_project, package, ("macros", "models", "seeds"))


def shared_fingerprint(engine: Engine, build_id: int, dbt_project: Path, package: Path) -> str:
    """Digest of what shapes every model's rows: macros, settings, Python steps, tokens, erasures, sources' attributes.

    A table whose fingerprint, made of this and of the models and seeds above it, differs is made in full.
    """
    with engine.connect() as connection:
        sources = connection.execute(_SOURCE_ATTRIBUTES, {"build_id": build_id}).all()
        shape = custody.shape_of_rows(connection)
    attributes = "\x1e".join(map(str, [*sources, shape]))
    return hashlib.sha256(f"{_digest_files(dbt_project, package, ('macros',))}{attributes}".encode()).hexdigest()[:16]


def _digest_files(dbt_project: Path, package: Path, folders: Iterable[str]) -> str:
    files = [path for folder in folders for path in sorted((dbt_project / folder).rglob("*")) if path.is_file()]
    files += [dbt_project / "dbt_project.yml"]
    files += [path for step in ("identity", "estimates") for path in sorted((package / step).glob("*.py"))]
    parts = [f"{path.name}\x1e{path.read_text(encoding='utf-8')}" for path in files]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
