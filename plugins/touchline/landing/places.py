"""Where the exports of a source lie: a folder of this machine, or a store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from touchline import connections
from touchline.connections import Connect
from touchline.errors import TouchlineError
from touchline.landing.spool import fetched
from touchline.landing.stores import Store
from touchline.mapping import Source
from touchline.settings import Settings

_LOCAL = ("file", "local")


def place_of(source: Source, settings: Settings, connect: Connect) -> Path | Store:
    """The source's location, opened; the landing folder if it names none. Raises TouchlineError."""
    folder = settings.landing_dir
    if source.location:
        if not is_local(source.location):
            connection = connect(source.connection) if source.connection else None
            return Store(source.location, connection, settings.spool_dir)
        folder /= local_path(source.location)
    if not folder.is_dir():
        todo = "create it and drop the exports there, or name another with --landing"
        if source.location:
            todo = f"create it, or mend `location` of source {source.source}"
        raise TouchlineError("The landing folder does not exist", where=str(folder), todo=todo)
    return folder


@contextmanager
def at_hand(
    location: str | Path, settings: Settings, connection: str | None, at_most: int | None = None
) -> Iterator[Path]:
    """One file, or the first `at_most` bytes of a remote one, to be read from the local disk."""
    if isinstance(location, Path) or is_local(location):
        path = location if isinstance(location, Path) else local_path(location)
        if not path.is_file():
            raise TouchlineError("There is no such file", where=str(location))
        yield path
        return
    folder, _, name = location.rpartition("/")
    connect = connections.environment(settings.secrets_dir)
    store = Store(folder, connect(connection) if connection else None, settings.spool_dir)
    with fetched(store.file(name), at_most) as (path, _):
        yield path


def is_local(location: str) -> bool:
    """Whether a location is a path, or a URL of one."""
    return "://" not in location or urlsplit(location).scheme in _LOCAL


def local_path(location: str) -> Path:
    """The path of a local location; a relative one is meant below the landing folder."""
    return Path(unquote(urlsplit(location).path)) if "://" in location else Path(location)
