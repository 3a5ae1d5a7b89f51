"""Files of the state folder that only their owner may read."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from touchline.errors import TouchlineError


def keep_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in `path`, made at first use; processes or threads that make it at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = _draft(path, make())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="utf-8")


def write_private(path: Path, text: str, own: Callable[[Path], None] = lambda _: None) -> None:
    """Write a file, whole or not at all; `own` gives it to the account that shall read it."""
    draft = _draft(path, text)
    own(draft)
    draft.replace(path)


def write_public(path: Path, text: str) -> None:
    """Write a file that anybody may read, whole or not at all."""
    draft = _draft(path, text)
    draft.chmod(0o644)
    draft.replace(path)


@contextmanager
def open_private(path: Path) -> Iterator[int]:
    """Descriptor of a file to append to. Raises TouchlineError if it belongs to another user."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except PermissionError as error:
        raise TouchlineError("the state folder belongs to another user", where=str(path)) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _draft(path: Path, text: str) -> Path:
    """A file beside `path` that only its maker may read, and no other process or thread writes."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(draft)
