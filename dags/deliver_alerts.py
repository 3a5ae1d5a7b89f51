"""Airflow DAG: every ten minutes, deliver the alerts that wait, and miss the runs that did not come."""

from datetime import timedelta

from airflow.sdk import dag, task

from touchline.orchestration.callbacks import clear_failure
from touchline.orchestration.defaults import Tag, dag_options

NOTES = """\
### The outbox of alerts

Delivers what no channel has taken yet, raises an alert when no run has ended well for `TOUCHLINE_OVERDUE_HOURS`, and
writes the daily digest with the first run of each day (UTC). Owner: data-platform.

- **May be ignored:** a red run that the next one made green: a channel did not answer, its messages wait.
- **Wakes someone:** nobody by itself. Red for hours: no alert gets out; look at once.
- **Where to look:** the log of `deliver_messages` names the channels; `touchline incidents list` shows what is open.
  See `docs/runbook.md`.
"""


@dag(
    dag_id="deliver_alerts",
    description="Deliver waiting alerts, the daily digest and the dead-man's switch",
    schedule="*/10 * * * *",
    tags=[Tag.PUBLISH],
    doc_md=NOTES,
    **dag_options(due_after=timedelta(minutes=30)),
)
def deliver_alerts() -> None:
    @task(retries=1, on_success_callback=clear_failure)
    def deliver_messages() -> None:
        """Deliver; fails while a message waits for a channel, so that the run says so."""
        from touchline.alerting import dispatch
        from touchline.errors import TouchlineError
        from touchline.settings import get_settings

        settings = get_settings()
        rounds = [dispatch.deliver(settings), dispatch.digest(settings)[1]]
        if failures := [failure for found in rounds for failure in found.failures]:
            raise TouchlineError("; ".join(failures), todo="see the channels in TOUCHLINE_ALERT_ROUTES")

    deliver_messages()


deliver_alerts()
