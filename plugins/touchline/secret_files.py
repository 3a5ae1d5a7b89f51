"""Secrets kept as files of the state folder, mode 0600."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def keep_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in `path`, made at first use; two processes that make it at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(make())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii")
