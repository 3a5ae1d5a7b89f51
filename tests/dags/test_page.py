"""Touchline's page in Airflow's own web interface: a real api-server, a real log-in, a real browser."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from support.receivers import free_port
from touchline import warehouse
from touchline.alerting import incidents
from touchline.alerting.alerts import Alert, Kind
from touchline.orchestration import supervisor
from touchline.orchestration.airflow_home import HOST, USER, AirflowHome
from touchline.pg_binaries import wait_until
from touchline.settings import Settings

PATIENCE_SECONDS = 240
"""Only an end to waiting."""
HOSTILE = "<script>document.title = 'run'</script>"


@pytest.fixture(scope="module")
def server(airflow_settings: Settings) -> Iterator[str]:
    """Address of an api-server of the state folder; a report and an incident with a hostile title are there."""
    home = AirflowHome(airflow_settings)
    home.prepare()
    report = airflow_settings.reports_dir / "index.html"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("<title>Report</title>the report", encoding="utf-8")
    alert = Alert(
        kind=Kind.DAG_FAILED,
        scope="page",
        title=f"Look at {HOSTILE}",
        what="what it says of rows",
        where="here",
        how_many="one",
        owner="somebody",
        next_step="look",
    )
    incidents.enter(warehouse.engine(airflow_settings), alert, "docs/runbook.md", is_told=True)
    port = free_port()
    command = [sys.executable, "-m", "airflow", "api-server"]
    log = (home.logs / "page.log").open("wb")
    process = subprocess.Popen(command, env=home.environment(port), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        is_up = wait_until(lambda: supervisor.read_health(port).get("api-server", False), PATIENCE_SECONDS)
        assert is_up, (home.logs / "page.log").read_text(encoding="utf-8")[-3000:]
        yield f"http://{HOST}:{port}"
    finally:
        process.terminate()
        process.wait()
        log.close()
        report.unlink()
        incidents.resolve_causes(warehouse.engine(airflow_settings), [alert.cause])


@pytest.fixture(scope="module")
def password(airflow_settings: Settings, server: str) -> str:
    found: str = json.loads(AirflowHome(airflow_settings).passwords.read_text(encoding="utf-8"))[USER]
    return found


@pytest.fixture(scope="module")
def token(server: str, password: str) -> str:
    body = json.dumps({"username": USER, "password": password})
    status, _, text = ask(server, "POST", "/auth/token", body=body, headers={"Content-Type": "application/json"})
    assert status == HTTPStatus.CREATED
    found: str = json.loads(text)["access_token"]
    return found


def ask(
    server: str, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer. The path goes out as it is: no client tidies it up."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", ["/", "/report/", "/report/index.html", "/docs", "/openapi.json", "/nothing"])
def test_nobody_sees_anything_without_a_log_in(server: str, path: str) -> None:
    status, _, text = ask(server, "GET", f"/touchline{path}")
    assert status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
    assert "report" not in text
    assert "incident" not in text.lower()
    forged = {"Authorization": "Bearer e30.e30.e30", "Cookie": "_token=e30.e30.e30"}
    assert ask(server, "GET", f"/touchline{path}", headers=forged)[0] in (403, 404)


def test_whoever_is_logged_in_sees_what_status_says(server: str, token: str) -> None:
    status, headers, text = ask(server, "GET", "/touchline/", headers=bearer(token))
    assert status == HTTPStatus.OK
    assert "Look at &lt;script&gt;" in text
    assert HOSTILE not in text
    assert "what it says of rows" not in text
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_the_report_is_served_and_nothing_beside_it(airflow_settings: Settings, server: str, token: str) -> None:
    for path in ("/touchline/report/", "/touchline/report/index.html"):
        status, _, text = ask(server, "GET", path, headers=bearer(token))
        assert (status, "the report" in text) == (HTTPStatus.OK, True)
    beside = next(airflow_settings.secrets_dir.glob("*password*"))
    (airflow_settings.reports_dir / "link").symlink_to(beside)
    for path in (f"../secrets/{beside.name}", f"%2e%2e/secrets/{beside.name}", f"..%2Fsecrets%2F{beside.name}", "link"):
        status, _, text = ask(server, "GET", f"/touchline/report/{path}", headers=bearer(token))
        assert status == HTTPStatus.NOT_FOUND, path
        assert beside.read_text(encoding="utf-8") not in text


def test_a_warehouse_without_its_schema_is_told(server: str, token: str, airflow_settings: Settings) -> None:
    owner = warehouse.engine(airflow_settings)
    with owner.begin() as connection:
        connection.exec_driver_sql("revoke usage on schema ops from touchline_watcher")
    try:
        status, _, text = ask(server, "GET", "/touchline/", headers=bearer(token))
    finally:
        with owner.begin() as connection:
            connection.exec_driver_sql("grant usage on schema ops to touchline_watcher")
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert "touchline upgrade" in text


def test_the_page_stands_in_the_navigation(server: str, password: str, browser: Browser) -> None:
    page = browser.new_page()
    page.set_default_timeout(1000 * PATIENCE_SECONDS)
    page.goto(f"{server}/")
    page.get_by_label("Username").fill(USER)
    page.locator("input[type=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Touchline").click()
    frame = page.frame_locator("iframe[title=Touchline]")
    frame.get_by_role("heading", name="Touchline").wait_for()
    assert frame.get_by_text(f"Look at {HOSTILE}").is_visible()
    frame.get_by_role("link", name="Open the report").click()
    frame.get_by_text("the report").wait_for()
    page.close()
