"""From a location and a connection to the options of the store's driver."""

import base64
from typing import Any
from urllib.parse import urlsplit

from touchline.connections import Connection
from touchline.errors import TouchlineError

_TIMEOUT_SECONDS = 30
_BLOCK_BYTES = 8 << 20
"""What the S3 driver asks for at a time; its own choice would hold 100 MB."""
_S3_NAMES = {"aws_session_token": "token", "profile_name": "profile"}


def options_of(location: str, protocol: str, connection: Connection | None) -> dict[str, Any]:
    """Options for `UPath(location, …)`. Each store has a driver of its own: listings and log-ins are not shared."""
    given = connection or Connection("none")
    _check_host(location, given)
    if protocol in ("s3", "s3a"):
        options = _s3(given, location)
    elif protocol in ("sftp", "ssh"):
        options = _ssh(given, location)
    else:
        named = {"username": given.login, "password": given.password, "host": given.host, "port": given.port}
        options = {name: value for name, value in named.items() if value is not None} | dict(given.extra)
        options["use_listings_cache"] = False
    return options | {"skip_instance_cache": True}


def _check_host(location: str, given: Connection) -> None:
    """A secret is sent to its own host only."""
    host = urlsplit(location).hostname
    if given.host and host and given.host.lower() != host.lower() and urlsplit(location).scheme not in ("s3", "s3a"):
        what = f"Connection '{given.name}' is for another host"
        raise TouchlineError(
            what, where=location, todo="name the connection's host in `location`, or none: sftp:///path"
        )


def _s3(given: Connection, location: str) -> dict[str, Any]:
    if given.host:
        todo = 'name it in the extra: {"endpoint_url": "https://…"}'
        raise TouchlineError(
            f"Connection '{given.name}' names a host, which S3 does not use", where=location, todo=todo
        )
    extra = {_S3_NAMES.get(name, name): value for name, value in given.extra.items()}
    client = {**extra.pop("client_kwargs", {})}
    if region := extra.pop("region_name", None):
        client["region_name"] = region
    timeouts = {"connect_timeout": _TIMEOUT_SECONDS, "read_timeout": _TIMEOUT_SECONDS}
    login = {"key": given.login, "secret": given.password} if given.login else {}
    return {
        "default_block_size": _BLOCK_BYTES,
        "use_listings_cache": False,
        **login,
        **extra,
        "client_kwargs": client,
        "config_kwargs": timeouts | extra.get("config_kwargs", {}),
    }


def _ssh(given: Connection, location: str) -> dict[str, Any]:
    """Options of asyncssh. Host keys are always checked, whatever a connection says."""
    extra = dict(given.extra)
    extra.pop("no_host_key_check", None)
    url = urlsplit(location)
    options: dict[str, Any] = {
        # Empty, not None: None would trust any host.
        "known_hosts": _known_hosts(extra.pop("host_key", None), extra.pop("known_hosts", None)),
        "sftp_client_kwargs": {"path_errors": "surrogateescape"},
        "connect_timeout": _TIMEOUT_SECONDS,
        "login_timeout": _TIMEOUT_SECONDS,
        "keepalive_interval": _TIMEOUT_SECONDS // 2,
        "host": url.hostname or given.host,
        "port": url.port or given.port or 22,
    }
    if user := url.username or given.login:
        options["username"] = user
    if given.password:
        options["password"] = given.password
    options |= _client_key(extra)
    if not options["host"]:
        raise TouchlineError("No host is named", where=location, todo="sftp://host/path, or name it in the connection")
    return extra | options


def _known_hosts(host_key: str | None, path: str | None) -> bytes | str | tuple[()]:
    if host_key is None:
        return path or ()
    words = host_key.split()
    if len(words) == 1:
        # Airflow lets the type be left out; the key's own first field tells it.
        blob = base64.b64decode(words[0])
        words.insert(0, blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii"))
    return f"* {words[0]} {words[1]}\n".encode("ascii")


def _client_key(extra: dict[str, Any]) -> dict[str, Any]:
    path, text = extra.pop("key_file", None), extra.pop("private_key", None)
    phrase = extra.pop("private_key_passphrase", None)
    if text:
        import asyncssh

        return {"client_keys": [asyncssh.import_private_key(text, phrase)]}
    return {"client_keys": [path]} | ({"passphrase": phrase} if phrase else {}) if path else {}
