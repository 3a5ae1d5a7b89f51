"""The connection a load is sent over."""

import os
import socket
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from touchline.landing.transactions import SEND_BYTES, driver_connection

LIMIT = Path("/proc/sys/net/core/wmem_max")


def test_a_local_server_may_read_on_while_rows_are_made(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with (
        driver_connection(engine) as connection,
        socket.socket(fileno=os.dup(connection.fileno())) as same,
    ):
        if same.family != socket.AF_UNIX:
            pytest.skip("the server of the tests is reached by network here, whose sockets the system widens")
        if not LIMIT.exists():
            pytest.skip("how wide a socket may be is known on Linux only")
        assert same.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) >= min(SEND_BYTES, int(LIMIT.read_text()))
    engine.dispose()
