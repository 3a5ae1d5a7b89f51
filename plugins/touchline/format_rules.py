"""What a format may say: mistakes are told before a file is read."""

import codecs
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

DELIMITED = ("csv", "tsv")
TEXT = (*DELIMITED, "fixed_width", "jsonl", "json")
_ONLY_FOR = {
    "encoding": TEXT,
    "delimiter": DELIMITED,
    "quote": DELIMITED,
    "header": (*DELIMITED, "jsonl", "json", "xlsx"),
    "fields": ("fixed_width",),
    "records": ("json",),
    "sheet": ("xlsx",),
    "members": TEXT,
}


def check_encoding(name: str) -> str:
    """Any text encoding Python knows."""
    try:
        # codecs has no public word for the difference between a text encoding and a transform such as rot13.
        if not isinstance("".encode(name), bytes) or codecs.lookup(name).name == "undefined":
            raise LookupError(name)
    except (LookupError, UnicodeError):
        raise ValueError(f"Python knows no text encoding '{name}'") from None
    return name


def check_header(value: Any) -> Any:
    """True or a list of different names."""
    if value is True:
        return value
    if not isinstance(value, list | tuple) or not value or not all(isinstance(name, str) for name in value):
        raise ValueError("true, or for a file without header the list of its columns as texts")
    if len(set(value)) != len(value):
        raise ValueError("a column is listed twice")
    return value


def check_character(value: str | None) -> str | None:
    """A delimiter or quote: one character that ends no line."""
    if value is not None and (len(value) != 1 or value in "\r\n"):
        raise ValueError("must be one character, and no line end")
    return value


def check_location(value: str) -> str:
    """A path, or a URL that says where and nothing else: no secrets, no options, no chains of protocols."""
    if "://" not in value:
        return value
    url = urlsplit(value)
    is_login_of_host = url.scheme in ("sftp", "ssh", "ftp")
    if url.password is not None or ("@" in url.netloc and not is_login_of_host):
        raise ValueError("a location holds no log-in: keep it as a connection and name that in `connection`")
    if url.query or url.fragment or "::" in value or ".." in url.path.split("/"):
        raise ValueError("a location is scheme://host-or-bucket/path, without ?, #, :: and ..")
    return value


def check_positions(value: dict[str, tuple[int, int]] | None) -> dict[str, tuple[int, int]] | None:
    """Fixed-width columns begin at 1 and are at least 1 wide."""
    if value is not None and (not value or any(min(pair) < 1 for pair in value.values())):
        raise ValueError("give for each column its first position, from 1, and its width")
    return value


def check_options(kind: str, given: Collection[str]) -> None:
    """Options that mean nothing for this type of format are mistakes."""
    for option in given:
        if option in _ONLY_FOR and kind not in _ONLY_FOR[option]:
            raise ValueError(f"`{option}` is for {', '.join(_ONLY_FOR[option])}, not for {kind}")
    if kind == "fixed_width" and "fields" not in given:
        raise ValueError("fixed_width needs `fields`")
