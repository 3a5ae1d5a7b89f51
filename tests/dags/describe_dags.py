"""Parses the DAG files in a process without network and prints what it found as JSON; run by the tests."""

import json
import socket
import sys
from typing import Any, NoReturn

attempts: list[str] = []


def refuse(_: object, address: object, *__: object) -> NoReturn:
    attempts.append(str(address))
    raise OSError("no network while DAG files are parsed")


def describe(dag: Any) -> dict[str, Any]:
    waits_for = dag.timetable.asset_condition
    return {
        "file": dag.fileloc,
        "tags": sorted(dag.tags),
        "doc": dag.doc_md or "",
        "schedule": dag.schedule if isinstance(dag.schedule, str) else None,
        "waits_for": sorted(asset.name for asset in waits_for.objects) if waits_for else [],
        "max_active_runs": dag.max_active_runs,
        "catchup": dag.catchup,
        "timeout": dag.dagrun_timeout.total_seconds(),
        "params": {name: dag.params.get_param(name).schema.get("enum") for name in dag.params},
        "due_after": dag.deadline[0].interval.total_seconds() if dag.deadline else None,
        "tasks": {
            task.task_id: {
                "owner": task.owner,
                "retries": task.retries,
                "has_retry_policy": bool(task.retry_policy),
                "pool": task.pool,
                "timeout": task.execution_timeout.total_seconds() if task.execution_timeout else None,
                "outlets": sorted(asset.name for asset in task.outlets),
                "upstream": sorted(task.upstream_task_ids),
                "has_callback": bool(task.on_failure_callback),
            }
            for task in dag.tasks
        },
    }


def rules() -> dict[str, Any]:
    from touchline.errors import TouchlineError
    from touchline.orchestration import defaults

    errors = (TypeError("a"), KeyError("b"), OSError("c"), TouchlineError("d"))
    decided = {type(error).__name__: defaults.RETRY_POLICY.evaluate(error, 1, 3).action.value for error in errors}
    return {"tags": [tag.value for tag in defaults.Tag], "owner": defaults.PLATFORM_OWNER, "retries": decided}


def main(folder: str) -> None:
    # Airflow may do as it likes while it is imported; from here on it is the DAG files' doing.
    from airflow.dag_processing.dagbag import DagBag

    before = set(sys.modules)
    socket.socket.connect = refuse  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = refuse  # type: ignore[method-assign,assignment]
    bag = DagBag(folder)
    found = {
        "errors": {str(file): str(error) for file, error in bag.import_errors.items()},
        "dags": {dag_id: describe(dag) for dag_id, dag in bag.dags.items()},
        "connections": attempts,
        "imported": sorted({name.split(".")[0] for name in set(sys.modules) - before})
        + sorted(name for name in set(sys.modules) - before if name.startswith("touchline.")),
    }
    # The page imports more than a DAG file may: it comes last.
    from touchline.orchestration.reference import page

    found["reference"] = page(bag.dags)
    found["rules"] = rules()
    sys.stdout.write(json.dumps(found))


main(sys.argv[1])
