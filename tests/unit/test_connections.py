"""Connections: where they come from, which forms they have, and that nothing of them is shown."""

import json
from pathlib import Path
from typing import Any

import pytest

from touchline import connections
from touchline.errors import TouchlineError
from touchline.landing.store_options import options_of
from touchline.mapping import Source

SECRET = "s3cr3t/of:th@ store"
QUOTED = "s3cr3t%2Fof%3Ath%40%20store"

FORMS = {
    "uri": f"sftp://re%40der:{QUOTED}@sftp.example.com:2222?host_key=ssh-ed25519+AAAA",
    "uri with extra": f"sftp://re%40der:{QUOTED}@sftp.example.com:2222/?__extra__=%7B%22host_key%22%3A+%22ssh-ed25519+AAAA%22%7D",
    "json": json.dumps(
        {"conn_type": "sftp", "login": "re@der", "password": SECRET, "host": "sftp.example.com", "port": 2222,
         "extra": {"host_key": "ssh-ed25519 AAAA"}}
    ),
    "json with extra as text": json.dumps(
        {"login": "re@der", "password": SECRET, "host": "sftp.example.com", "port": "2222",
         "extra": '{"host_key": "ssh-ed25519 AAAA"}'}
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_forms_that_mean_the_same(form: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOUCHLINE_CONNECTION_MY_BOX_1", FORMS[form])
    found = connections.environment(tmp_path)("my-box.1")
    expected = ("re@der", SECRET, "sftp.example.com", 2222, {"host_key": "ssh-ed25519 AAAA"})
    assert (found.login, found.password, found.host, found.port, found.extra) == expected
    assert SECRET not in repr(found)


def test_a_file_of_the_secrets_folder(tmp_path: Path) -> None:
    path = tmp_path / "connections" / "box"
    path.parent.mkdir()
    path.write_text(FORMS["uri"] + "\n")
    path.chmod(0o640)
    with pytest.raises(TouchlineError, match="Others may read") as raised:
        connections.environment(tmp_path)("box")
    assert raised.value.todo == f"chmod 600 '{path}'"
    path.chmod(0o600)
    assert connections.environment(tmp_path)("box").password == SECRET


def test_a_missing_connection_says_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(TouchlineError, match="no connection 'box'") as raised:
        connections.environment(tmp_path)("box")
    assert "TOUCHLINE_CONNECTION_BOX" in str(raised.value)
    assert str(tmp_path / "connections" / "box") in str(raised.value)


@pytest.mark.parametrize(
    "text", [SECRET, f"//x:{SECRET}", '{"password": "s3cr3t', '{"port": "s3cr3t"}', '{"extra": "[1]"}']
)
def test_what_cannot_be_read_is_not_shown(text: str) -> None:
    with pytest.raises(TouchlineError, match="neither a URI nor JSON") as raised:
        connections.parse("box", text, "TOUCHLINE_CONNECTION_BOX")
    assert "s3cr3t" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_secrets_are_taken_out_of_messages() -> None:
    box = connections.Connection("box", password=SECRET, extra={"token": "t0ken", "client_kwargs": {"a": ["n3sted"]}})
    assert box.redact(f"bad {SECRET}, t0ken and n3sted") == "bad ***, *** and ***"


def test_host_keys_are_checked_whatever_a_connection_says() -> None:
    for extra in ({}, {"no_host_key_check": True}, {"known_hosts": None}, {"known_hosts": ""}):
        options = options_of("sftp://h/x", "sftp", connections.Connection("box", extra=extra))
        assert options["known_hosts"] == ()


def test_a_host_key_without_its_type() -> None:
    # The blob of an OpenSSH key begins with the length and the name of its type (RFC 4253, 6.6).
    blob = "AAAAC3NzaC1lZDI1NTE5AAAAIJ0Yx2dVpvQYkC6PwJ0yHVc2vF6q3bX5iHwX8v6k2l0M"
    options = options_of("sftp://h/x", "sftp", connections.Connection("box", extra={"host_key": blob}))
    assert options["known_hosts"] == f"* ssh-ed25519 {blob}\n".encode()


@pytest.mark.parametrize(
    "location",
    ["s3://AKIAX:s3cr3t@bucket", "s3://AKIAX@bucket", "sftp://me:s3cr3t@host/x", "https://h/x?X-Amz-Signature=s3cr3t",
     "simplecache::s3://bucket", "sftp://host/a/../../etc"],
)  # fmt: skip
def test_a_source_file_holds_no_secret(location: str) -> None:
    with pytest.raises(ValueError, match="a location") as raised:
        Source.model_validate(minimal(location=location))
    assert "a location" in str(raised.value)


def test_a_connection_belongs_to_a_url() -> None:
    for location in (None, "folder", "/folder"):
        with pytest.raises(ValueError, match="belongs to a location"):
            Source.model_validate(minimal(location=location, connection="box"))
    assert Source.model_validate(minimal(location="sftp://me@host/x", connection="box")).connection == "box"


def minimal(**fields: Any) -> dict[str, Any]:
    export = {"name": "contacts", "files": ["*"], "into": [{"entity": "contacts"}]}
    return {"source": "shop", "kind": "crm", "description": "d", "owner": "o", "exports": [export]} | fields
