"""Channels: one message over one Apprise URL, in bounded time.

Channel URLs carry passwords and tokens, so only a shortened form of them ever leaves this module.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from touchline.alerting.alerts import MessageSeverity

if TYPE_CHECKING:
    from apprise import NotifyBase


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent."""

    title: str
    body: str
    severity: MessageSeverity


def send(message: Message, url: SecretStr) -> str | None:
    """Send over one channel; None if it took the message, else its name and why it did not. Never raises.

    A channel that does not answer is given up after Apprise's time-outs, 4 s unless the URL says otherwise.
    """
    import apprise

    types = {
        "critical": apprise.NotifyType.FAILURE,
        "warning": apprise.NotifyType.WARNING,
        "resolved": apprise.NotifyType.SUCCESS,
        "digest": apprise.NotifyType.INFO,
    }
    with _quiet():
        plugin = apprise.Apprise.instantiate(url.get_secret_value())
        if plugin is None:
            return "a channel's URL is not one that Apprise understands"
        channel = apprise.Apprise()
        channel.add(plugin)
        try:
            is_sent = channel.notify(
                title=message.title,
                body=message.body,
                notify_type=types[message.severity],
                body_format=apprise.NotifyFormat.TEXT,
            )
        except Exception as error:  # noqa: BLE001 - a broken channel must not keep the others from being told
            return f"{_name(plugin)}: the channel raised {type(error).__name__}"
        return None if is_sent else f"{_name(plugin)}: the channel is unreachable or refused the message"


def is_understood(url: SecretStr) -> bool:
    """Whether Apprise knows the URL's service and form; nothing is sent."""
    import apprise

    with _quiet():
        return apprise.Apprise.instantiate(url.get_secret_value()) is not None


def fingerprint(url: SecretStr) -> str:
    """Names a channel where its URL must not stand."""
    return sha256(url.get_secret_value().encode()).hexdigest()[:16]


def _name(plugin: "NotifyBase") -> str:
    # Apprise masks passwords only: webhook paths and headers, where tokens also live, are cut off.
    parts = urlsplit(str(plugin.url(privacy=True)))  # type: ignore[no-untyped-call]
    # Chat services keep their token where others name a host.
    host = parts.netloc.rpartition("@")[2] if parts.scheme in _HOSTED else "…"
    return f"{parts.scheme}://{host}"


_HOSTED = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos"})


@contextmanager
def _quiet() -> Iterator[None]:
    # Apprise logs URLs it cannot read and addresses it writes to; urllib3 logs paths, where tokens live.
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3")]
    levels = [channel_logger.level for channel_logger in loggers]
    for channel_logger in loggers:
        channel_logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for channel_logger, level in zip(loggers, levels, strict=True):
            channel_logger.setLevel(level)
