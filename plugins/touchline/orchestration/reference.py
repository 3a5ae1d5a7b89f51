"""The page docs/dags.md: what each DAG does, when, how soon, and what its notes say. Written from the DAGs themselves.

Runs as `python -m touchline.orchestration.reference PAGE`.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from touchline.orchestration.airflow_home import AirflowHome
from touchline.settings import Settings, get_settings

if TYPE_CHECKING:
    from airflow.sdk import DAG

INGEST = "ingest_"
NOWHERE = SecretStr("postgresql+psycopg://nobody@/nowhere?host=/nonexistent&port=1")
HEADER = """\
# DAGs

Written by `make dag-reference` from the DAGs themselves; a test fails when it is out of date. Times are UTC. A run that
has not ended so long after it was queued is told as [`dag-late`](runbook.md#dag-late).
"""


def page(dags: Mapping[str, "DAG"]) -> str:
    """The whole page as Markdown. DAGs of sources share one section, since they differ in what a table can say."""
    sources = [dags[name] for name in sorted(dags) if name.startswith(INGEST)]
    others = [dags[name] for name in sorted(dags) if not name.startswith(INGEST)]
    parts = [HEADER, _overview([*sources, *others])]
    if sources:
        parts += [f"## {INGEST}SOURCE\n", *_body(sources[0], _notes_of_a_source())]
    for dag in others:
        parts += [f"## {dag.dag_id}\n", *_body(dag, dag.doc_md or "")]
    return "\n".join(parts)


def _overview(dags: Iterable["DAG"]) -> str:
    rows = (
        (f"`{dag.dag_id}`", dag.description or "", _schedule(dag), _due(dag), _owner(dag), ", ".join(sorted(dag.tags)))
        for dag in dags
    )
    return _table(("DAG", "Does", "Runs", "Due after", "Owner", "Tags"), rows)


def _body(dag: "DAG", notes: str) -> Iterator[str]:
    tasks: list[Any] = dag.topological_sort()  # type: ignore[no-untyped-call]
    yield notes
    yield _table(
        ("Task", "Does", "After", "Tried again", "Ends after", "Announces"),
        (
            (
                f"`{task.task_id}`",
                _doc(task),
                _names(task.upstream_task_ids),
                f"{task.retries} times",
                _time(task),
                _out(task),
            )
            for task in tasks
        ),
    )
    if dag.params:
        params = ((f"`{name}`", str(param.description or ""), f"`{param.value}`") for name, param in _params(dag))
        yield _table(("Parameter", "Means", "Default"), params)


def _params(dag: "DAG") -> list[tuple[str, Any]]:
    return [(name, dag.params.get_param(name)) for name in dag.params]


def _notes_of_a_source() -> str:
    from touchline.orchestration.ingest import NOTES

    names = ("description", "source", "kind", "place", "owner")
    return NOTES.format_map({name: name.upper() for name in names})


def _schedule(dag: "DAG") -> str:
    timetable: Any = dag.timetable
    schedule: Any = dag.schedule
    clock = schedule if isinstance(schedule, str) else getattr(getattr(schedule, "timetable", None), "expression", "")
    causes = [f"`{clock}`" if clock else "", _assets(timetable.asset_condition)]
    return " and on a change of ".join(filter(None, causes)) or "by hand"


def _assets(condition: Any) -> str:
    names = sorted(asset.name for asset in condition.objects) if condition else []
    told = ["any raw asset" if name.startswith("touchline://raw/") else f"`{name}`" for name in names]
    return ", ".join(dict.fromkeys(told))


def _out(task: Any) -> str:
    # Of a source's DAG the entities are the source's own.
    own = task.dag_id.startswith(INGEST)
    return "its entities" if own and task.outlets else ", ".join(sorted(f"`{asset.name}`" for asset in task.outlets))


def _due(dag: "DAG") -> str:
    alerts: Any = dag.deadline or []
    return ", ".join(_span(alert.interval) for alert in (alerts if isinstance(alerts, list) else [alerts]))


def _time(task: Any) -> str:
    return _span(task.execution_timeout) if task.execution_timeout else ""


def _span(interval: timedelta) -> str:
    minutes = int(interval.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _owner(dag: "DAG") -> str:
    return ", ".join(sorted({task.owner for task in dag.tasks}))


def _doc(task: Any) -> str:
    from touchline import steps
    from touchline.orchestration.building import STEPS

    # One task function runs them all; what each does, its step says.
    text = getattr(steps, task.task_id).__doc__ if task.task_id in STEPS else task.doc_md
    text = text or getattr(getattr(task, "python_callable", None), "__doc__", None) or ""
    return " ".join(text.strip().partition("\n\n")[0].split())


def _names(task_ids: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(task_ids))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def _main(target: Path) -> None:
    with TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), project_dir=get_settings().project_dir, database_url=NOWHERE)
        # Airflow reads its environment when it is imported, once.
        os.environ |= AirflowHome(settings).environment()
        get_settings.cache_clear()
        from airflow.dag_processing.dagbag import DagBag

        bag = DagBag(str(settings.project_dir / "dags"))
        if bag.import_errors:
            sys.exit(f"DAG files cannot be read: {bag.import_errors}")
        target.write_text(page(bag.dags), encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
