"""Real stores on loopback: an S3 server, an SFTP server, and a line to them that can be watched and cut."""

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import asyncssh
import boto3
import pytest
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

LOGIN, PASSWORD = "touchline-reader", "s3cr3t-of-the-st0re"


class Line:
    """A TCP proxy. `sent` is what clients said; after `cut_after` bytes of an answer the connection is reset."""

    def __init__(self, port: int) -> None:
        self.sent = b""
        self.cut_after: int | None = None
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                self.sent += data
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while data := server.recv(65536):
                passed += len(data)
                if self.cut_after is not None and passed > self.cut_after:
                    break
                client.sendall(data)
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@dataclass
class S3:
    """An S3 server with one bucket, `exports`; `line` leads to it."""

    client: Any
    line: Line
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.line.port}"

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket="exports", Key=key, Body=content)

    def check_log_ins(self, after: str) -> None:
        """Log-ins are checked after so many requests from now on; nobody's is known."""
        url = f"http://127.0.0.1:{self.port}/moto-api/reset-auth"
        plain = {"Content-Type": "text/plain"}
        with urlopen(Request(url, after.encode(), plain)):
            pass

    def requests(self, word: bytes) -> int:
        """How many requests for something that holds this word were made."""
        lines = self.line.sent.split(b"\r\n")
        return sum(line.startswith((b"GET ", b"HEAD ")) and word in line for line in lines)


@pytest.fixture
def s3_server() -> Iterator[S3]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    s3_backends.reset()  # they are shared by all servers of a process
    port = server.get_host_and_port()[1]
    line = Line(port)
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="writer",
        aws_secret_access_key="writer",
    )
    client.create_bucket(Bucket="exports")
    made = S3(client, line, port)
    yield made
    made.check_log_ins(after="inf")
    line.close()
    server.stop()


@dataclass
class Sftp:
    """An SFTP server that serves `folder` as its root; it notes what is opened and who logs in."""

    folder: Path
    host_key: str
    port: int = 0
    line: Line | None = None
    opened: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    log_ins: list[str] = field(default_factory=list)
    forbidden: str = ""
    grows: str = ""

    @property
    def url(self) -> str:
        return f"sftp://127.0.0.1:{self.line.port if self.line else self.port}"


@contextmanager
def sftp_at(folder: Path) -> Iterator[Sftp]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    sftp = Sftp(folder, key.export_public_key().decode().strip())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    async def listen() -> Any:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[key],
            server_factory=lambda: _Door(sftp),
            sftp_factory=lambda channel: _Files(channel, sftp),
        )

    listener = wait(listen())
    sftp.port = listener.get_port()
    sftp.line = Line(sftp.port)
    try:
        yield sftp
    finally:
        sftp.line.close()
        loop.call_soon_threadsafe(listener.close)
        wait(listener.wait_closed())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def sftp_server(tmp_path: Path) -> Iterator[Sftp]:
    folder = tmp_path / "sftp"
    folder.mkdir()
    with sftp_at(folder) as server:
        yield server


class _Door(asyncssh.SSHServer):
    def __init__(self, sftp: Sftp) -> None:
        self._sftp = sftp

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._sftp.log_ins.append(username)
        return (username, password) == (LOGIN, PASSWORD)


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: Any, sftp: Sftp) -> None:
        self._sftp = sftp
        super().__init__(channel, chroot=str(sftp.folder).encode())

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        name = path.decode("utf-8", "replace").lstrip("/")
        if self._sftp.forbidden and self._sftp.forbidden in name:
            raise asyncssh.SFTPPermissionDenied("not yours")
        self._sftp.opened.append(name)
        opened = super().open(path, pflags, attrs)
        if name == self._sftp.grows:
            with (self._sftp.folder / name).open("ab") as file:
                file.write(b"one more line\n")
        return opened

    def scandir(self, path: bytes) -> Any:
        self._sftp.listed.append(path.decode("utf-8", "replace"))
        return super().scandir(path)
