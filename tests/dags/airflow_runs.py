"""What the DAG tests hold in hand: Airflow in this process, and a webhook's inbox."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, select, text

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

    def run(self, dag_id: str, **conf: float | str) -> dict[str, set[str]]:
        """Run a DAG; the states of each task's instances by task id, and of the run under its dag id."""
        run = self.dags[dag_id].test(run_conf=conf)
        states: dict[str, set[str]] = {dag_id: {str(run.state)}}
        for task in run.get_task_instances():
            states.setdefault(task.task_id, set()).add(str(task.state))
        return states

    def miss_deadline(self, dag_id: str, state: str) -> tuple[bool, str | None]:
        """Make a run as a scheduler does, let it be in `state` at its deadline, run the callback as an executor does.

        What Airflow says of the callback: whether it went well, and its error.
        """
        import structlog
        from airflow.models.deadline import Deadline
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.sdk import timezone
        from airflow.sdk.execution_time.callback_supervisor import execute_callback
        from airflow.utils.session import create_session
        from airflow.utils.state import DagRunState
        from airflow.utils.types import DagRunTriggeredByType, DagRunType

        with create_session() as session:
            dag = SerializedDagModel.get_dag(dag_id, session=session)
            run = dag.create_dagrun(
                run_id=f"late_{timezone.utcnow().isoformat()}",
                run_after=timezone.utcnow(),
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.TEST,
                state=DagRunState.QUEUED,
                session=session,
            )
            session.flush()
            (deadline,) = session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id))
            run.set_state(DagRunState(state))
            deadline.handle_miss(session)
            session.flush()
            session.refresh(deadline.callback)  # as the scheduler's next look at the database finds it
            data = dict(deadline.callback.data)
            told = execute_callback(data["path"], data["kwargs"], "", None, structlog.get_logger())
            run.set_state(DagRunState.FAILED)
        return told

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
