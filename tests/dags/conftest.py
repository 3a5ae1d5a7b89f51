"""A warehouse with Airflow's metadata beside it on a real embedded Postgres, and a way to run DAGs in this process."""

import json
import sys
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from airflow_runs import Airflow, Inbox
from pydantic import SecretStr

from touchline import synthetic, warehouse
from touchline.orchestration.airflow_home import AirflowHome
from touchline.server import EmbeddedServer
from touchline.settings import Settings, get_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def inbox() -> Iterator[Inbox]:
    """A webhook that takes alerts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.titles.append(body["title"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received = Inbox(f"json://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def airflow_settings(tmp_path_factory: pytest.TempPathFactory, inbox: Inbox) -> Iterator[Settings]:
    """A migrated warehouse on a server of its own, with a small brand's exports in the landing folder."""
    home = tmp_path_factory.mktemp("airflow") / "home"
    settings = Settings(home=home, project_dir=ROOT, alert_urls=[SecretStr(inbox.url)])
    server = EmbeddedServer(home)
    try:
        warehouse.ensure_server(settings)
        warehouse.migrate(settings)
        synthetic.generate(settings.landing_dir, seed=7, customers=150, days=60, end=date(2026, 6, 30))
        yield settings
    finally:
        server.stop("immediate")


@pytest.fixture(scope="session")
def airflow(airflow_settings: Settings) -> Iterator[Airflow]:
    """Airflow in this process; the environment is set before its first import, which reads it for good."""
    assert "airflow" not in sys.modules, "something imported airflow before its environment was set"
    home = AirflowHome(airflow_settings)
    home.prepare()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.environment().items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        from airflow.dag_processing.dagbag import DagBag

        from touchline.orchestration.dag_runs import attend

        bag = DagBag(str(ROOT / "dags"))
        assert bag.import_errors == {}
        for dag in bag.dags.values():
            attend(dag)  # a test shows the first failure
        yield Airflow(airflow_settings, bag.dags)
    get_settings.cache_clear()
