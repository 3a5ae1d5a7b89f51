"""Failures of stores in words: what happened, at which location, what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from touchline.connections import Connection
from touchline.errors import TouchlineError


class LocationError(TouchlineError):
    """A location cannot be read now. Nothing of the file is in the warehouse, and the next run tries again."""


_LATER = "check host, port and network; the next run tries again"
_KNOWN: dict[str, tuple[str, str]] = {
    "HostKeyNotVerifiable": (
        "The server's host key is not known",
        "compare its fingerprint, then add it to ~/.ssh/known_hosts or as `host_key` to the connection's extra",
    ),
    "FileExpired": ("The file was changed while it was read", "the next run reads it anew"),
    "NoCredentialsError": ("No credentials were found", "name a `connection` in the source file"),
    "gaierror": ("The host is unknown", "check the location's host name"),
    "EndpointConnectionError": ("The store does not answer", _LATER),
    "PermissionDenied": ("The log-in was refused", "check login and secret of the connection"),
    "PermissionError": ("Access is refused", "check the connection and what its user may list and read"),
    "SFTPPermissionDenied": ("Access is refused", "check the connection and what its user may list and read"),
    "FileNotFoundError": ("There is no such bucket, folder or file", "check `location` in the source file"),
    "ConnectionRefusedError": ("The server does not answer", _LATER),
    "KeyImportError": ("A key of the connection cannot be read", "check private key, pass phrase and host key"),
}
_BROKEN = ("The connection broke or the server failed", _LATER)


@contextmanager
def told(where: str, connection: Connection | None) -> Iterator[None]:
    """Turn whatever a driver raises into a LocationError, without secrets."""
    try:
        yield
    except TouchlineError:
        raise
    except Exception as error:  # noqa: BLE001 - each driver has exceptions of its own
        raise _explained(error, where, connection) from None


def _explained(error: BaseException, where: str, connection: Connection | None) -> LocationError:
    names = [kind.__name__ for item in _chain(error) for kind in type(item).__mro__]
    what, todo = next((_KNOWN[name] for name in _KNOWN if name in names), _BROKEN)
    detail = str(error).partition("\n")[0][:200]
    detail = connection.redact(detail) if connection else detail
    shown = ": ".join(part for part in (type(error).__name__, detail) if part)
    return LocationError(f"{what} ({shown})", where=where, todo=todo)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(10):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
