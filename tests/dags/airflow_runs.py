"""What the DAG tests hold in hand: Airflow in this process, and a webhook's inbox."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, text

from touchline import warehouse
from touchline.orchestration.airflow_home import metadata_url
from touchline.settings import Settings


@dataclass
class Inbox:
    """What a webhook on loopback has received."""

    url: str
    titles: list[str] = field(default_factory=list)


@dataclass
class Airflow:
    """DAGs loaded once, run with `dag.test()`, and what the metadata database says of them."""

    settings: Settings
    dags: dict[str, Any]

    def run(self, dag_id: str, **conf: float) -> dict[str, set[str]]:
        """Run a DAG; the states of each task's instances by task id, and of the run under its dag id."""
        run = self.dags[dag_id].test(run_conf=conf)
        states: dict[str, set[str]] = {dag_id: {str(run.state)}}
        for task in run.get_task_instances():
            states.setdefault(task.task_id, set()).add(str(task.state))
        return states

    def asset_events(self) -> list[str]:
        """Names of the assets of all events so far."""
        engine = create_engine(metadata_url(self.settings))
        with engine.connect() as connection:
            sql = "select name from asset_event join asset on asset.id = asset_event.asset_id order by asset_event.id"
            names = list(connection.scalars(text(sql)))
        engine.dispose()
        return names

    def ledger(self, sql: str) -> list[tuple[Any, ...]]:
        with warehouse.engine(self.settings).connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]
