"""A TCP proxy on loopback before a real server: it can go silent in the midst, as a host does whose cable was cut."""

import ctypes
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SO_ATTACH_FILTER = 26
_DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))  # BPF: return 0, keep no byte


class Proxy:
    """Forwards each connection to a Unix socket. After `limit` bytes from a client it calls `at_limit` once."""

    def __init__(
        self, target: Path, limit: int | None = None, at_limit: Callable[["Proxy"], None] | None = None
    ) -> None:
        self._target = target
        self._limit = limit
        self._at_limit = at_limit
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._clients: list[socket.socket] = []
        self._sockets: list[socket.socket] = [self._listener]
        self._sent = 0
        self._is_silent = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """From now on nothing is forwarded, and the kernel drops what clients send, unacknowledged."""
        self._is_silent.set()
        program = struct.pack("HL", 1, ctypes.addressof(_DROP_ALL))
        for client in self._clients:
            client.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)

    def close(self) -> None:
        """End every connection."""
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._target))
                self._clients.append(client)
                self._sockets += [client, server]
                if self._is_silent.is_set():
                    self.fall_silent()
                threading.Thread(target=self._forward, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._forward, args=(server, client, False), daemon=True).start()

    def _forward(self, origin: socket.socket, target: socket.socket, is_client: bool) -> None:
        with suppress(OSError):
            while data := origin.recv(65536):
                if is_client:
                    self._count(len(data))
                if self._is_silent.is_set():
                    return
                target.sendall(data)
        if not self._is_silent.is_set():
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR if is_client else socket.SHUT_RDWR)
                if not is_client:
                    # As the kernel of a server that died: what the client still sends is refused, not left unread.
                    target.close()

    def _count(self, size: int) -> None:
        self._sent += size
        if self._at_limit and self._limit is not None and self._sent > self._limit:
            action, self._at_limit = self._at_limit, None
            action(self)


@contextmanager
def proxy(target: Path, limit: int | None = None, at_limit: Callable[[Proxy], None] | None = None) -> Iterator[Proxy]:
    """A running proxy; all its connections end with the block."""
    made = Proxy(target, limit, at_limit)
    try:
        yield made
    finally:
        made.close()
