"""Named connections: how to log in to the places exports lie in. They come from outside, never from a source file."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from touchline.errors import TouchlineError

OPEN_MODES = 0o077
_MIN_SECRET = 4
"""Shorter texts (a region's part, a yes) are not taken out of messages: nothing would be left to read."""


@dataclass(frozen=True)
class Connection:
    """The fields of an Airflow connection; `extra` are options of the store's driver."""

    name: str
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def redact(self, text: str) -> str:
        """`text` without the password and without any text of `extra`."""
        for secret in sorted({*_texts(self.extra), self.password or ""}, key=len, reverse=True):
            if len(secret) >= _MIN_SECRET:
                text = text.replace(secret, "***")
        return text


Connect = Callable[[str], Connection]
"""Gives the connection of a name, or raises TouchlineError."""


def environment(secrets_dir: Path) -> Connect:
    """Connections of the environment (`TOUCHLINE_CONNECTION_<NAME>`) and of the files `connections/<name>`."""
    return lambda name: _from_environment(name, secrets_dir)


def _from_environment(name: str, secrets_dir: Path) -> Connection:
    variable = f"TOUCHLINE_CONNECTION_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
    path = secrets_dir / "connections" / name
    if text := os.environ.get(variable):
        return parse(name, text, variable)
    try:
        if path.stat().st_mode & OPEN_MODES:
            todo = f"chmod 600 '{path}'"
            raise TouchlineError("Others may read the secrets of this connection", where=str(path), todo=todo)
        return parse(name, path.read_text(encoding="utf-8").strip(), str(path))
    except FileNotFoundError:
        todo = f"set {variable}, or write {path} (mode 0600), to a URI or JSON; in Airflow, a connection of this name"
        raise TouchlineError(f"There is no connection '{name}'", where=f"connection {name}", todo=todo) from None
    except (OSError, UnicodeDecodeError) as error:
        raise TouchlineError(f"The connection cannot be read: {type(error).__name__}", where=str(path)) from None


def parse(name: str, text: str, where: str) -> Connection:
    """A connection as Airflow writes it: a URI, or JSON with login, password, host, port and extra."""
    try:
        fields = json.loads(text) if text.startswith("{") else _uri_fields(text)
        return of_fields(name, fields)
    except (ValueError, TypeError, AttributeError):
        # The text holds secrets: nothing of it may be shown.
        todo = 'e.g. sftp://user:password@host:22 or {"login": "…", "password": "…", "extra": {…}}'
        raise TouchlineError(f"Connection '{name}' is neither a URI nor JSON", where=where, todo=todo) from None


def of_fields(name: str, fields: Mapping[str, Any]) -> Connection:
    """A connection from Airflow's field names; `extra` may be an object or JSON text. Raises ValueError, TypeError."""
    extra = fields.get("extra") or {}
    options = json.loads(extra) if isinstance(extra, str) else extra
    if not isinstance(options, dict):
        raise TypeError("extra is an object")
    port = fields.get("port")
    return Connection(
        name,
        login=fields.get("login") or None,
        password=fields.get("password") or None,
        host=fields.get("host") or None,
        port=int(port) if port else None,
        extra=options,
    )


def _uri_fields(text: str) -> dict[str, Any]:
    url = urlsplit(text)
    if not url.scheme:
        raise ValueError("no scheme")
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    extra = query.pop("__extra__", None)
    return {
        "login": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "host": unquote(url.hostname or ""),
        "port": url.port,
        "extra": json.loads(extra) if extra else query,
    }


def _texts(value: Any) -> set[str]:
    match value:
        case str():
            return {value}
        case Mapping():
            return {text for item in value.values() for text in _texts(item)}
        case list():
            return {text for item in value for text in _texts(item)}
    return set()
