"""A real SMTP server and a real webhook on loopback that keep what they receive."""

import email
import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

CHOSEN_PORTS = (20_000, 32_000)
"""Below those that Linux hands out by itself, of which a server or a client beside this one may get any."""


class Mailbox:
    """Keeps every mail an SMTP server took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = cast("bytes", envelope.content)
        self.mails.append(email.message_from_bytes(content, policy=default))
        return "250 OK"


class Webhook(BaseHTTPRequestHandler):
    """Keeps every JSON body posted to it; answers with the status set, or not at all while `hangs` is not set."""

    received: ClassVar[list[dict[str, Any]]] = []
    asked: ClassVar[list[str]] = []
    status: ClassVar[int] = 200
    hangs: ClassVar[threading.Event | None] = None

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        if self.hangs is not None:
            self.hangs.wait(60)
            return
        self.received.append(body)
        self.send_response(self.status)
        self.end_headers()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test output quiet."""


def free_port() -> int:
    """A port nobody listens at. The system gives none of these to those who let it choose, before it is used."""
    while True:
        port = random.SystemRandom().randint(*CHOSEN_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def mailbox_server() -> Iterator[tuple[Mailbox, str]]:
    """What the server took, and its Apprise URL."""
    mailbox, port = Mailbox(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, f"mailto://127.0.0.1:{port}?from=touchline@example.com&to=owner@example.com"
    finally:
        controller.stop()


@contextmanager
def webhook_server() -> Iterator[tuple[type[Webhook], str]]:
    """What was posted, and the hook's Apprise URL."""
    handler = type("Hook", (Webhook,), {"received": [], "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield handler, f"json://127.0.0.1:{server.server_port}/hooks/path-t0ken?+X-Auth=header-t0ken"
    finally:
        if handler.hangs is not None:
            handler.hangs.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def smtp() -> Iterator[tuple[Mailbox, str]]:
    with mailbox_server() as server:
        yield server


@pytest.fixture
def webhook() -> Iterator[tuple[type[Webhook], str]]:
    with webhook_server() as server:
        yield server
