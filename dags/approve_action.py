"""Airflow DAG: somebody asks for an override or another weighty action, a second person answers, the answer is kept."""

from datetime import timedelta

from airflow.sdk import chain, dag

from touchline.orchestration import approving
from touchline.orchestration.callbacks import alert_failure, clear_failure
from touchline.orchestration.defaults import Tag, dag_options

NOTES = """\
### What needs a second person

Trigger it with an action, its arguments, a reason and a number of days. One of `TOUCHLINE_APPROVERS`, or where none are
named whoever may edit runs, finds the question under *Required actions* and answers it. Owner: data-platform.

- **May be ignored:** runs that end skipped: the answer was no, or nobody answered for three days. A red
  `check_request`: the request made no sense, its log says why.
- **Wakes someone:** nobody. A question that waits for a day is told as late.
- **Where to look:** `ops.approvals` keeps who asked for what, who answered, when, and what was done. The same by hand,
  for one person alone: `touchline loads accept`, `touchline builds accept`, `touchline erase`. See `docs/approvals.md`.
"""

options = dag_options(due_after=timedelta(days=1))
options |= {"max_active_runs": 16, "dagrun_timeout": timedelta(days=4)}
options["default_args"] |= {"on_failure_callback": alert_failure, "on_success_callback": clear_failure}


@dag(
    dag_id="approve_action",
    description="Ask a second person before an override or an erasure",
    schedule=None,
    tags=[Tag.APPROVE],
    params=approving.PARAMS,
    doc_md=NOTES,
    **options,
)
def approve_action() -> None:
    chain(approving.check_request(), approving.ask_person(), approving.apply_answer())


approve_action()
